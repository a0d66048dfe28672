//! B6: a token pair is sealed and opened, beside AES-GCM under one key with random nonces, which has neither binding nor
//! commitment.

use std::hint::black_box;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use shared::clock::{Entropy, SystemEntropy};
use shared::domain::ids::{CustomerId, UserId};
use shared::domain::secret::{AccessToken, RefreshToken};
use shared::vault::{Binding, CustomerKey, OVERHEAD, Purpose, TokenPair, open_tokens, seal_tokens};

use crate::measure::{Rounds, float, micros, timed};

const ROUNDS: usize = 7;
const TIMES: usize = 20_000;
const ACCESS: usize = 1_700;
const REFRESH: usize = 1_300;
const NONCE: usize = 12;
const TAG: usize = 16;

fn per_call(mut work: impl FnMut()) -> f64 {
    let (took, ()) = timed(|| (0..TIMES).for_each(|_| work()));
    micros(took) / float(TIMES)
}

pub(crate) fn run() {
    let (customer, user): (CustomerId, UserId) = ("acme".parse().expect("id"), "u-ana".parse().expect("id"));
    let version = "0190c1a2-0000-7000-8000-000000000001".parse().expect("a version");
    let key = CustomerKey::new(version, &[9; 32]).expect("a key");
    let account = ("2f1d7c60-4b3a-4e58-9d21-6a0c5b8e7f14", "7a1d7c60-4b3a-4e58-9d21-6a0c5b8e7f14");
    let account = Some((account.0.parse().expect("a GUID"), account.1.parse().expect("a GUID")));
    let item = "con_01jarzpn0ae1vvsbcf4d3qx0gy";
    let binding =
        Binding { customer: &customer, user: &user, purpose: Purpose::Tokens, item, generation: 3, account };
    let (access, refresh) = (AccessToken::new("a".repeat(ACCESS)), RefreshToken::new("r".repeat(REFRESH)));
    let pair = TokenPair { access, refresh };
    let sealed = seal_tokens(&key, &binding, &pair, &SystemEntropy);

    let raw = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &[9; 32]).expect("a key"));
    let plain = vec![b'a'; ACCESS + REFRESH];
    let encrypt = || {
        let nonce = (&SystemEntropy as &dyn Entropy).bytes::<NONCE>();
        let mut out = Vec::with_capacity(NONCE + plain.len() + TAG);
        out.extend_from_slice(&nonce);
        out.extend_from_slice(&plain);
        let nonce = Nonce::assume_unique_for_key(nonce);
        let tag = raw.seal_in_place_separate_tag(nonce, Aad::empty(), &mut out[NONCE..]).expect("sealed");
        out.extend_from_slice(tag.as_ref());
        out
    };
    let encrypted = encrypt();
    let decrypt = || {
        let nonce = Nonce::try_assume_unique_for_key(&encrypted[..NONCE]).expect("a nonce");
        let mut buffer = encrypted[NONCE..].to_vec();
        raw.open_in_place(nonce, Aad::empty(), &mut buffer).expect("opened").len()
    };

    let [mut seals, mut opens, mut both, mut raw_seals, mut raw_opens, mut raw_both]: [Rounds; 6] =
        Default::default();
    for _ in 0..ROUNDS {
        let seal =
            per_call(|| drop(black_box(seal_tokens(&key, &binding, black_box(&pair), &SystemEntropy))));
        let raw_seal = per_call(|| drop(black_box(encrypt())));
        let open =
            per_call(|| drop(black_box(open_tokens(&key, &binding, black_box(&sealed)).expect("opens"))));
        let raw_open = per_call(|| {
            black_box(decrypt());
        });
        for (list, reading) in [
            (&mut seals, seal),
            (&mut opens, open),
            (&mut both, seal + open),
            (&mut raw_seals, raw_seal),
            (&mut raw_opens, raw_open),
            (&mut raw_both, raw_seal + raw_open),
        ] {
            list.add(&[reading]);
        }
    }
    println!("| {} bytes | ours us | raw us | raw / ours |\n|---|---|---|---|", ACCESS + REFRESH);
    for (name, ours, theirs) in
        [("seal", &seals, &raw_seals), ("open", &opens, &raw_opens), ("seal and open", &both, &raw_both)]
    {
        println!("| {name} | {:.2} | {:.2} | {:.2} |", ours.middle(), theirs.middle(), theirs.against(ours));
    }
    println!("\noverhead: {OVERHEAD} bytes, raw {}", NONCE + TAG);
    const { assert!(OVERHEAD <= 128, "a sealed pair must fit into its row") };
}
