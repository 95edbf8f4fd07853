use crate::Result;

/// The settings of an instance: the flat JSON object that the host has checked against the schema.
/// Whatever is asked for by a wrong name or type is an error that names the key.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    entries: Vec<(String, Value)>,
}

#[derive(Debug, Clone, PartialEq)]
enum Value {
    Null,
    Boolean(bool),
    /// The number as it was written, so that large integers stay exact.
    Number(String),
    Text(String),
    List(Vec<Value>),
}

impl Settings {
    /// Reads a flat JSON object: texts, numbers, booleans, null, and lists of these.
    pub fn parse(json: &str) -> Result<Settings> {
        let mut reader = Reader { bytes: json.as_bytes(), text: json, place: 0 };
        let mut entries = Vec::new();
        reader.expect(b'{')?;
        if !reader.take(b'}') {
            loop {
                reader.skip_space();
                let key = reader.string()?;
                reader.expect(b':')?;
                entries.push((key, reader.value(false)?));
                if reader.take(b'}') {
                    break;
                }
                reader.expect(b',')?;
            }
        }
        reader.skip_space();
        if reader.place != reader.bytes.len() {
            return Err(reader.wrong("the end"));
        }
        Ok(Settings { entries })
    }

    /// A number.
    pub fn number(&self, key: &str) -> Result<f64> {
        number(self.value(key)?).ok_or_else(|| wrong(key, "a number"))
    }

    /// An integer.
    pub fn integer(&self, key: &str) -> Result<i64> {
        integer(self.value(key)?).ok_or_else(|| wrong(key, "an integer"))
    }

    /// True or false.
    pub fn boolean(&self, key: &str) -> Result<bool> {
        match self.value(key)? {
            Value::Boolean(value) => Ok(*value),
            _ => Err(wrong(key, "a boolean")),
        }
    }

    /// A text.
    pub fn text(&self, key: &str) -> Result<&str> {
        match self.value(key)? {
            Value::Text(value) => Ok(value),
            _ => Err(wrong(key, "a text")),
        }
    }

    /// A list of texts.
    pub fn texts(&self, key: &str) -> Result<Vec<&str>> {
        self.list(key, "a list of texts", |value| match value {
            Value::Text(text) => Some(text.as_str()),
            _ => None,
        })
    }

    /// A list of numbers.
    pub fn numbers(&self, key: &str) -> Result<Vec<f64>> {
        self.list(key, "a list of numbers", number)
    }

    /// A list of integers.
    pub fn integers(&self, key: &str) -> Result<Vec<i64>> {
        self.list(key, "a list of integers", integer)
    }

    /// Whether a key is there and not null.
    pub fn has(&self, key: &str) -> bool {
        self.value(key).is_ok_and(|value| *value != Value::Null)
    }

    fn value(&self, key: &str) -> Result<&Value> {
        let entry = self.entries.iter().find(|(name, _)| name == key);
        entry.map(|(_, value)| value).ok_or_else(|| wrong(key, "there"))
    }

    fn list<'a, T>(
        &'a self,
        key: &str,
        wanted: &str,
        item: impl Fn(&'a Value) -> Option<T>,
    ) -> Result<Vec<T>> {
        match self.value(key)? {
            Value::List(items) => {
                items.iter().map(item).collect::<Option<_>>().ok_or_else(|| wrong(key, wanted))
            }
            _ => Err(wrong(key, wanted)),
        }
    }
}

fn wrong(key: &str, wanted: &str) -> crate::Failure {
    format!("the setting '{key}' is not {wanted}").into()
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(digits) => digits.parse().ok().filter(|n: &f64| n.is_finite()),
        _ => None,
    }
}

fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Number(digits) => digits.parse().ok().or_else(|| {
            let n: f64 = digits.parse().ok()?;
            (n.fract() == 0.0 && n.abs() < 9e15).then_some(n as i64)
        }),
        _ => None,
    }
}

/// Walks over the text; every step looks whether there is one more byte.
struct Reader<'a> {
    bytes: &'a [u8],
    text: &'a str,
    place: usize,
}

