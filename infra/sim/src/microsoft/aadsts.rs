//! The refusals of Entra's token endpoint: number, `error`, `suberror`, status and text (microsoft.md A4 and B).
//!
//! Where no source records the `error` of a number, `invalid_grant` stands in: clients must go by the number.

use super::tenant::State;
use crate::faults::text_answer;
use axum::response::Response;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// A refusal before it is dressed in trace ids and time.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    pub(crate) code: u32,
    pub(crate) status: u16,
    pub(crate) error: String,
    pub(crate) suberror: Option<String>,
    pub(crate) text: String,
}

type Row = (u32, u16, &'static str, &'static str, &'static str);

#[rustfmt::skip]
#[expect(clippy::unreadable_literal, reason = "AADSTS numbers are looked up as they are printed")]
static ROWS: &[Row] = &[
    (16000, 400, "interaction_required", "", "User account from identity provider does not exist in tenant and cannot access the application in that tenant."),
    (50013, 400, "invalid_grant", "", "Assertion failed signature validation."),
    (50020, 400, "access_denied", "", "User account from identity provider does not exist in tenant and cannot access the application in that tenant."),
    (50027, 401, "invalid_client", "", "JWT token is invalid or malformed."),
    (50034, 400, "invalid_grant", "bad_token", "The user account does not exist in the directory. To sign into this application, the account must be added to the directory."),
    (50053, 400, "invalid_grant", "", "The account is locked, you've tried to sign in too many times with an incorrect user ID or password."),
    (50055, 400, "invalid_grant", "user_password_expired", "The password is expired."),
    (50057, 400, "invalid_grant", "", "The user account is disabled."),
    (50058, 400, "login_required", "", "A silent sign-in request was sent but no user is signed in."),
    (50072, 400, "invalid_grant", "basic_action", "Due to a configuration change made by your administrator, or because you moved to a new location, you must enroll in multi-factor authentication."),
    (50074, 400, "invalid_grant", "basic_action", "Strong Authentication is required."),
    (50076, 400, "invalid_grant", "basic_action", "Due to a configuration change made by your administrator, or because you moved to a new location, you must use multi-factor authentication to access the resource."),
    (50078, 400, "invalid_grant", "basic_action", "Presented multi-factor authentication has expired due to policies configured by your administrator."),
    (50079, 400, "invalid_grant", "basic_action", "Due to a configuration change made by your administrator, or because you moved to a new location, you must enroll in multi-factor authentication."),
    (50105, 400, "invalid_grant", "", "Your administrator has configured the application to block users unless they are specifically granted ('assigned') access to the application."),
    (50128, 400, "invalid_request", "", "Invalid domain name - No tenant-identifying information found in either the request or implied by any provided credentials."),
    (50132, 400, "invalid_grant", "bad_token", "The session is not valid due to password expiration or recent password change."),
    (50133, 400, "invalid_grant", "bad_token", "The session is not valid due to password expiration or recent password change."),
    (50148, 400, "invalid_grant", "", "The size of the code_verifier does not match what is expected."),
    (50158, 400, "interaction_required", "", "External security challenge not satisfied."),
    (50173, 400, "invalid_grant", "bad_token", "The provided grant has expired due to it being revoked, a fresh auth token is needed."),
    (50196, 400, "invalid_grant", "", "The server terminated an operation because it encountered a client request loop."),
    (51004, 400, "invalid_grant", "", "The user account does not exist in the directory."),
    (53000, 400, "invalid_grant", "", "Device is not in required device state: compliant."),
    (53003, 400, "invalid_grant", "message_only", "Access has been blocked by Conditional Access policies. The access policy does not allow token issuance."),
    (54005, 400, "invalid_grant", "", "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token."),
    (65001, 400, "invalid_grant", "consent_required", "The user or administrator has not consented to use the application. Send an interactive authorization request for this user and resource."),
    (65004, 400, "access_denied", "", "User declined to consent to access the app."),
    (70000, 400, "invalid_grant", "", "The provided value for the input parameter is not valid. The grant is invalid."),
    (70002, 401, "invalid_client", "", "Error validating credentials."),
    (70003, 400, "unsupported_grant_type", "", "The app requested an unsupported grant type."),
    (70008, 400, "invalid_grant", "token_expired", "The provided authorization code or refresh token has expired due to inactivity. Send a new interactive authorization request for this user and resource."),
    (70011, 400, "invalid_scope", "", "The provided value for the input parameter 'scope' is not valid."),
    (70043, 400, "invalid_grant", "token_expired", "The refresh token has expired or is invalid due to sign-in frequency checks by conditional access."),
    (90002, 400, "invalid_request", "", "Tenant not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud."),
    (90009, 400, "invalid_request", "", "The application is requesting a token for itself. This scenario is supported only if resource is specified using the GUID based App Identifier."),
    (90023, 400, "invalid_request", "", "Invalid STS request."),
    (90024, 503, "temporarily_unavailable", "", "RequestBudgetExceededError - A transient error has occurred. Please try again."),
    (90033, 503, "temporarily_unavailable", "", "A transient error has occurred. Please try again."),
    (90055, 429, "temporarily_unavailable", "", "Tenant throttled: there are too many incoming requests."),
    (90072, 400, "invalid_grant", "", "User account from identity provider does not exist in tenant and cannot access the application in that tenant. The account needs to be added as an external user in the tenant first."),
    (90094, 400, "access_denied", "", "An administrator of your organization must grant permission to use this application."),
    (500011, 400, "invalid_resource", "", "The resource principal was not found in the tenant."),
    (500212, 400, "access_denied", "", "The user's administrator has set an outbound access policy that does not allow access to the resource tenant."),
    (500213, 400, "access_denied", "", "The resource tenant's cross-tenant access policy does not allow this user to access this tenant."),
    (500341, 400, "invalid_grant", "bad_token", "The user account has been deleted from the directory."),
    (500571, 400, "invalid_grant", "", "The guest user account is disabled."),
    (501481, 400, "invalid_grant", "", "The code_verifier does not match the code_challenge supplied in the authorization request for PKCE."),
    (530036, 400, "invalid_grant", "", "The refresh token is invalid due to authentication flow checks by Conditional Access."),
    (650052, 400, "invalid_grant", "", "The app needs access to a service that your organization has not subscribed to or enabled."),
    (650053, 400, "invalid_client", "", "The application asked for a scope that doesn't exist on the resource."),
    (650057, 400, "invalid_resource", "", "The client has requested access to a resource which is not listed in the requested permissions in the client's application registration."),
    (700005, 400, "invalid_grant", "", "The provided authorization code is intended to use against another tenant, thus rejected."),
    (700016, 400, "unauthorized_client", "", "Application was not found in the directory."),
    (700021, 401, "invalid_client", "", "Client assertion application identifier doesn't match 'client_id' parameter."),
    (700023, 401, "invalid_client", "", "Client assertion audience claim does not match Realm issuer."),
    (700024, 401, "invalid_client", "", "Client assertion is not within its valid time range."),
    (700027, 401, "invalid_client", "", "Client assertion failed signature validation."),
    (700082, 400, "invalid_grant", "bad_token", "The refresh token has expired due to inactivity. The token was inactive for 90.00:00:00."),
    (700084, 400, "invalid_grant", "bad_token", "The refresh token was issued to a single page app (SPA), and therefore has a fixed, limited lifetime."),
    (900144, 400, "invalid_request", "", "The request body must contain a required parameter that is missing."),
    (7000112, 400, "unauthorized_client", "", "Application is disabled."),
    (7000215, 401, "invalid_client", "", "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID."),
    (7000218, 401, "invalid_client", "", "The request body must contain the following parameter: 'client_assertion' or 'client_secret'."),
    (7000222, 401, "invalid_client", "", "The provided client secret keys are expired. Visit the portal to create new keys for your app."),
    (7000229, 401, "invalid_client", "", "The client application is missing service principal in the tenant."),
    (9002313, 400, "invalid_grant", "", "Invalid request. Request is malformed or invalid."),
    (9002326, 400, "invalid_request", "", "Cross-origin token redemption is permitted only for the 'Single-Page Application' client-type."),
];

/// What the claims of a Conditional Access refusal look like: a string that holds JSON.
const CLAIMS: &str =
    r#"{"access_token":{"capolids":{"essential":true,"values":["bbc9cbae-3b3c-4c8c-9b7e-0f5d1a2b3c4d"]}}}"#;

pub(crate) fn refusal(code: u32) -> Refusal {
    let row = ROWS.iter().find(|row| row.0 == code);
    let (_, status, error, suberror, text) =
        row.copied().unwrap_or((code, 400, "invalid_grant", "", "The request was refused."));
    let suberror = Some(suberror.to_owned()).filter(|text| !text.is_empty());
    Refusal { code, status, error: error.to_owned(), suberror, text: text.to_owned() }
}

/// `2026-11-20 09:14:03Z`.
pub(crate) fn stamp(now: Timestamp) -> String {
    now.strftime("%Y-%m-%d %H:%M:%SZ").to_string()
}

impl Refusal {
    /// The JSON answer. Parting of the lines and presence of the optional fields vary, as they do in recordings.
    pub(crate) fn answer(&self, state: &mut State, correlation: Option<&str>, now: Timestamp) -> Response {
        let trace = state.random.guid();
        let correlation = correlation.map_or_else(|| state.random.guid(), str::to_owned);
        let parting = if state.random.below(2) == 0 { "\r\n" } else { " " };
        let (with_uri, with_suberror) = (state.random.below(4) > 0, state.random.below(4) > 0);
        let (prefix, codes) = match self.code {
            54005 => ("AADSTS70002: Error validating credentials. ", vec![70002, 54005]),
            code => ("", vec![code]),
        };
        let (code, at) = (self.code, stamp(now));
        let description = format!(
            "{prefix}AADSTS{code}: {}{parting}Trace ID: {trace}{parting}Correlation ID: {correlation}{parting}Timestamp: {at}",
            self.text
        );
        let mut body = Map::new();
        body.insert("error".into(), self.error.clone().into());
        body.insert("error_description".into(), description.into());
        body.insert("error_codes".into(), codes.into());
        body.insert("timestamp".into(), at.into());
        body.insert("trace_id".into(), trace.clone().into());
        body.insert("correlation_id".into(), correlation.into());
        if with_uri {
            body.insert("error_uri".into(), format!("{}/error?code={code}", state.config.login_url()).into());
        }
        if let Some(suberror) = self.suberror.as_ref().filter(|_| with_suberror) {
            body.insert("suberror".into(), json!(suberror));
        }
        if code == 53003 {
            body.insert("claims".into(), json!(CLAIMS));
        }
        let mut answer =
            text_answer(self.status, "application/json; charset=utf-8", Value::Object(body).to_string());
        let telemetry = format!("1,{code},0,,");
        for (name, value) in
            [("x-ms-request-id", trace), ("x-ms-clitelem", telemetry), ("expires", "-1".to_owned())]
        {
            answer
                .headers_mut()
                .extend(value.parse().ok().map(|value| (axum::http::HeaderName::from_static(name), value)));
        }
        answer
    }
}
