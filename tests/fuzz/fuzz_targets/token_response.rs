//! An answer of the token endpoint: one byte chooses call and status, the rest is the body. No error may carry the
//! text of the answer out.
#![no_main]

use fuzz::{Answer, Peer};
use libfuzzer_sys::fuzz_target;
use shared::domain::features::ScopeSet;
use shared::domain::grant::Grant;
use shared::domain::secret::{AccessToken, AuthorizationCode, CodeVerifier, RefreshToken};
use shared::microsoft::{IdentityError, Redeem, Refresh};

const STATUSES: [u16; 8] = [200, 400, 401, 403, 429, 500, 503, 201];

fuzz_target!(|data: &[u8]| {
    let Some((&choice, body)) = data.split_first() else { return };
    let status = STATUSES[usize::from(choice >> 1) % STATUSES.len()];
    let answer = Answer { status, body: body.to_vec(), ..Answer::default() };
    let outcome = Peer::get().call(answer, async |peer, deadline| {
        let scopes = ScopeSet::parse("Calendars.ReadWrite");
        if choice & 1 == 0 {
            let token = RefreshToken::new("1.refresh".to_owned());
            let tenant = "11111111-2222-3333-4444-555555555555".parse().expect("a tenant");
            let refresh = Refresh { tenant: &tenant, token: &token, granted: &scopes, claims: None };
            return peer
                .identity
                .refresh(&peer.credential, refresh, deadline)
                .await
                .map(|grant| (grant, false));
        }
        let code = AuthorizationCode::new("code".to_owned());
        let verifier = CodeVerifier::new("v".repeat(43));
        let redeem = Redeem { authority: "organizations", code: &code, verifier: &verifier, asked: &scopes };
        peer.identity.redeem_code(&peer.credential, redeem, deadline).await.map(|(grant, _)| (grant, true))
    });
    match outcome {
        Ok((grant, _)) => {
            assert_eq!(status, 200);
            assert!(grant.usable_until >= fuzz::now());
            // Other tokens, the same text: nothing of them is shown. (A scope may well spell what a token spells.)
            let shown = format!("{grant:?}");
            let other = Grant {
                access: AccessToken::new("another".to_owned()),
                refresh: grant.refresh.map(|_| RefreshToken::new("another".to_owned())),
                ..grant
            };
            assert_eq!(shown, format!("{other:?}"));
            assert!(other.scopes.iter().all(|scope| scope.len() <= 100));
        }
        Err(IdentityError::Refused(refusal)) => {
            assert_eq!(refusal.status, status);
            assert!(refusal.error.len() <= 64 && refusal.codes.len() <= 16);
            let _ = refusal.verdict();
        }
        Err(IdentityError::Throttled { .. }) => assert_eq!(status, 429),
        Err(IdentityError::Unreachable { may_have_had_effect }) => assert!(may_have_had_effect),
    }
});
