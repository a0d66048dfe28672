use std::sync::LazyLock;

use serde_json::json;

use super::super::{Authorize, ClientProof, Identity, IdentityError, Redeem, Refresh, Registration};
use super::{Act, Scripted, answer};
use crate::domain::cloud::Cloud;
use crate::domain::features::ScopeSet;
use crate::domain::ids::TenantId;
use crate::domain::secret::{AuthorizationCode, ClientSecret, CodeVerifier, RefreshToken};

const TID: &str = "2f1d7c60-4b3a-4e58-9d21-6a0c5b8e7f14";

fn identity(microsoft: &Scripted) -> Identity {
    let registration = Registration {
        cloud: Cloud::Global,
        client_id: "3a9d5e21-7c84-4b0f-a6d2-f1e08b9c4d73".to_owned(),
        redirect_uri: "https://app.example.com/api/auth/microsoft/callback".to_owned(),
    };
    Identity::new(microsoft.wire.clone(), &microsoft.endpoints, registration)
}

fn tokens() -> Act {
    let body = json!({
        "token_type": "Bearer", "scope": "User.Read Calendars.ReadWrite", "expires_in": 3600,
        "access_token": "eyJ0", "refresh_token": "1.new", "id_token": "eyJ1",
    });
    answer(200, &body.to_string())
}

fn secret() -> ClientProof {
    ClientProof::Secret(ClientSecret::new("s3cr~t+/".to_owned()))
}

fn tenant() -> TenantId {
    TID.parse().expect("tenant")
}

fn refreshing() -> Refresh<'static> {
    static OLD: LazyLock<RefreshToken> = LazyLock::new(|| RefreshToken::new("1.old".to_owned()));
    static TENANT: LazyLock<TenantId> = LazyLock::new(tenant);
    static GRANTED: LazyLock<ScopeSet> = LazyLock::new(|| ScopeSet::parse("User.Read Calendars.ReadWrite"));
    Refresh { tenant: &TENANT, token: &OLD, granted: &GRANTED, claims: None }
}

#[test]
fn an_answer_names_the_entra_that_is_set() {
    let microsoft = Scripted::new([]);
    let issuer = format!("{}/{TID}/v2.0", microsoft.endpoints.login);
    assert!(identity(&microsoft).is_issuer(&issuer));
    assert!(!identity(&microsoft).is_issuer(&format!("https://evil.example/{TID}/v2.0")));
}

#[test]
fn the_authorize_url_is_bound_to_verifier_and_nonce_and_never_prompts_for_consent() {
    let microsoft = Scripted::new([]);
    let ask = Authorize {
        authority: "organizations",
        scopes: &["openid", "Calendars.ReadWrite"],
        state: "st_7f3c",
        nonce: "n_55a1",
        challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        login_hint: Some("ana+x@contoso.com"),
        locale: None,
    };
    let url = identity(&microsoft).authorize_url(&ask);
    let query = "/organizations/oauth2/v2.0/authorize?response_type=code&response_mode=query&code_challenge_method=S256\
                 &client_id=3a9d5e21-7c84-4b0f-a6d2-f1e08b9c4d73\
                 &redirect_uri=https%3A%2F%2Fapp.example.com%2Fapi%2Fauth%2Fmicrosoft%2Fcallback\
                 &scope=openid+Calendars.ReadWrite&state=st_7f3c&nonce=n_55a1\
                 &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&login_hint=ana%2Bx%40contoso.com";
    assert_eq!(url.strip_prefix(&microsoft.endpoints.login), Some(query));
    let hostile = identity(&microsoft).authorize_url(&Authorize { authority: "../x?y=#", ..ask });
    assert!(hostile.contains("/..%2Fx%3Fy%3D%23/oauth2/v2.0/authorize?"));
}

async fn redeem(microsoft: &Scripted) -> Result<(), IdentityError> {
    let (code, verifier) = (AuthorizationCode::new("0.AXk/+".to_owned()), CodeVerifier::new("v".repeat(43)));
    let asked = ScopeSet::parse("User.Read Calendars.ReadWrite");
    let redeem = Redeem { authority: "organizations", code: &code, verifier: &verifier, asked: &asked };
    identity(microsoft).redeem_code(&secret(), redeem, Scripted::deadline(20)).await.map(|_| ())
}

#[tokio::test]
async fn a_code_is_redeemed_with_verifier_and_secret_in_the_body() {
    let microsoft = Scripted::new([tokens()]);
    redeem(&microsoft).await.expect("tokens");
    let request = &microsoft.requests()[0];
    assert!(request.starts_with("POST /organizations/oauth2/v2.0/token HTTP/1.1\r\n"));
    let (head, body) = request.split_once("\r\n\r\n").expect("body");
    assert!(
        !head.contains("authorization:") && !head.contains("origin:") && head.contains("client-request-id: ")
    );
    let fields: std::collections::BTreeMap<_, _> = url::form_urlencoded::parse(body.as_bytes()).collect();
    assert_eq!(fields["grant_type"], "authorization_code");
    assert_eq!(fields["code"], "0.AXk/+");
    assert_eq!(fields["code_verifier"], "v".repeat(43));
    assert_eq!(fields["client_secret"], "s3cr~t+/");
    assert_eq!(fields["redirect_uri"], "https://app.example.com/api/auth/microsoft/callback");
}

