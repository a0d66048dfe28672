//! Buffers whose memory is overwritten before it is given back.

use std::ops::{Deref, DerefMut};

use zeroize::Zeroize;

/// A buffer that can be emptied and keeps its room.
pub trait Buffer: Zeroize {
    /// Empties it.
    fn clear(&mut self);
}

impl Buffer for String {
    fn clear(&mut self) {
        String::clear(self);
    }
}
impl Buffer for Vec<u8> {
    fn clear(&mut self) {
        Vec::clear(self);
    }
}

/// A buffer that is overwritten when it is dropped. It must be made as large as it gets: when it grows, what it
/// leaves behind is not overwritten.
pub struct Wiped<T: Buffer>(T);

impl<T: Buffer> Wiped<T> {
    /// Takes a buffer into keeping.
    pub fn new(buffer: T) -> Self {
        Self(buffer)
    }
}

impl<T: Buffer> Drop for Wiped<T> {
    fn drop(&mut self) {
        // `zeroize` overwrites free room at once and elements one after another: thousands of bytes are then most of
        // the work of opening a token. So they are made free room first.
        self.0.clear();
        self.0.zeroize();
    }
}

impl<T: Buffer> Deref for Wiped<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: Buffer> DerefMut for Wiped<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}
