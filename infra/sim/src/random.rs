//! Seedable randomness: equal seeds give equal codes, ids and lifetimes, so a failed random run can be repeated.

use aws_lc_rs::{digest, rand};
use serde::{Deserialize, Serialize};

/// SHA-256 of several parts, one after another.
pub(crate) fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in parts {
        context.update(part);
    }
    let mut out = [0; 32];
    out.copy_from_slice(context.finish().as_ref());
    out
}

/// 32 bytes that nobody can guess.
pub(crate) fn fresh() -> [u8; 32] {
    let mut out = [0; 32];
    rand::fill(&mut out).expect("the operating system gives random bytes");
    out
}

/// A stream of blocks SHA-256(key, counter).
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Random {
    key: [u8; 32],
    counter: u64,
}

impl Random {
    pub(crate) fn new(key: [u8; 32]) -> Self {
        Self { key, counter: 0 }
    }

    pub(crate) fn block(&mut self) -> [u8; 32] {
        self.counter += 1;
        sha256(&[&self.key, &self.counter.to_be_bytes()])
    }

    pub(crate) fn bytes16(&mut self) -> [u8; 16] {
        let mut out = [0; 16];
        out.copy_from_slice(&self.block()[..16]);
        out
    }

    /// A number in `0..limit`.
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        let mut head = [0; 8];
        head.copy_from_slice(&self.block()[..8]);
        u64::from_be_bytes(head) % limit
    }

    pub(crate) fn guid(&mut self) -> String {
        uuid::Builder::from_random_bytes(self.bytes16()).into_uuid().to_string()
    }

    pub(crate) fn shuffle<T>(&mut self, list: &mut [T]) {
        for end in (1..list.len()).rev() {
            let pick = usize::try_from(self.below(end as u64 + 1)).unwrap_or(0);
            list.swap(end, pick);
        }
    }
}
