/// Why a function of a plugin did not do its work.
#[derive(Debug, Clone, PartialEq)]
pub enum Failure {
    /// It failed; the text says what was found and what to do.
    Error(String),
    /// It stopped because [`crate::Call::is_cancelled`] said so.
    Cancelled,
    /// It cannot do this at all.
    Unsupported,
    /// It ran out of memory.
    OutOfMemory,
}

/// What the functions of a plugin return.
pub type Result<T> = std::result::Result<T, Failure>;

impl From<String> for Failure {
    fn from(text: String) -> Self {
        Failure::Error(text)
    }
}

impl From<&str> for Failure {
    fn from(text: &str) -> Self {
        Failure::Error(text.to_owned())
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Failure::Error(error.to_string())
    }
}
