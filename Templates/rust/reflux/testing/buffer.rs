/// A buffer of the host between guard values, which nobody may overwrite.
pub(crate) struct Buffer<T> {
    values: Vec<T>,
    guard: T,
}

const GUARDS: usize = 16;

impl<T: Copy + PartialEq> Buffer<T> {
    /// `count` times `fill`, between guards.
    pub(crate) fn new(count: usize, fill: T, guard: T) -> Self {
        let mut values = vec![guard; count + 2 * GUARDS];
        values[GUARDS..GUARDS + count].fill(fill);
        Buffer { values, guard }
    }

    pub(crate) fn pointer(&mut self) -> *mut T {
        self.values[GUARDS..].as_mut_ptr()
    }

    /// What was written, unless it went over the edge.
    pub(crate) fn take(self) -> Vec<T> {
        let end = self.values.len() - GUARDS;
        let guards = self.values[..GUARDS].iter().chain(&self.values[end..]);
        assert!(guards.copied().all(|g| g == self.guard), "the plugin wrote outside of a buffer");
        self.values[GUARDS..end].to_vec()
    }
}