impl Reader<'_> {
    fn wrong(&self, wanted: &str) -> crate::Failure {
        format!("the configuration has no {wanted} at byte {}", self.place).into()
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.place).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.place += 1;
        }
    }

    fn take(&mut self, byte: u8) -> bool {
        self.skip_space();
        let found = self.peek() == Some(byte);
        self.place += usize::from(found);
        found
    }

    fn expect(&mut self, byte: u8) -> Result<()> {
        if self.take(byte) {
            Ok(())
        } else {
            Err(self.wrong(&format!("'{}'", byte as char)))
        }
    }

    fn value(&mut self, inside_list: bool) -> Result<Value> {
        self.skip_space();
        match self.peek() {
            Some(b'"') => Ok(Value::Text(self.string()?)),
            Some(b'[') if !inside_list => {
                self.place += 1;
                let mut items = Vec::new();
                if self.take(b']') {
                    return Ok(Value::List(items));
                }
                loop {
                    items.push(self.value(true)?);
                    if self.take(b']') {
                        return Ok(Value::List(items));
                    }
                    self.expect(b',')?;
                }
            }
            Some(b'-' | b'0'..=b'9') => {
                let start = self.place;
                while matches!(self.peek(), Some(b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9')) {
                    self.place += 1;
                }
                Ok(Value::Number(self.text[start..self.place].to_owned()))
            }
            _ => self.word(),
        }
    }

    fn word(&mut self) -> Result<Value> {
        let words = [
            ("true", Value::Boolean(true)),
            ("false", Value::Boolean(false)),
            ("null", Value::Null),
        ];
        for (word, value) in words {
            if self.bytes[self.place..].starts_with(word.as_bytes()) {
                self.place += word.len();
                return Ok(value);
            }
        }
        Err(self.wrong("value"))
    }

    fn string(&mut self) -> Result<String> {
        if self.peek() != Some(b'"') {
            return Err(self.wrong("text"));
        }
        self.place += 1;
        let mut out = String::new();
        loop {
            let start = self.place;
            while !matches!(self.peek(), None | Some(b'"' | b'\\')) {
                self.place += 1;
            }
            out.push_str(&self.text[start..self.place]);
            let end = self.peek();
            self.place += 1;
            match end {
                Some(b'"') => return Ok(out),
                Some(_) => out.push(self.escape()?),
                None => return Err(self.wrong("end of a text")),
            }
        }
    }

    fn escape(&mut self) -> Result<char> {
        let byte = self.peek();
        self.place += 1;
        Ok(match byte {
            Some(b'n') => '\n',
            Some(b't') => '\t',
            Some(b'r') => '\r',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'u') => return self.unicode(),
            Some(plain @ (b'"' | b'\\' | b'/')) => plain as char,
            _ => return Err(self.wrong("escape")),
        })
    }

    /// `\uXXXX`, or two of them for a character beyond the first 65,536.
    fn unicode(&mut self) -> Result<char> {
        let first = self.hex()?;
        if !(0xD800..0xDC00).contains(&first) {
            return char::from_u32(first).ok_or_else(|| self.wrong("character"));
        }
        if !self.bytes[self.place.min(self.bytes.len())..].starts_with(b"\\u") {
            return Err(self.wrong("second half of a character"));
        }
        self.place += 2;
        let second = self.hex()?.wrapping_sub(0xDC00);
        if second >= 0x400 {
            return Err(self.wrong("second half of a character"));
        }
        char::from_u32(0x10000 + ((first - 0xD800) << 10) + second)
            .ok_or_else(|| self.wrong("character"))
    }

    fn hex(&mut self) -> Result<u32> {
        let digits = self.bytes.get(self.place..self.place + 4);
        let digits = digits.and_then(|d| std::str::from_utf8(d).ok());
        let digits = digits.filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()));
        let value = digits.and_then(|d| u32::from_str_radix(d, 16).ok());
        self.place += 4;
        value.ok_or_else(|| self.wrong("four hexadecimal digits"))
    }
}

#[cfg(test)]
mod tests {
    use super::Settings;

    #[test]
    fn reads_what_a_schema_can_say() {
        let json = r#" {"a": -1.5e2, "b" : true,"c":"x\n\u00e4\ud83d\ude00\"","d":[1,2],"e":[],
            "f":["p","q"], "g":9007199254740993, "h":null} "#;
        let s = Settings::parse(json).unwrap();
        assert_eq!(s.number("a"), Ok(-150.0));
        assert_eq!(s.boolean("b"), Ok(true));
        assert_eq!(s.text("c"), Ok("x\nä😀\""));
        assert_eq!(s.integers("d"), Ok(vec![1, 2]));
        assert_eq!(s.numbers("e"), Ok(vec![]));
        assert_eq!(s.texts("f"), Ok(vec!["p", "q"]));
        assert_eq!(s.integer("g"), Ok(9007199254740993));
        assert!(!s.has("h") && !s.has("z") && s.has("a"));
        assert!(Settings::parse("{}").unwrap().number("a").is_err());
    }

    #[test]
    fn refuses_every_cut_of_a_text() {
        let json = r#"{"a":"\u00e4\ud83d\ude00","b":[1,"x"],"c":true}"#;
        for end in 0..json.len() {
            assert!(Settings::parse(&json[..end]).is_err(), "{}", &json[..end]);
        }
        for bad in ["{\"a\":[[1]]}", "{\"a\":{}}", "{\"a\":1}x", "{\"a\":\"\\ud800\"}", "[]"] {
            assert!(Settings::parse(bad).is_err(), "{bad}");
        }
    }
}
