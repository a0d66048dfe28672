//! `POST /{tenant}/oauth2/v2.0/token`: codes and refresh tokens become tokens, or a refusal (microsoft.md A4, A6, A7).

use super::aadsts::{Refusal, refusal};
use super::authorize::{Realm, realm};
use super::certificates::VendorSecret;
use super::keys::id_token;
use super::policy::LOW_IMPACT;
use super::refusals::{forced, idle, not_consented, standing};
use super::scopes::{BadScope, Scopes};
use super::secrets::{Access, Grant, NotOurs, Redemption, Refresh, Sort};
use super::tenant::{State, UserId, seconds};
use crate::random::sha256;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A code lives ten minutes.
const CODE_SECONDS: i64 = 600;
/// Access tokens live 60 to 90 minutes.
const ACCESS_SECONDS: (u64, u64) = (3600, 5400);

/// The form of a token request, with the credential of an `Authorization: Basic` header put in.
pub(crate) type Form = BTreeMap<String, String>;

/// A grant that passed its own checks.
struct Proven {
    user: UserId,
    session: u64,
    scopes: Scopes,
    nonce: Option<String>,
}

/// Puts `client_id:secret` of HTTP Basic (RFC 6749 2.3.1) into the form.
pub(crate) fn add_basic(form: &mut Form, authorization: Option<&str>) {
    let decoded = authorization
        .and_then(|text| text.strip_prefix("Basic "))
        .and_then(|text| STANDARD.decode(text).ok());
    let Some(pair) = decoded.and_then(|bytes| String::from_utf8(bytes).ok()) else { return };
    let Some((id, secret)) = pair.split_once(':') else { return };
    let plain = |text: &str| {
        let query = format!("v={text}");
        url::form_urlencoded::parse(query.as_bytes())
            .next()
            .map(|(_, value)| value.into_owned())
            .unwrap_or_default()
    };
    form.entry("client_id".to_owned()).or_insert_with(|| plain(id));
    form.entry("client_secret".to_owned()).or_insert_with(|| plain(secret));
}

/// The user whom a token request is about, for journal filters; no checks.
pub(crate) fn user_of(state: &State, form: &Form) -> Option<UserId> {
    if let Some(code) = form.get("code") {
        return state.issued.serial(Sort::Code, code).ok().map(|serial| state.issued.codes[serial].user);
    }
    let serial = state.issued.serial(Sort::Refresh, form.get("refresh_token")?).ok()?;
    Some(state.issued.refresh[serial].user)
}

pub(crate) fn redeem(state: &mut State, named: &str, form: &Form, now: Timestamp) -> Result<Value, Refusal> {
    let grant = match form.get("grant_type").map(String::as_str) {
        None => return Err(missing("grant_type")),
        Some("authorization_code") => Grant::AuthorizationCode,
        Some("refresh_token") => Grant::RefreshToken,
        Some(_) => return Err(refusal(70003)),
    };
    let outcome = checked(state, named, form, grant, now);
    if let Some(user) = user_of(state, form) {
        let code = outcome.as_ref().err().map_or(0, |refused| refused.code);
        let user = state.users[user].email.clone();
        state.redemptions.push(Redemption { grant, user, code, at: now });
    }
    outcome
}

fn checked(
    state: &mut State,
    named: &str,
    form: &Form,
    grant: Grant,
    now: Timestamp,
) -> Result<Value, Refusal> {
    let Some(realm) = realm(state, named) else {
        let mut refused = refusal(90002);
        refused.text = format!("Tenant '{named}' not found. {}", refused.text);
        return Err(refused);
    };
    let (field, sort) = match grant {
        Grant::AuthorizationCode => ("code", Sort::Code),
        Grant::RefreshToken => ("refresh_token", Sort::Refresh),
    };
    let presented = form.get(field).ok_or_else(|| missing(field))?;
    let serial = state.issued.serial(sort, presented);
    if serial == Err(NotOurs::Malformed) {
        return Err(refusal(9_002_313)); // before the credential is looked at
    }
    credential(state, named, form, now)?;
    no_loop(state, form, presented, now)?;
    let serial = serial.map_err(|_| refusal(70000))?;
    let proven = match grant {
        Grant::AuthorizationCode => code(state, serial, realm, form, now)?,
        Grant::RefreshToken => refresh(state, serial, realm, form, now)?,
    };
    Ok(issue(state, &proven, form, now))
}

