//! A sealed value as it may stand in a row: any bytes; a true one with some bytes changed; and a true one around
//! bytes that are no pair of tokens.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shared::clock::SystemEntropy;
use shared::domain::connection::Sealed;
use shared::vault::{
    Binding, CustomerKey, OpenError, Purpose, key_version, open, open_json, open_tokens, seal,
};
use uuid::Uuid;

fuzz_target!(|data: &[u8]| {
    let (customer, user) = ("acme".parse().expect("an id"), "ana".parse().expect("an id"));
    let key = CustomerKey::new(Uuid::from_u128(7), &[7; 32]).expect("a key");
    let binding = Binding {
        customer: &customer,
        user: &user,
        purpose: Purpose::Tokens,
        item: "con_01",
        generation: 3,
        account: None,
    };
    let raw = Sealed(data.to_vec());
    let version = key_version(&raw);
    match open(&key, &binding, &raw) {
        Ok(_) => panic!("nobody sealed this"),
        Err(OpenError::OtherKey(other)) => assert_eq!(version, Some(other)),
        Err(OpenError::Damaged) => {}
    }
    let Some((&[from, mask], plain)) = data.split_first_chunk::<2>() else { return };
    let sealed = seal(&key, &binding, &[plain], &SystemEntropy);
    assert_eq!(open(&key, &binding, &sealed).expect("it opens at its place").as_slice(), plain);
    let _ = open_tokens(&key, &binding, &sealed);
    let _ = open_json::<Vec<String>>(&key, &binding, &sealed);
    if mask != 0 {
        let mut changed = sealed.clone();
        let at = usize::from(from) % changed.0.len();
        changed.0[at] ^= mask;
        assert!(open(&key, &binding, &changed).is_err(), "byte {at} changed by {mask}");
    }
});
