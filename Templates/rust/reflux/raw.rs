//! From pointer and length to slices and texts, and back.

use crate::abi::reflux_string;

/// A slice of what the host lends. NULL is an empty one.
///
/// # Safety
/// `data` is NULL or points to `count` values that stay as they are for `'a`.
pub(crate) unsafe fn slice<'a, T>(data: *const T, count: u64) -> &'a [T] {
    if data.is_null() || count == 0 {
        return &[];
    }
    std::slice::from_raw_parts(data, count as usize)
}

/// A buffer of the host that is to be filled. NULL is an empty one.
///
/// # Safety
/// `data` is NULL or points to `count` values that nobody else touches for `'a`.
pub(crate) unsafe fn slice_mut<'a, T>(data: *mut T, count: u64) -> &'a mut [T] {
    if data.is_null() || count == 0 {
        return &mut [];
    }
    std::slice::from_raw_parts_mut(data, count as usize)
}

/// A text of the host, `None` where it is absent.
///
/// # Safety
/// The bytes stay as they are for `'a`.
pub(crate) unsafe fn optional_text<'a>(text: reflux_string) -> Option<&'a str> {
    if text.data.is_null() {
        return None;
    }
    let bytes = slice(text.data, text.length);
    Some(std::str::from_utf8(bytes).expect("the host gave a text that is not UTF-8"))
}

/// A text of the host; an absent one is empty.
///
/// # Safety
/// The bytes stay as they are for `'a`.
pub(crate) unsafe fn text<'a>(text: reflux_string) -> &'a str {
    optional_text(text).unwrap_or("")
}

/// A text as the boundary wants it. It borrows: it must not outlive the text.
pub(crate) const fn string(text: &str) -> reflux_string {
    reflux_string { data: text.as_ptr(), length: text.len() as u64 }
}

/// A text that may be absent, as the boundary wants it.
pub(crate) fn optional_string(text: Option<&str>) -> reflux_string {
    text.map_or(reflux_string { data: std::ptr::null(), length: 0 }, string)
}
