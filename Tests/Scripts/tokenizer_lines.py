"""Lines that are hard for tokenizers: many scripts, spaces, numbers, code, and characters at the
edges of Unicode. Most of the sentences say what article 1 of the Universal Declaration of Human
Rights says; the declaration is in the public domain."""

SENTENCES = [
    "All human beings are born free and equal in dignity and rights.",
    "Alle Menschen sind frei und gleich an Würde und Rechten geboren.",
    "Tous les êtres humains naissent libres et égaux en dignité et en droits.",
    "Todos los seres humanos nacen libres e iguales en dignidad y derechos.",
    "Todos os seres humanos nascem livres e iguais em dignidade e em direitos.",
    "Tutti gli esseri umani nascono liberi ed eguali in dignità e diritti.",
    "Wszyscy ludzie rodzą się wolni i równi pod względem swej godności i swych praw.",
    "Všichni lidé rodí se svobodní a sobě rovní co do důstojnosti a práv.",
    "Minden emberi lény szabadon születik és egyenlő méltósága és joga van.",
    "Bütün insanlar hür, haysiyet ve haklar bakımından eşit doğarlar.",
    "Tất cả mọi người sinh ra đều được tự do và bình đẳng về nhân phẩm và quyền.",
    "Kaikki ihmiset syntyvät vapaina ja tasavertaisina arvoltaan ja oikeuksiltaan.",
    "Hver maður er borinn frjáls og jafn öðrum að virðingu og réttindum.",
    "Все люди рождаются свободными и равными в своем достоинстве и правах.",
    "Всі люди народжуються вільними і рівними у своїй гідності та правах.",
    "Όλοι οι άνθρωποι γεννιούνται ελεύθεροι και ίσοι στην αξιοπρέπεια και τα δικαιώματα.",
    "Բոլոր մարդիկ ծնվում են ազատ ու հավասար իրենց արժանապատվությամբ ու իրավունքներով։",
    "ყველა ადამიანი იბადება თავისუფალი და თანასწორი თავისი ღირსებითა და უფლებებით.",
    "כל בני האדם נולדו בני חורין ושווים בערכם ובזכויותיהם.",
    "يولد جميع الناس أحرارًا متساوين في الكرامة والحقوق.",
    "تمام افراد بشر آزاد به دنیا می‌آیند و از لحاظ حیثیت و حقوق با هم برابرند.",
    "सभी मनुष्यों को गौरव और अधिकारों के मामले में जन्मजात स्वतन्त्रता और समानता प्राप्त है।",
    "সমস্ত মানুষ স্বাধীনভাবে সমান মর্যাদা এবং অধিকার নিয়ে জন্মগ্রহণ করে।",
    "மனிதப் பிறிவியினர் சகலரும் சுதந்திரமாகவே பிறக்கின்றனர்.",
    "మానవులందరూ స్వతంత్రులుగా జన్మించారు, గౌరవము హక్కులలో సమానులు.",
    "มนุษย์ทั้งหลายเกิดมามีอิสระและเสมอภาคกันในเกียรติศักดิ์และสิทธิ",
    "ລາວ: ມະນຸດທຸກຄົນເກີດມາມີອິດສະຫຼະພາບ",
    "မြန်မာ: လူတိုင်းသည် တူညီ လွတ်လပ်သော ဂုဏ်သိက္ခာဖြင့် မွေးဖွားလာသူများ ဖြစ်သည်။",
    "ខ្មែរ: មនុស្សទាំងអស់កើតមកមានសេរីភាព",
    "人人生而自由，在尊严和权利上一律平等。他们赋有理性和良心。",
    "人人生而自由，在尊嚴和權利上一律平等。",
    "すべての人間は、生まれながらにして自由であり、かつ、尊厳と権利とについて平等である。",
    "ｶﾀｶﾅ ﾊﾝｶｸ と カタカナ、ひらがな、漢字まじり文。",
    "모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다.",
    "ሁሉም ሰዎች ነጻ ሆነው የተወለዱ ናቸው።",
    "ᎠᏂᏴᏫ ᏂᎨᎫᏓᎸᎾ ᎤᎾᏕᎿᎢ ᎤᎾᏓᏤᎵᏓ",
    "ᠬᠦᠮᠦᠨ ᠪᠦᠷ ᠲᠥᠷᠥᠵᠦ",
    "Mọi người đều có quyền; mọi người, mọi nơi.",
]