pub(super) fn missing(field: &str) -> Refusal {
    let mut refused = refusal(900_144);
    refused.text = format!("The request body must contain the following parameter: '{field}'.");
    refused
}

fn credential(state: &mut State, named: &str, form: &Form, now: Timestamp) -> Result<(), Refusal> {
    let client_id = form.get("client_id").ok_or_else(|| missing("client_id"))?;
    if *client_id != state.config.client_id {
        let mut refused = refusal(700_016);
        refused.text = format!("Application with identifier '{client_id}' was not found in the directory.");
        return Err(refused);
    }
    match (form.get("client_secret"), form.get("client_assertion")) {
        (None, None) => Err(refusal(7_000_218)),
        (None, Some(_)) => {
            let endpoint = format!("{}/{named}/oauth2/v2.0/token", state.config.login_url());
            super::assertion::check(state, form, &endpoint, now)
        }
        (Some(_), _) if state.vendor_secret == VendorSecret::Expired => Err(refusal(7_000_222)),
        (Some(_), _) if state.vendor_secret == VendorSecret::Wrong => Err(refusal(7_000_215)),
        (Some(secret), _) if *secret != state.config.client_secret => Err(refusal(7_000_215)),
        (Some(_), _) => Ok(()),
    }
}

/// 50196: more than so many equal requests within a minute.
fn no_loop(state: &mut State, form: &Form, presented: &str, now: Timestamp) -> Result<(), Refusal> {
    let scope = form.get("scope").map(String::as_str).unwrap_or_default();
    let limit = state.options.loop_limit;
    let times = state.recent.entry(sha256(&[presented.as_bytes(), b" ", scope.as_bytes()])).or_default();
    times.retain(|at| *at + seconds(60) > now);
    times.push(now);
    let looping = times.len() > limit;
    if state.recent.len() > 10_000 {
        state.recent.retain(|_, times| times.last().is_some_and(|at| *at + seconds(60) > now));
    }
    if looping { Err(refusal(50196)) } else { Ok(()) }
}

fn code(
    state: &mut State,
    serial: usize,
    realm: Realm,
    form: &Form,
    now: Timestamp,
) -> Result<Proven, Refusal> {
    let code = &state.issued.codes[serial];
    if code.redeemed {
        return Err(refusal(54005));
    }
    if code.issued + seconds(CODE_SECONDS) <= now {
        return Err(refusal(70008));
    }
    if matches!(realm, Realm::One(tenant) if tenant != state.users[code.user].tenant) {
        return Err(refusal(700_005));
    }
    if form.get("redirect_uri") != Some(&code.redirect_uri) || form.get("client_id") != Some(&code.client_id)
    {
        let mut refused = refusal(500_112);
        let text = "The reply address does not match the one provided when requesting Authorization code.";
        text.clone_into(&mut refused.text);
        return Err(refused);
    }
    let verifier = form.get("code_verifier").map(String::as_str).unwrap_or_default();
    if !(43..=128).contains(&verifier.len()) {
        return Err(refusal(50148));
    }
    if URL_SAFE_NO_PAD.encode(sha256(&[verifier.as_bytes()])) != code.challenge {
        return Err(refusal(501_481));
    }
    let (user, session, asked, nonce) = (code.user, code.session, code.scopes, code.nonce.clone());
    if let Some(refused) = standing(state, user, session, now) {
        return Err(refused);
    }
    let scopes = granted(state, user, form, Some(asked), now)?;
    state.issued.codes[serial].redeemed = true;
    Ok(Proven { user, session, scopes, nonce })
}

fn refresh(
    state: &mut State,
    serial: usize,
    realm: Realm,
    form: &Form,
    now: Timestamp,
) -> Result<Proven, Refusal> {
    let Refresh { user, session, issued } = state.issued.refresh[serial];
    if let Some(refused) = forced(state, user) {
        return Err(refused);
    }
    if matches!(realm, Realm::One(tenant) if tenant != state.users[user].tenant) {
        return Err(refusal(70000));
    }
    if let Some(refused) = standing(state, user, session, now) {
        return Err(refused);
    }
    if idle(issued, now) {
        return Err(refusal(700_082));
    }
    let scopes = granted(state, user, form, None, now)?;
    Ok(Proven { user, session, scopes, nonce: None })
}