#[tokio::test]
async fn a_code_is_never_sent_twice() {
    for lost in [Act::Reset, answer(200, "{}"), answer(502, "<html>"), Act::Truncate(200, "{".to_owned())] {
        let microsoft = Scripted::new([lost]);
        let error = redeem(&microsoft).await.expect_err("lost");
        assert!(matches!(error, IdentityError::Unreachable { may_have_had_effect: true }), "{error:?}");
        assert_eq!(microsoft.calls().len(), 1);
    }
}

#[tokio::test]
async fn no_error_repeats_what_the_answer_said() {
    let microsoft = Scripted::new([answer(200, r#"{"access_token":"CANARY","token_type":7}"#)]);
    let error = redeem(&microsoft).await.expect_err("malformed");
    assert!(!format!("{error:?} {error}").contains("CANARY"));
}

#[tokio::test]
async fn a_refresh_is_one_call_to_the_tenant_and_names_no_scope() {
    let microsoft = Scripted::new([tokens()]);
    let grant =
        identity(&microsoft).refresh(&secret(), refreshing(), Scripted::deadline(20)).await.expect("grant");
    assert_eq!(grant.refresh.expect("token").expose(), "1.new");
    assert_eq!(microsoft.calls(), [format!("POST /{TID}/oauth2/v2.0/token")]);
    let request = &microsoft.requests()[0];
    assert!(request.contains("grant_type=refresh_token&refresh_token=1.old") && !request.contains("scope="));
    let microsoft = Scripted::new([answer(503, "")]);
    assert!(identity(&microsoft).refresh(&secret(), refreshing(), Scripted::deadline(20)).await.is_err());
    assert_eq!(microsoft.calls().len(), 1);
}

#[tokio::test]
async fn what_graph_asks_for_is_asked_of_entra() {
    let microsoft = Scripted::new([tokens()]);
    let claims = Some(r#"{"access_token":{"nbf":{"essential":true}}}"#);
    let asked = Refresh { claims, ..refreshing() };
    identity(&microsoft).refresh(&secret(), asked, Scripted::deadline(20)).await.expect("grant");
    let requests = microsoft.requests();
    let (_, body) = requests[0].split_once("\r\n\r\n").expect("body");
    let sent = url::form_urlencoded::parse(body.as_bytes()).find(|(name, _)| name == "claims");
    assert_eq!(sent.map(|(_, value)| value.into_owned()).as_deref(), claims);
}

#[tokio::test]
async fn an_answer_is_read_in_the_spellings_that_mean_the_same() {
    let odd = "\u{feff}{\"access_token\":\"eyJ0\",\"refresh_token\":\"1.new\",\"expires_in\":\"3600\"}";
    let microsoft = Scripted::new([answer(200, odd)]);
    let grant =
        identity(&microsoft).refresh(&secret(), refreshing(), Scripted::deadline(20)).await.expect("grant");
    assert_eq!(grant.scopes.to_string(), "Calendars.ReadWrite User.Read", "as it was granted before");
}

#[tokio::test]
async fn a_patient_refresh_tries_a_second_time_where_that_may_help() {
    for passing in [Act::Reset, answer(503, "busy"), answer(500, r#"{"error":"server_error"}"#)] {
        let microsoft = Scripted::new([passing, tokens()]);
        let deadline = Scripted::deadline(20);
        assert!(identity(&microsoft).refresh_patiently(&secret(), refreshing(), deadline).await.is_ok());
        assert_eq!(microsoft.calls().len(), 2);
    }
    let microsoft = Scripted::new([answer(
        400,
        r#"{"error":"invalid_grant","error_codes":[50173],"suberror":"bad_token"}"#,
    )]);
    let refused =
        identity(&microsoft).refresh_patiently(&secret(), refreshing(), Scripted::deadline(20)).await;
    assert!(matches!(refused, Err(IdentityError::Refused(refusal)) if refusal.codes == [50173]));
    assert_eq!(microsoft.calls().len(), 1);
}

#[tokio::test]
async fn the_tenant_of_a_domain_is_asked_for_once_a_day() {
    let document =
        format!(r#"{{"token_endpoint":"https://login.microsoftonline.com/{TID}/oauth2/v2.0/token"}}"#);
    let microsoft = Scripted::new([
        answer(200, &document),
        answer(400, r#"{"error":"invalid_tenant"}"#),
        answer(500, ""),
    ]);
    let (identity, deadline) = (identity(&microsoft), Scripted::deadline(20));
    for domain in ["contoso.com", "Contoso.COM"] {
        assert_eq!(identity.tenant_of_domain(domain, deadline).await.expect("answer"), Some(tenant()));
    }
    assert_eq!(identity.tenant_of_domain("nobody.example", deadline).await.expect("answer"), None);
    assert_eq!(identity.tenant_of_domain("organizations", deadline).await.expect("answer"), None);
    assert!(identity.tenant_of_domain("down.example", deadline).await.is_err());
    assert_eq!(microsoft.calls()[0], "GET /contoso.com/v2.0/.well-known/openid-configuration");
}
