use proptest::prelude::*;

use super::super::binding::Purpose;
use super::*;
use crate::clock::SystemEntropy;
use crate::domain::ids::{CustomerId, ObjectId, TenantId, UserId};

/// Counts up: a frozen vector needs a known salt.
struct Counting;

impl Entropy for Counting {
    fn fill(&self, out: &mut [u8]) {
        for (byte, n) in out.iter_mut().zip(0..) {
            *byte = n;
        }
    }
}

/// Every coordinate of a place, owned.
#[derive(Debug, Clone, PartialEq)]
struct Place {
    customer: String,
    user: String,
    purpose: Purpose,
    item: String,
    generation: u64,
    account: Option<(TenantId, ObjectId)>,
    key: u128,
}

impl Place {
    fn ordinary() -> Self {
        Self {
            customer: "acme".to_owned(),
            user: "ana".to_owned(),
            purpose: Purpose::Tokens,
            item: "con_01KA0000000000000000000000".to_owned(),
            generation: 7,
            account: Some((guid(1).parse().expect("tenant"), guid(2).parse().expect("object"))),
            key: 0x0190_0000_0000_7000_8000_0000_0000_0001,
        }
    }

    fn key(&self) -> CustomerKey {
        CustomerKey::new(Uuid::from_u128(self.key), &[0x42; 32]).expect("key")
    }

    fn with<T>(&self, act: impl FnOnce(&CustomerKey, &Binding<'_>) -> T) -> T {
        let customer: CustomerId = self.customer.parse().expect("customer");
        let user: UserId = self.user.parse().expect("user");
        let (purpose, generation, account) = (self.purpose, self.generation, self.account);
        let binding =
            Binding { customer: &customer, user: &user, purpose, item: &self.item, generation, account };
        act(&self.key(), &binding)
    }

    fn seal(&self, plain: &[u8]) -> Sealed {
        self.with(|key, binding| seal(key, binding, &[plain], &SystemEntropy))
    }

    fn open(&self, sealed: &Sealed) -> Result<Vec<u8>, OpenError> {
        self.with(|key, binding| open(key, binding, sealed).map(|plain| plain.to_vec()))
    }
}

fn guid(n: u8) -> String {
    format!("00000000-0000-0000-0000-0000000000{n:02x}")
}

/// Made by another implementation (HMAC and AES-GCM of Python) from the description above. It must open for ever:
/// if this test fails, the stored tokens of every customer are lost.
const FROZEN: &str = "01019000000000700080000000000000010000000000000007000102030405060708090a0b0c0d0e0f10111213\
     1415161718191a1b1c1d1e1f3e8a3d5f35dcf17b18a55c29019636f8dce2686d5a79481aa97570ce8741b1632d\
     dd07ab08105c3dd5f1e3c4afe7556d1bdd0787cf7a45";

#[test]
fn format_1_opens_for_ever() {
    let bytes = (0..FROZEN.len()).step_by(2).map(|i| u8::from_str_radix(&FROZEN[i..i + 2], 16));
    let sealed = Sealed(bytes.collect::<Result<_, _>>().expect("hex"));
    assert_eq!(Place::ordinary().open(&sealed), Ok(b"convene".to_vec()));
    let again = Place::ordinary().with(|key, binding| seal(key, binding, &[b"con", b"vene"], &Counting));
    assert_eq!(super::super::derive::hex(&again.0), FROZEN);
}

#[test]
fn what_is_cut_short_is_an_error() {
    let place = Place::ordinary();
    let sealed = place.seal(b"secret");
    for length in 0..sealed.0.len() {
        let short = Sealed(sealed.0[..length].to_vec());
        assert_eq!(place.open(&short), Err(OpenError::Damaged), "{length} bytes");
    }
    assert_eq!(key_version(&Sealed(Vec::new())), None);
    assert_eq!(key_version(&sealed), Some(Uuid::from_u128(place.key)));
}

#[test]
fn an_empty_value_opens_as_an_empty_value() {
    let sealed = Place::ordinary().seal(b"");
    assert_eq!(sealed.0.len(), OVERHEAD);
    assert_eq!(Place::ordinary().open(&sealed), Ok(Vec::new()));
}

#[test]
fn another_key_version_is_named() {
    let sealed = Place::ordinary().seal(b"secret");
    let next = Place { key: 9, ..Place::ordinary() };
    assert_eq!(next.open(&sealed), Err(OpenError::OtherKey(Uuid::from_u128(Place::ordinary().key))));
}

#[test]
fn another_key_of_the_same_version_is_refused_by_the_commitment() {
    let sealed = Place::ordinary().seal(b"secret");
    let version = Uuid::from_u128(Place::ordinary().key);
    let other = CustomerKey::new(version, &[0x43; 32]).expect("key");
    let opened = Place::ordinary().with(|_, binding| open(&other, binding, &sealed).map(|_| ()));
    assert_eq!(opened, Err(OpenError::Damaged));
}

#[test]
fn two_seals_never_share_a_salt() {
    let salts: std::collections::HashSet<Vec<u8>> =
        (0..10_000).map(|_| Place::ordinary().seal(b"x").0[25..57].to_vec()).collect();
    assert_eq!(salts.len(), 10_000);
}

fn elsewhere() -> impl Strategy<Value = Place> {
    let account = |t, o| Some((guid(t).parse().expect("tenant"), guid(o).parse().expect("object")));
    let id = "[a-zA-Z0-9#%é|:-]{1,40}";
    prop_oneof![
        id.prop_map(|customer| Place { customer, ..Place::ordinary() }),
        id.prop_map(|user| Place { user, ..Place::ordinary() }),
        id.prop_map(|item| Place { item, ..Place::ordinary() }),
        any::<u64>().prop_map(|generation| Place { generation, ..Place::ordinary() }),
        any::<u128>().prop_map(|key| Place { key, ..Place::ordinary() }),
        prop_oneof![Just(Purpose::Interview), Just(Purpose::Claim)]
            .prop_map(|purpose| Place { purpose, ..Place::ordinary() }),
        (any::<u8>(), any::<u8>())
            .prop_map(move |(t, o)| Place { account: account(t, o), ..Place::ordinary() }),
        Just(Place { account: None, ..Place::ordinary() }),
        (id, id).prop_map(|(customer, user)| Place { customer, user, ..Place::ordinary() }),
    ]
}

proptest! {
    #[test]
    fn any_value_comes_back(plain in proptest::collection::vec(any::<u8>(), 0..4096)) {
        let sealed = Place::ordinary().seal(&plain);
        prop_assert_eq!(sealed.0.len(), plain.len() + OVERHEAD);
        prop_assert_eq!(Place::ordinary().open(&sealed), Ok(plain));
    }

    #[test]
    fn any_changed_bit_is_an_error(plain in proptest::collection::vec(any::<u8>(), 0..64), at in any::<u32>()) {
        let mut sealed = Place::ordinary().seal(&plain);
        let bit = at as usize % (sealed.0.len() * 8);
        sealed.0[bit / 8] ^= 1 << (bit % 8);
        prop_assert!(Place::ordinary().open(&sealed).is_err());
    }

    #[test]
    fn any_changed_coordinate_is_an_error(place in elsewhere()) {
        prop_assume!(place != Place::ordinary());
        prop_assert!(place.open(&Place::ordinary().seal(b"secret")).is_err());
    }

    #[test]
    fn arbitrary_bytes_never_open(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(Place::ordinary().open(&Sealed(bytes)).is_err());
    }
}
