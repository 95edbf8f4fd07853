#!/usr/bin/env python3
"""Writes the tokenizer fixtures of Tests/RefluxEngineTests with Hugging Face's libraries.

    python3 -m venv venv
    venv/bin/pip install tokenizers==0.23.3 transformers==5.23.0 jinja2
    venv/bin/python Tests/Scripts/make_tokenizer_fixtures.py [FOLDER WITH REAL MODELS]

The folder is what Examples/fetch_models.py wrote; without it the ids of the real tokenizers stay as
they are. Data of ../shared/data is used when it is there.
"""
import hashlib
import json
import os
import struct
import sys

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers
from tokenizers import pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

from fixture_files import FIXTURES, update_manifest, write_json
from tokenizer_lines import EDGES, SENTENCES, generated

LINES = SENTENCES + EDGES
REAL = {"smollm2": "smollm2-135m-instruct", "qwen2.5": "qwen2.5-coder-0.5b-instruct"}
QWEN = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
        r"|\s*[\r\n]+|\s+(?!\S)|\s+")
LLAMA3 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
          r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")


def main():
    write_json("tokenizer_lines.json", {"sentences": SENTENCES, "edges": EDGES})
    write_small()
    write_chats()
    if len(sys.argv) > 1:
        write_real(os.path.expanduser(sys.argv[1]))
    update_manifest()


def byte_level(**options):
    return pre_tokenizers.ByteLevel(**{"add_prefix_space": False, **options})


def split(pattern, behavior="isolated", invert=False):
    return pre_tokenizers.Split(pattern, behavior, invert)


def sequence(*parts):
    return pre_tokenizers.Sequence(list(parts))


PLAIN = [AddedToken("<|endoftext|>", special=True, normalized=False)]
CHAT = PLAIN + [AddedToken(f"<|im_{part}|>", special=True, normalized=False)
                for part in ("start", "end")]
ODD = PLAIN + [
    AddedToken("<left>", lstrip=True, normalized=False), AddedToken("word", single_word=True),
    AddedToken("<right>", rstrip=True, normalized=False), AddedToken("<rights>", normalized=False),
    AddedToken("\uac00", normalized=True),
]

KINDS = {
    "gpt2": {"pre": byte_level(), "added": PLAIN},
    "digits": {"pre": sequence(pre_tokenizers.Digits(individual_digits=True), byte_level()),
               "added": CHAT},
    "digit_groups": {"pre": sequence(pre_tokenizers.Digits(individual_digits=False),
                                     byte_level(add_prefix_space=True)), "added": PLAIN},
    "qwen2": {"pre": sequence(split(Regex(QWEN)), byte_level(use_regex=False)), "added": CHAT,
              "normalizer": normalizers.NFC()},
    "llama3": {"pre": sequence(split(Regex(LLAMA3)), byte_level(use_regex=False)), "added": CHAT,
               "ignore_merges": True, "begin": "<|im_start|>"},
    "removed": {"pre": sequence(split(" ", "removed"), byte_level(use_regex=False)),
                "added": PLAIN},
    "previous": {"pre": sequence(split(Regex(r"[\s,.]"), "merged_with_previous"),
                                 byte_level(use_regex=False)), "added": ODD,
                 "normalizer": normalizers.NFC()},
    "next": {"pre": sequence(split(Regex(r"\s"), "merged_with_next"),
                             byte_level(use_regex=False)), "added": PLAIN},
    "contiguous": {"pre": sequence(split(Regex(r"\p{L}"), "contiguous", True),
                                   byte_level(use_regex=False)), "added": PLAIN},
}
def prepend(*parts):
    return normalizers.Sequence([normalizers.Prepend("\u2581"), normalizers.Replace(" ", "\u2581"), *parts])


def spaces(*parts):
    return decoders.Sequence([decoders.Replace("\u2581", " "), decoders.ByteFallback(),
                              decoders.Fuse(), *parts])


def metaspace(scheme, split):
    return pre_tokenizers.Metaspace(prepend_scheme=scheme, split=split)


# SentencePiece's BPE as transformers writes it: characters, with bytes to fall back to.
NAMES = ["<unk>", "<s>", "</s>"]
FALLBACK = [AddedToken(name, special=True, normalized=False) for name in NAMES] + [
    AddedToken("[INST]", special=True, normalized=False), AddedToken("<user>", normalized=False),
    AddedToken("<norm>", normalized=True)]
KINDS.update({
    "llama2": {"normalizer": prepend(), "decoder": spaces(decoders.Strip(" ", 1, 0))},
    "metaspace": {"pre": metaspace("first", False),
                  "decoder": spaces(decoders.Strip(" ", 1, 0))},
    "metaspace_split": {"pre": metaspace("always", True), "decoder": decoders.Sequence(
        [decoders.ByteFallback(), decoders.Metaspace(prepend_scheme="always")])},
    "metaspace_never": {"pre": metaspace("never", True), "decoder": spaces(),
                        "ignore_merges": True},
})
for _kind in list(KINDS)[-4:]:
    KINDS[_kind].update(added=FALLBACK, fallback=True, begin="<s>")

