//! Looks for secrets in bytes of any size: table rows, log lines, response bodies.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use std::collections::{HashMap, HashSet};

/// Secrets are told apart by their ends, since many begin alike.
const TAIL: usize = 12;

/// A set of secrets, each in its own bytes and in its base64 spellings.
#[derive(Debug, Default)]
pub struct Hunt {
    by_tail: HashMap<Vec<u8>, Vec<Vec<u8>>>,
    short: HashSet<Vec<u8>>,
}

impl Hunt {
    /// Empty secrets are left out: they are everywhere.
    pub fn new(secrets: impl IntoIterator<Item = impl AsRef<[u8]>>) -> Self {
        let mut hunt = Self::default();
        for secret in secrets {
            let secret = secret.as_ref();
            if secret.is_empty() {
                continue;
            }
            hunt.add(secret.to_vec());
            for engine in [&STANDARD, &STANDARD_NO_PAD, &URL_SAFE, &URL_SAFE_NO_PAD] {
                hunt.add(engine.encode(secret).into_bytes());
            }
        }
        hunt
    }

    fn add(&mut self, bytes: Vec<u8>) {
        match bytes.len().checked_sub(TAIL) {
            Some(cut) => self.by_tail.entry(bytes[cut..].to_vec()).or_default().push(bytes),
            None => _ = self.short.insert(bytes),
        }
    }

    /// Whether one of them occurs in `text`.
    pub fn finds(&self, text: impl AsRef<[u8]>) -> bool {
        let text = text.as_ref();
        let long = (TAIL..=text.len()).any(|end| {
            let known = self.by_tail.get(&text[end - TAIL..end]);
            known.is_some_and(|known| known.iter().any(|secret| text[..end].ends_with(secret)))
        });
        long || self.short.iter().any(|secret| text.windows(secret.len()).any(|window| window == secret))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_found_whole_encoded_and_short() {
        let hunt = Hunt::new(["eyJ0eXAi-the-first-token", "eyJ0eXAi-the-second-token", "pin", ""]);
        assert!(hunt.finds("x eyJ0eXAi-the-second-token y"));
        assert!(hunt.finds(URL_SAFE_NO_PAD.encode("eyJ0eXAi-the-first-token")));
        assert!(hunt.finds("my pin"));
        assert!(!hunt.finds("eyJ0eXAi-the-third-token") && !hunt.finds(""));
    }
}
