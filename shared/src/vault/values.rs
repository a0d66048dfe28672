//! What is sealed, as bytes: token pairs in a compact form, everything else as JSON.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::binding::Binding;
use super::customer_key::CustomerKey;
use super::envelope::{OpenError, open, seal};
use crate::clock::Entropy;
use crate::domain::connection::Sealed;
use crate::domain::secret::{AccessToken, RefreshToken};
use crate::domain::wiped::Wiped;

/// Both tokens of a connection: sealed, opened and replaced together.
#[derive(Debug)]
pub struct TokenPair {
    /// For Graph.
    pub access: AccessToken,
    /// For the next redemption.
    pub refresh: RefreshToken,
}

/// Seals a token pair as one value: length of the access token, access token, refresh token.
pub fn seal_tokens(
    key: &CustomerKey,
    binding: &Binding<'_>,
    tokens: &TokenPair,
    entropy: &dyn Entropy,
) -> Sealed {
    let (access, refresh) = (tokens.access.expose().as_bytes(), tokens.refresh.expose().as_bytes());
    seal(key, binding, &[&(access.len() as u64).to_be_bytes(), access, refresh], entropy)
}

/// Opens a token pair.
pub fn open_tokens(
    key: &CustomerKey,
    binding: &Binding<'_>,
    sealed: &Sealed,
) -> Result<TokenPair, OpenError> {
    let plain = open(key, binding, sealed)?;
    read_tokens(&plain).ok_or(OpenError::Damaged)
}

fn read_tokens(plain: &[u8]) -> Option<TokenPair> {
    let (length, rest) = plain.split_first_chunk()?;
    let length = usize::try_from(u64::from_be_bytes(*length)).ok()?;
    let (access, refresh) = rest.split_at_checked(length)?;
    let text = |bytes: &[u8]| std::str::from_utf8(bytes).map(str::to_owned).ok();
    Some(TokenPair { access: AccessToken::new(text(access)?), refresh: RefreshToken::new(text(refresh)?) })
}

/// Seals a value as JSON.
pub fn seal_json<T: Serialize>(
    key: &CustomerKey,
    binding: &Binding<'_>,
    value: &T,
    entropy: &dyn Entropy,
) -> Sealed {
    seal(key, binding, &[json(value).as_slice()], entropy)
}

/// Opens a value that was sealed as JSON.
pub fn open_json<T: DeserializeOwned>(
    key: &CustomerKey,
    binding: &Binding<'_>,
    sealed: &Sealed,
) -> Result<T, OpenError> {
    let plain = open(key, binding, sealed)?;
    serde_json::from_slice(&plain).map_err(|_| OpenError::Damaged)
}

fn json<T: Serialize>(value: &T) -> Wiped<Vec<u8>> {
    Wiped::new(serde_json::to_vec(value).expect("our own types have a JSON form"))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::super::binding::Purpose;
    use super::*;
    use crate::clock::SystemEntropy;
    use crate::domain::ids::{CustomerId, UserId};

    fn with_binding(test: impl FnOnce(&CustomerKey, &Binding<'_>)) {
        let (customer, user): (CustomerId, UserId) =
            ("acme".parse().expect("id"), "ana".parse().expect("id"));
        let key = CustomerKey::new(Uuid::from_u128(1), &[9; 32]).expect("key");
        let binding = Binding {
            customer: &customer,
            user: &user,
            purpose: Purpose::Tokens,
            item: "con_1",
            generation: 3,
            account: None,
        };
        test(&key, &binding);
    }

    #[test]
    fn a_token_pair_comes_back_as_it_was() {
        with_binding(|key, binding| {
            let pair = TokenPair {
                access: AccessToken::new("eyJ.a.b".to_owned()),
                refresh: RefreshToken::new("1.AXkA".to_owned()),
            };
            let sealed = seal_tokens(key, binding, &pair, &SystemEntropy);
            assert_eq!(sealed.0.len(), super::super::envelope::OVERHEAD + 8 + 7 + 6);
            let opened = open_tokens(key, binding, &sealed).expect("opens");
            assert_eq!((opened.access.expose(), opened.refresh.expose()), ("eyJ.a.b", "1.AXkA"));
        });
    }

    #[test]
    fn json_comes_back_and_other_json_is_damage() {
        with_binding(|key, binding| {
            let sealed = seal_json(key, binding, &vec!["a", "b"], &SystemEntropy);
            assert_eq!(
                open_json::<Vec<String>>(key, binding, &sealed),
                Ok(vec!["a".to_owned(), "b".to_owned()])
            );
            assert_eq!(open_json::<u32>(key, binding, &sealed), Err(OpenError::Damaged));
            assert!(open_tokens(key, binding, &sealed).is_err());
        });
    }

    #[test]
    fn a_length_beyond_the_end_is_refused() {
        for plain in [&[][..], &[0; 7], &[255; 8], &[0, 0, 0, 0, 0, 0, 0, 2, b'x']] {
            assert!(read_tokens(plain).is_none());
        }
    }
}