# Texts for the tokens with options; the library's answer is the fixture.
ODD_LINES = ["a <left> b <right>  c", "a word wordy words word", " <right> <left> ", "<rights> <right>s",
             "<s>[INST] a <user>b[INST]c</s>", "  two", " <norm> x<norm>", "\u2581 \u2581x", "",
             "\u00ff\ud7ff\U0001f600\x00 \x7f", "<0x41><0xE4>", "<left><right>", "\uac00 \u1100\u1161", "word", "word.", "\u00e9word", "  <left>"]


def learn(kind):
    options = {"ignore_merges": kind.get("ignore_merges", False)}
    names, letters, size = kind["added"][:1], pre_tokenizers.ByteLevel.alphabet(), 600
    if kind.get("fallback"):
        options.update(byte_fallback=True, fuse_unk=True, unk_token="<unk>")
        # Characters of some scripts are left to the bytes.
        names = NAMES + [f"<0x{byte:02X}>" for byte in range(256)]
        letters, size = [], len(names) + 260
    tokenizer = Tokenizer(models.BPE(**options))
    if "pre" in kind:
        tokenizer.pre_tokenizer = kind["pre"]
    tokenizer.decoder = kind.get("decoder", decoders.ByteLevel())
    if "normalizer" in kind:
        tokenizer.normalizer = kind["normalizer"]
    trainer = trainers.BpeTrainer(
        vocab_size=size, special_tokens=names, show_progress=False, initial_alphabet=letters,
        **({"limit_alphabet": 80} if kind.get("fallback") else {}))
    lines = SENTENCES
    if "pre" not in kind:
        # Without a splitter whole lines are pieces, and would become tokens.
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="never")
    elif kind.get("fallback"):
        tokenizer.pre_tokenizer = metaspace(kind["pre"].prepend_scheme, True)
    tokenizer.train_from_iterator(lines, trainer)
    if kind.get("fallback"):
        # What the trainer takes for special tokens are tokens like others.
        text = json.loads(tokenizer.to_str())
        text["added_tokens"] = []
        text["pre_tokenizer"] = None
        tokenizer = Tokenizer.from_str(json.dumps(text))
        if "pre" in kind:
            tokenizer.pre_tokenizer = kind["pre"]
        tokenizer.add_special_tokens(kind["added"][:3])
    return tokenizer


def write_small():
    """Tokenizers of 600 tokens, one a way of splitting, learnt from the sentences."""
    ids = {}
    for name, kind in KINDS.items():
        tokenizer = learn(kind)
        special = [token for token in kind["added"][1:] if token.special]
        tokenizer.add_special_tokens(special)
        tokenizer.add_tokens([token for token in kind["added"][1:] if not token.special])
        if "begin" in kind:
            begin = kind["begin"]
            tokenizer.post_processor = processors.Sequence([
                processors.ByteLevel(trim_offsets=False),
                processors.TemplateProcessing(
                    single=f"{begin} $A", special_tokens=[(begin, tokenizer.token_to_id(begin))]),
            ])
        write_json(f"tokenizer_{name}.json", json.loads(tokenizer.to_str()))
        lines = LINES + ODD_LINES
        ids[name] = {
            "ids": [tokenizer.encode(line, add_special_tokens=False).ids for line in lines],
            "begin": tokenizer.encode("", add_special_tokens=True).ids,
        }
        tokenizer.encode_special_tokens = True
        ids[name]["without_special"] = [
            tokenizer.encode(line, add_special_tokens=False).ids for line in lines]
        tokenizer.encode_special_tokens = False
        ids[name]["texts"] = [
            tokenizer.decode(line, skip_special_tokens=True) for line in ids[name]["ids"]]
    write_json("tokenizer_ids.json", {"odd": ODD_LINES, "tokenizers": ids})


