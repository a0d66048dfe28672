//! Codes and tokens: opaque, long, single-sourced.
//!
//! The text of a token follows from an instance key and its serial number, so that a hundred thousand of them cost
//! only their records, and every one ever issued can be listed when tests hunt for leaks.

use super::scopes::Scopes;
use super::tenant::UserId;
use crate::random::sha256;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Length of the checksum at the end, which tells a cut token from a foreign one.
const CHECK: usize = 8;

/// The three sorts of secrets that Entra issues.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sort {
    Code,
    Access,
    Refresh,
}

impl Sort {
    /// Prefix and number of 32-byte blocks: codes and refresh tokens of 1 to 2 KB are normal.
    fn shape(self) -> (&'static str, u64) {
        match self {
            Self::Code => ("1.AXU", 28),
            Self::Access => ("eyJ0eXAiOiJKV1QiLCJub25jZSI6", 40),
            Self::Refresh => ("1.AXk", 34),
        }
    }
}

/// An authorization code (RFC 6749 4.1.2): ten minutes, once.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Code {
    pub(crate) user: UserId,
    pub(crate) client_id: String,
    pub(crate) redirect_uri: String,
    pub(crate) challenge: String,
    pub(crate) nonce: Option<String>,
    pub(crate) scopes: Scopes,
    pub(crate) session: u64,
    pub(crate) issued: Timestamp,
    pub(crate) redeemed: bool,
}

#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Access {
    pub(crate) user: UserId,
    pub(crate) scopes: Scopes,
    pub(crate) expires: Timestamp,
    /// It was redeemed with the claims of a challenge.
    #[serde(default)]
    pub(crate) with_claims: bool,
}

#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Refresh {
    pub(crate) user: UserId,
    pub(crate) session: u64,
    pub(crate) issued: Timestamp,
}

/// How a redemption was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grant {
    /// `grant_type=authorization_code`.
    AuthorizationCode,
    /// `grant_type=refresh_token`.
    RefreshToken,
}

/// One answered request for tokens with a known code or refresh token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redemption {
    /// What was redeemed.
    pub grant: Grant,
    /// Address of the user it belongs to.
    pub user: String,
    /// AADSTS number of the refusal; 0 = tokens were issued.
    pub code: u32,
    /// When, by the manual clock.
    pub at: Timestamp,
}

/// Why a presented code or token is not one of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotOurs {
    /// Cut or altered: not even well-formed.
    Malformed,
    /// Well-formed, but never issued here.
    Unknown,
}

/// Everything that was issued.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Issued {
    key: [u8; 32],
    pub(crate) codes: Vec<Code>,
    pub(crate) access: Vec<Access>,
    pub(crate) refresh: Vec<Refresh>,
}

impl Issued {
    pub(crate) fn new(key: [u8; 32]) -> Self {
        Self { key, codes: Vec::new(), access: Vec::new(), refresh: Vec::new() }
    }

    pub(crate) fn add_code(&mut self, code: Code) -> String {
        self.codes.push(code);
        self.text(Sort::Code, self.codes.len() - 1)
    }

    pub(crate) fn add_access(&mut self, access: Access) -> String {
        self.access.push(access);
        self.text(Sort::Access, self.access.len() - 1)
    }

    pub(crate) fn add_refresh(&mut self, refresh: Refresh) -> String {
        self.refresh.push(refresh);
        self.text(Sort::Refresh, self.refresh.len() - 1)
    }

    /// The serial number of a presented text.
    pub(crate) fn serial(&self, sort: Sort, text: &str) -> Result<usize, NotOurs> {
        let (prefix, _) = sort.shape();
        let body = text.strip_prefix(prefix).ok_or(NotOurs::Malformed)?;
        let cut = body
            .len()
            .checked_sub(CHECK)
            .filter(|cut| body.is_char_boundary(*cut))
            .ok_or(NotOurs::Malformed)?;
        if check(&body[..cut]) != body[cut..] {
            return Err(NotOurs::Malformed);
        }
        let head =
            body.get(..11).and_then(|head| URL_SAFE_NO_PAD.decode(head).ok()).ok_or(NotOurs::Malformed)?;
        let head: [u8; 8] = head.try_into().map_err(|_| NotOurs::Malformed)?;
        let serial =
            usize::try_from(u64::from_be_bytes(head) ^ self.mask(sort)).map_err(|_| NotOurs::Unknown)?;
        let count = match sort {
            Sort::Code => self.codes.len(),
            Sort::Access => self.access.len(),
            Sort::Refresh => self.refresh.len(),
        };
        if serial < count && self.text(sort, serial) == text { Ok(serial) } else { Err(NotOurs::Unknown) }
    }

    /// Every secret ever issued.
    pub(crate) fn all(&self) -> Vec<String> {
        let of = |sort, count| (0..count).map(move |serial| self.text(sort, serial));
        of(Sort::Code, self.codes.len())
            .chain(of(Sort::Access, self.access.len()))
            .chain(of(Sort::Refresh, self.refresh.len()))
            .collect()
    }

    fn mask(&self, sort: Sort) -> u64 {
        let mut head = [0; 8];
        head.copy_from_slice(&sha256(&[&self.key, sort.shape().0.as_bytes()])[..8]);
        u64::from_be_bytes(head)
    }

    fn text(&self, sort: Sort, serial: usize) -> String {
        let (prefix, blocks) = sort.shape();
        let serial = serial as u64;
        let head = URL_SAFE_NO_PAD.encode((serial ^ self.mask(sort)).to_be_bytes());
        let seed = sha256(&[&self.key, prefix.as_bytes(), &serial.to_be_bytes()]);
        let bytes: Vec<u8> = (0..blocks).flat_map(|block| sha256(&[&seed, &block.to_be_bytes()])).collect();
        let body = head + &URL_SAFE_NO_PAD.encode(bytes);
        let check = check(&body);
        format!("{prefix}{body}{check}")
    }
}

fn check(body: &str) -> String {
    let mut text = URL_SAFE_NO_PAD.encode(sha256(&[b"check", body.as_bytes()]));
    text.truncate(CHECK);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_token_is_malformed_and_a_foreign_one_unknown() {
        let refresh = || Refresh { user: 0, session: 1, issued: Timestamp::UNIX_EPOCH };
        let (mut ours, mut theirs) = (Issued::new([1; 32]), Issued::new([2; 32]));
        let text = ours.add_refresh(refresh());
        assert!(text.len() > 1024, "real ones are 1 to 2 KB");
        assert_eq!(ours.serial(Sort::Refresh, &text), Ok(0));
        assert_eq!(ours.serial(Sort::Refresh, &text[..text.len() - 1]), Err(NotOurs::Malformed));
        assert_eq!(ours.serial(Sort::Refresh, &theirs.add_refresh(refresh())), Err(NotOurs::Unknown));
        assert_eq!(ours.serial(Sort::Code, &text), Err(NotOurs::Malformed));
        assert_eq!(ours.all(), [text]);
    }
}