EDGES = [
    "", " ", "  ", "   a", "a   ", "a  b   c", "\n", "\n\n", " \n ", "a\nb", "a\r\nb\r\n", "\t\tx",
    "tab\tand  two spaces\n\n\nthree breaks", "\u00a0no-break\u00a0space", "em\u2003space\u2003",
    "ideographic\u3000space", "next\u0085line", "line\u2028separator\u2029paragraph",
    "mongolian\u180evowel \u180e separator", "zero\u200bwidth\u200djoiner\ufeffbom", "\u200f rtl \u200e",
    "it's we'll I'm you're they've she'd 'tis IT'S WE'LL I'M", "'s't're've'm'll'd", "’s typographic",
    "don'ſ caſe 'ſ K\u212a", "1234567890", "3.14159 1,000,000 -42 +7 1e-9", " 37", "x=37;y= 37",
    "٣٤٥ ۱۲۳ १२३ ๑๒๓ ⅔ Ⅳ ² ① ௧", "price: $9.99 €8,50 ¥1000 ₹500", "50% of 200 = 100",
    "def f(x):\n    return x ** 2  # square\n", "#include <stdio.h>\nint main(void) { return 0; }",
    "SELECT * FROM t WHERE a >= 1 AND b != 'x';", "for (let i = 0; i < n; ++i) { s += a[i]; }",
    "{\"key\": [1, 2, null], \"text\": \"a\\nb\"}", "https://example.com/a?b=c&d=%20#e", "a_b-c.d/e\\f|g",
    "$$\\frac{a}{b} = \\sqrt{x^2 + y^2}$$", "∑ ∏ ∫ ≤ ≥ ≠ ∞ → ⇒ ∀ ∃ ∈ ∅", "!!! ??? ... --- *** ___ ~~~",
    "😀 😃👍🏽 👩‍👩‍👧‍👦 🇩🇪🇫🇷 🏳️‍🌈 ❤️ ☺︎", "emoji😀in😀words", "cafe\u0301 café", "A\u030angstro\u0308m Ångström",
    "e\u0302\u0323 ệ ệ", "\u1100\u1161\u11a8 각 \uac01", "\u2126 Ω \u212b Å", "ﬁ ﬂ ﬃ Ⅷ ｆｕｌｌ", "ǅ ǆ Ǆ ß ẞ ı İ",
    "Z\u0351\u036b\u0343\u036aa\u0302\u034b\u0308\u0346l\u0364\u034dg\u0321\u0353o\u0322", "क्\u200dष क्ष", "\u0915\u093c \u0958",
    "\u0344 \u0374 \u037e \u0387", "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𝟘𝟙𝟚 𐍈 𒀀 𓀀", "\U0001f9ff\U0010fffd\ue000", "\x00\x01\x1f\x7f\x80\x9f",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "abababababababababababababababababababab", "                                        x",
    "<|endoftext|>", "a<|im_start|>user\nhi<|im_end|>\n", "<|im_end|><|im_end|>", "<|im_start|", "<tool_call>",
    "x<tool_call>{}</tool_call>y", "<|fim_prefix|>", "< |endoftext| >", "<s></s><pad>[PAD151665]",
    "MiXeD CaSe camelCase snake_case SCREAMING_CASE", "naïve coöperate façade jalapeño", "l’été où l'été",
    "word " * 20, "日本語English混在テキスト123です。", "русский123English中文", "a,b;c:d!e?f", "(((())))[[]]{{}}",
]


def generated(sentences, count):
    """Lines of words of all scripts, mixed by a small generator that the Swift tests repeat."""
    words = [word for line in sentences for word in line.split(" ")]
    separators = [" ", " ", " ", "  ", "\n", "", " 7", ", ", "\t", " \n", "'s ", "! "]
    state = 1

    def draw(limit):
        nonlocal state
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (state >> 33) % limit

    lines = []
    for _ in range(count):
        line = ""
        for _ in range(1 + draw(24)):
            line += words[draw(len(words))] + separators[draw(len(separators))]
        lines.append(line)
    return lines