TEMPLATES = {
    "smollm2": "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n' }}{% endif %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}",
    "chatml": "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}",
    "qwen2": "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n' }}{% endif %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}",
    "qwen2.5": "{%- if tools %}\n    {{- '<|im_start|>system\\n' }}\n    {%- if messages[0]['role'] == 'system' %}\n        {{- messages[0]['content'] }}\n    {%- else %}\n        {{- 'You are Qwen, created by Alibaba Cloud. You are a helpful assistant.' }}\n    {%- endif %}\n    {{- \"<|im_end|>\\n\" }}\n{%- else %}\n    {%- if messages[0]['role'] == 'system' %}\n        {{- '<|im_start|>system\\n' + messages[0]['content'] + '<|im_end|>\\n' }}\n    {%- else %}\n        {{- '<|im_start|>system\\nYou are Qwen, created by Alibaba Cloud. You are a helpful assistant.<|im_end|>\\n' }}\n    {%- endif %}\n{%- endif %}\n{%- for message in messages %}\n    {%- if (message.role == \"user\") or (message.role == \"system\" and not loop.first) or (message.role == \"assistant\") %}\n        {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}\n    {%- endif %}\n{%- endfor %}\n{%- if add_generation_prompt %}\n    {{- '<|im_start|>assistant\\n' }}\n{%- endif %}\n",
    "zephyr": "{% for message in messages %}\n{% if message['role'] == 'user' %}\n{{ '<|user|>\n' + message['content'] + eos_token }}\n{% elif message['role'] == 'system' %}\n{{ '<|system|>\n' + message['content'] + eos_token }}\n{% elif message['role'] == 'assistant' %}\n{{ '<|assistant|>\n'  + message['content'] + eos_token }}\n{% endif %}\n{% if loop.last and add_generation_prompt %}\n{{ '<|assistant|>' }}\n{% endif %}\n{% endfor %}",
    "llama3": "{% set loop_messages = messages %}{% for message in loop_messages %}{% set content = '<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n'+ message['content'] | trim + '<|eot_id|>' %}{% if loop.index0 == 0 %}{% set content = bos_token + content %}{% endif %}{{ content }}{% endfor %}{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %}",
    # The turns of the original; what it does with tools is left out.
    "llama3.1": "{{- bos_token }}\n{%- if not date_string is defined %}\n    {%- set date_string = \"26 Jul 2024\" %}\n{%- endif %}\n{%- if messages[0]['role'] == 'system' %}\n    {%- set system_message = messages[0]['content']|trim %}\n    {%- set messages = messages[1:] %}\n{%- else %}\n    {%- set system_message = \"\" %}\n{%- endif %}\n{{- \"<|start_header_id|>system<|end_header_id|>\\n\\n\" }}\n{{- \"Cutting Knowledge Date: December 2023\\n\" }}\n{{- \"Today Date: \" + date_string + \"\\n\\n\" }}\n{{- system_message }}\n{{- \"<|eot_id|>\" }}\n{%- for message in messages %}\n    {{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n'+ message['content'] | trim + '<|eot_id|>' }}\n{%- endfor %}\n{%- if add_generation_prompt %}\n    {{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}\n{%- endif %}\n",
    "qwen3": "{%- if messages[0].role == 'system' %}\n    {{- '<|im_start|>system\\n' + messages[0].content + '<|im_end|>\\n' }}\n{%- endif %}\n{%- set ns = namespace(last_query_index=messages|length - 1) %}\n{%- for message in messages %}\n    {%- if (message.role == \"user\") or (message.role == \"system\" and not loop.first) %}\n        {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}\n    {%- elif message.role == \"assistant\" %}\n        {%- set content = message.content %}\n        {%- if '</think>' in message.content %}\n            {%- set content = (message.content.split('</think>')|last).lstrip('\\n') %}\n        {%- endif %}\n        {{- '<|im_start|>' + message.role + '\\n' + content + '<|im_end|>\\n' }}\n    {%- endif %}\n{%- endfor %}\n{%- if add_generation_prompt %}\n    {{- '<|im_start|>assistant\\n' }}\n    {%- if enable_thinking is defined and enable_thinking is false %}\n        {{- '<think>\\n\\n</think>\\n\\n' }}\n    {%- endif %}\n{%- endif %}\n",
}
CHATS = [
    [("user", "What is 17 + 25?")],
    [("system", "Answer briefly."), ("user", "  What is 17 + 25?\n")],
    [("user", "Hi"), ("assistant", "Hello!"), ("user", "Wie geht's? 日本語 <|im_end|>")],
    [("user", "\nfirst line\n\nsecond line")],
    [("system", "Sum."), ("user", "2 + 2?"),
     ("assistant", "<think>\nTwo and two.\n</think>\n\n4"), ("user", "And 3?")],
]


def write_chats():
    fast = PreTrainedTokenizerFast(
        tokenizer_file=os.path.join(FIXTURES, "tokenizer_digits.json"),
        bos_token="<|im_start|>", eos_token="<|endoftext|>")
    chats = [[{"role": role, "content": text} for role, text in chat] for chat in CHATS]
    texts = {
        name: [fast.apply_chat_template(
            chat, chat_template=template, tokenize=False, add_generation_prompt=True)
            for chat in chats]
        for name, template in TEMPLATES.items()
    }
    write_json("chat_templates.json", {"templates": TEMPLATES, "chats": chats, "texts": texts})


def corpus():
    """Real text where there is some, then mixed scripts."""
    lines = generated(SENTENCES, 6000)
    path = os.path.join(os.path.dirname(__file__), "../../../shared/data/gsm8k/train.jsonl")
    with open(path, encoding="utf-8") as file:
        for line in file:
            lines.append(json.loads(line)["question"])
    return lines


def write_real(folder):
    result = {}
    for name, place in REAL.items():
        tokenizer = Tokenizer.from_file(os.path.join(folder, place, "tokenizer.json"))
        digest = hashlib.sha256()
        lines = corpus()
        for line in lines:
            ids = tokenizer.encode(line, add_special_tokens=False).ids
            digest.update(struct.pack(f"<{len(ids) + 1}i", *ids, -1))
        result[name] = {
            "folder": place,
            "ids": [tokenizer.encode(line, add_special_tokens=False).ids for line in LINES],
            "corpus_lines": len(lines),
            "corpus_sha256": digest.hexdigest(),
        }
    write_json("tokenizer_real.json", result)


if __name__ == "__main__":
    main()