/// The scopes the request is good for: what it names, else what was asked for at sign-in, else all that is granted.
/// Naming one that is not granted fails the whole request, healthy refresh token or not.
fn granted(
    state: &State,
    user: UserId,
    form: &Form,
    asked: Option<Scopes>,
    now: Timestamp,
) -> Result<Scopes, Refusal> {
    let consented = state.consented_at_token(user, now);
    let wanted = match asked_scopes(state, form) {
        Some(Ok(scopes)) if !scopes.is_empty() => scopes,
        Some(Err(BadScope::OtherResource(_))) => return Err(refusal(70011)),
        Some(Err(BadScope::Unknown(_))) => return Err(refusal(650_053)),
        Some(Ok(_)) | None => asked.unwrap_or(consented),
    };
    if !wanted.is_empty() && consented.contains(wanted) {
        return Ok(wanted);
    }
    let late = state.options.consent_lag_narrows && state.consented(user).contains(wanted);
    let known = consented.union(Scopes::parse(LOW_IMPACT).unwrap_or_default());
    let narrow = wanted.without(wanted.without(known));
    if late && !narrow.is_empty() { Ok(narrow) } else { Err(not_consented(state)) }
}

fn asked_scopes(state: &State, form: &Form) -> Option<Result<Scopes, BadScope>> {
    form.get("scope").map(|scope| Scopes::of_resource(&state.options.graph_resource, scope))
}

fn issue(state: &mut State, proven: &Proven, form: &Form, now: Timestamp) -> Value {
    let Proven { user, session, scopes, nonce } = proven;
    let (user, session) = (*user, *session);
    // The token holds everything granted for the resource, not only what was asked for.
    let graph = state.consented_at_token(user, now).graph();
    let shown = graph.union(scopes.without(scopes.graph())).without(Scopes::OFFLINE);
    let (least, most) = ACCESS_SECONDS;
    let expires_in = least + state.random.below(most - least + 1);
    let expires = now + seconds(i64::try_from(expires_in).unwrap_or_default());
    // As it was asked: the cache of MSAL compares to the letter.
    let asked = form.get("scope").is_some_and(|scope| scope.contains("://"));
    let prefixed = asked || state.options.prefixed_scopes;
    let mut spelled = shown.spelled(Some(state.options.graph_resource.as_str()).filter(|_| prefixed));
    state.random.shuffle(&mut spelled);
    let mut body = json!({
        "token_type": "Bearer",
        "scope": spelled.join(" "),
        "expires_in": expires_in,
        "access_token": state.issued.add_access(Access {
            user,
            scopes: graph,
            expires,
            with_claims: form.get("claims").is_some_and(|claims| claims.contains("access_token")),
        }),
    });
    if state.random.below(4) > 0 {
        body["ext_expires_in"] = expires_in.into();
    }
    if scopes.contains(Scopes::OFFLINE) && !state.options.withhold_refresh_token {
        body["refresh_token"] = state.issued.add_refresh(Refresh { user, session, issued: now }).into();
    }
    if scopes.contains(Scopes::OPENID) {
        body["id_token"] = id_token(state, user, nonce.as_deref(), now).into();
    }
    if form.get("client_info").is_some_and(|wanted| wanted == "1") {
        let ids = json!({"uid": state.users[user].oid, "utid": state.tenant_of(user).id});
        body["client_info"] = URL_SAFE_NO_PAD.encode(ids.to_string()).into();
    }
    if state.options.odd_token_answers {
        spell_otherwise(&mut body);
    }
    body
}

/// What means the same to a tolerant reader (RFC 6749 section 5.1).
fn spell_otherwise(body: &mut Value) {
    body["expires_in"] = body["expires_in"].to_string().into();
    if let Some(members) = body.as_object_mut() {
        members.remove("scope");
        members.remove("token_type");
    }
}

/// A grant and its tokens without any clicking; `None` for an unknown user.
pub(crate) fn mint(
    state: &mut State,
    email: &str,
    scopes: Scopes,
    now: Timestamp,
) -> Option<(String, String, u64)> {
    let user = state.user(email)?;
    state.consent(state.users[user].tenant, Some(user), scopes, now);
    let session = state.next();
    let expires_in = ACCESS_SECONDS.0 + state.random.below(ACCESS_SECONDS.1 - ACCESS_SECONDS.0 + 1);
    let expires = now + seconds(i64::try_from(expires_in).unwrap_or_default());
    let access =
        state.issued.add_access(Access { user, scopes: scopes.graph(), expires, with_claims: false });
    Some((access, state.issued.add_refresh(Refresh { user, session, issued: now }), expires_in))
}
