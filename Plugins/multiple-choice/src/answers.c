/* Every byte is looked at a fixed number of times: what follows "answer" is searched within a few
 * bytes only. */
#include "answers.h"

/* How far behind "answer" the letter may begin. */
#define CHOICE_REACH 24

/* A response and how many letters there are. */
typedef struct choice_text {
    const unsigned char *bytes;
    uint64_t length;
    int count;
} choice_text;

/* The byte at a position; 0 behind the end. */
static unsigned char at(const choice_text *reader, uint64_t position) {
    return position < reader->length ? reader->bytes[position] : 0;
}

/* Whether a byte belongs to a word; bytes of other scripts do. */
static int is_word(unsigned char byte) {
    return (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z')
        || (byte >= 'a' && byte <= 'z') || byte == '_' || byte >= 0x80;
}

/* The letter at a position that stands alone, or 0. Small letters count only where they are asked
 * for, for "a" is a word. */
static char letter_at(const choice_text *reader, uint64_t position, int with_small) {
    unsigned char byte = at(reader, position);
    if (with_small && byte >= 'a' && byte <= 'z') { byte = (unsigned char)(byte - 'a' + 'A'); }
    if (byte < 'A' || byte >= 'A' + reader->count) { return 0; }
    if (position > 0 && is_word(at(reader, position - 1))) { return 0; }
    if (is_word(at(reader, position + 1)) || at(reader, position + 1) == '\'') { return 0; }
    return (char)byte;
}

/* Whether the bytes at a position are a word of ASCII letters, in any case. */
static int says(const choice_text *reader, uint64_t position, const char *word) {
    for (; *word != '\0'; word += 1, position += 1) {
        unsigned char byte = at(reader, position);
        if (byte >= 'A' && byte <= 'Z') { byte = (unsigned char)(byte - 'A' + 'a'); }
        if (byte != (unsigned char)*word) { return 0; }
    }
    return 1;
}

/* "(B)" at a position, or 0. */
static char in_parentheses(const choice_text *reader, uint64_t position) {
    if (at(reader, position) != '(' || at(reader, position + 2) != ')') { return 0; }
    return letter_at(reader, position + 1, 1);
}

/* The letter behind "answer", which ends at position: past "is", "option" and punctuation. */
static char behind_answer(const choice_text *reader, uint64_t position) {
    uint64_t end = position + CHOICE_REACH;
    while (position < end && position < reader->length) {
        unsigned char byte = at(reader, position);
        char letter = in_parentheses(reader, position);
        if (letter == 0) { letter = letter_at(reader, position, 0); }
        if (letter != 0) { return letter; }
        if (says(reader, position, "is") && !is_word(at(reader, position + 2))) {
            position += 2;
        } else if (says(reader, position, "option") && !is_word(at(reader, position + 6))) {
            position += 6;
        } else if (byte == ' ' || byte == '\t' || byte == ':' || byte == '*' || byte == '('
                   || byte == '\n' || byte == '"' || byte == '\'') {
            position += 1;
        } else {
            return 0;
        }
    }
    return 0;
}

/* Cuts white space from both ends. */
static choice_text trimmed(reflux_string response, int count) {
    choice_text reader = { (const unsigned char *)response.data, response.length, count };
    while (reader.length > 0 && at(&reader, 0) <= ' ') {
        reader.bytes += 1;
        reader.length -= 1;
    }
    while (reader.length > 0 && at(&reader, reader.length - 1) <= ' ') { reader.length -= 1; }
    return reader;
}

char choice_read(reflux_string response, int count) {
    choice_text reader = trimmed(response, count);
    char answered = 0, boxed = 0, enclosed = 0, letter;
    for (uint64_t position = 0; position < reader.length; position += 1) {
        unsigned char byte = at(&reader, position);
        if ((byte == 'a' || byte == 'A') && says(&reader, position, "answer")) {
            letter = behind_answer(&reader, position + 6);
            if (letter != 0) { answered = letter; }
        } else if (byte == '\\' && says(&reader, position, "\\boxed{")
                   && at(&reader, position + 8) == '}') {
            letter = letter_at(&reader, position + 7, 1);
            if (letter != 0) { boxed = letter; }
        } else if (byte == '(') {
            letter = in_parentheses(&reader, position);
            if (letter != 0) { enclosed = letter; }
        }
    }
    if (answered != 0) { return answered; }
    if (boxed != 0) { return boxed; }
    if (enclosed != 0) { return enclosed; }
    unsigned char next = at(&reader, 1);
    return reader.length == 1 || next == '.' || next == ')' ? letter_at(&reader, 0, 0) : 0;
}

char choice_read_strictly(reflux_string response, int count) {
    static const char wanted[] = "Answer: ";
    choice_text reader = trimmed(response, count);
    uint64_t start = reader.length;
    while (start > 0 && at(&reader, start - 1) != '\n') { start -= 1; }
    if (reader.length - start != sizeof(wanted)) { return 0; }
    if (memcmp(reader.bytes + start, wanted, sizeof(wanted) - 1) != 0) { return 0; }
    return letter_at(&reader, start + sizeof(wanted) - 1, 0);
}
