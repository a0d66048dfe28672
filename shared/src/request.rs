//! A request as a handler sees it: parsed once, from API Gateway's event (payload format 2.0).

use std::collections::HashMap;

use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpRequestContext as Context;
use lambda_http::http::{HeaderMap, header};
use lambda_http::request::RequestContext;
use lambda_http::{Body, RequestExt};

use crate::app::App;
use crate::cursor;
use crate::domain::address::{Address, bare_address, clean_line, one_line};
use crate::domain::ids::{CustomerId, UserId};
use crate::etag::IfMatch;
use crate::microsoft::Deadline;
use crate::problem::{Code, Fault, Problem};
use crate::store::Cursor;
use crate::strict_json;

/// The largest body that `/v1` takes.
const LARGEST_BODY: usize = 64 * 1024;

/// A request.
pub struct Request {
    /// API Gateway's id of it; `Request-Id` of the answer.
    pub id: String,
    /// Method and path template.
    pub route_key: String,
    /// The path as called.
    pub path: String,
    /// Until when it must be answered.
    pub deadline: Deadline,
    parameters: HashMap<String, String>,
    query: Vec<(String, String)>,
    headers: HeaderMap,
    body: Vec<u8>,
    claims: HashMap<String, String>,
    names: ClaimNames,
}

struct ClaimNames {
    customer: String,
    roles: Option<String>,
}

/// Who calls, as the token says.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The ATS's customer.
    pub customer: CustomerId,
    /// The acting user.
    pub user: UserId,
    /// The user's address, if the token tells it.
    pub email: Option<Address>,
    /// The user's name, if the token tells it.
    pub name: Option<String>,
    /// Scopes of the token.
    pub scopes: Vec<String>,
    /// Roles; none where no roles claim is configured.
    pub roles: Option<Vec<String>>,
}

impl Caller {
    /// The user's address. 403 where the token does not tell it.
    pub fn known_email(&self) -> Result<Address, Problem> {
        let untold =
            || Problem::from(Code::Forbidden).because("The token does not name the user's e-mail address.");
        self.email.clone().ok_or_else(untold)
    }

    /// Whether the token has the `admin` scope.
    pub fn is_admin(&self) -> bool {
        self.scopes.iter().any(|scope| scope == "admin")
    }

    /// Whether the caller may change the customer's settings: by scope and, where roles are configured, by role.
    pub fn may_change_customer(&self) -> bool {
        let by_role = |roles: &Vec<String>| {
            roles.iter().any(|r| ["owner", "admin", "it_manager"].contains(&r.as_str()))
        };
        self.is_admin() && self.roles.as_ref().is_none_or(by_role)
    }
}

impl Request {
    /// Reads the event.
    pub(crate) fn read(app: &App, event: &lambda_http::Request) -> Self {
        let context = match event.request_context_ref() {
            Some(RequestContext::ApiGatewayV2(context)) => context.clone(),
            _ => Context::default(),
        };
        // Not from the URI: API Gateway hands the path over decoded, and a `#` in it would end the URI before its query.
        let query = event.query_string_parameters();
        let claims = context.authorizer.as_ref().and_then(|a| a.jwt.as_ref()).map(|jwt| jwt.claims.clone());
        Self {
            id: context.request_id.clone().unwrap_or_default(),
            route_key: context.route_key.clone().unwrap_or_default(),
            path: event.raw_http_path().to_owned(),
            deadline: crate::deadlines::of_request(app, event),
            parameters: event.path_parameters().iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect(),
            query: query.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            headers: event.headers().clone(),
            body: match event.body() {
                Body::Text(text) => text.clone().into_bytes(),
                Body::Binary(bytes) => bytes.clone(),
                _ => Vec::new(),
            },
            claims: claims.unwrap_or_default(),
            names: ClaimNames {
                customer: app.settings.claim_customer.clone(),
                roles: app.settings.claim_roles.clone(),
            },
        }
    }

    /// A parameter of the path, as text; empty if the route has none of that name.
    pub fn parameter(&self, name: &str) -> &str {
        self.parameters.get(name).map_or("", String::as_str)
    }

    /// The first value of a query parameter.
    pub fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Every query parameter, decoded.
    pub fn query_pairs(&self) -> &[(String, String)] {
        &self.query
    }

    /// A header, if it is there once and readable.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// A cookie's value.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        let all = self.headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let pairs = all.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
        pairs.into_iter().find(|(key, _)| *key == name).map(|(_, value)| value)
    }

    /// The body, byte for byte.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// A field of a form (`application/x-www-form-urlencoded`); none if the body is no form.
    pub fn form_field(&self, name: &str) -> Option<String> {
        let kind = self.header("content-type").unwrap_or_default();
        let is_form = kind.to_ascii_lowercase().starts_with("application/x-www-form-urlencoded");
        let mut fields = url::form_urlencoded::parse(&self.body);
        fields.find(|(key, _)| is_form && key == name).map(|(_, value)| value.into_owned())
    }

    /// Who calls. 403 where the token's claims do not name a customer and a user.
    pub fn caller(&self) -> Result<Caller, Problem> {
        let claim = |name: &str| self.claims.get(name).map(String::as_str);
        let unusable =
            |what: &str| Problem::from(Code::Forbidden).because(format!("The token does not name {what}."));
        let customer = claim(&self.names.customer).and_then(|id| id.parse().ok());
        let user = claim("sub").and_then(|id| id.parse().ok());
        Ok(Caller {
            customer: customer.ok_or_else(|| unusable("a customer"))?,
            user: user.ok_or_else(|| unusable("a user"))?,
            email: claim("email").and_then(|text| bare_address(text).parse().ok()),
            name: claim("name").and_then(one_line),
            scopes: words(claim("scope").or(claim("scp")).unwrap_or_default()),
            roles: self.names.roles.as_deref().map(|name| words(claim(name).unwrap_or_default())),
        })
    }

    /// API Gateway has checked the token; a route that it forgot to guard still is.
    pub(crate) fn check_token(&self, scopes: &[&str]) -> Result<(), Problem> {
        let held = self.caller()?.scopes;
        let allowed = scopes.iter().any(|scope| held.iter().any(|h| h == scope));
        if allowed { Ok(()) } else { Err(Code::Forbidden.into()) }
    }

    /// `limit` and `cursor` of a list. The cursor must come from this list: the same route and filters, of the same
    /// customer and with the same view of it.
    pub fn page(&self, caller: &Caller, usual: usize) -> Result<Paging, Problem> {
        let mut faults = Vec::new();
        let limit = self.query("limit").map_or(Some(usual), |text| {
            let digits = text.bytes().all(|b| b.is_ascii_digit());
            text.parse().ok().filter(|n| digits && (1..=200).contains(n))
        });
        if limit.is_none() {
            faults.push(Fault::at("", "The query parameter limit must be a number from 1 to 200"));
        }
        let list = self.list_of(caller);
        let after = self.query("cursor").map(|text| cursor::open(&list, text));
        if after == Some(None) {
            faults
                .push(Fault::at("", "The query parameter cursor must be the next_cursor of this very list"));
        }
        match limit {
            Some(limit) if faults.is_empty() => Ok(Paging { limit, after: after.flatten(), list }),
            _ => Err(Problem::invalid(Code::InvalidRequest, faults)),
        }
    }

    /// What makes a list this one.
    fn list_of(&self, caller: &Caller) -> String {
        let mut filters: Vec<String> = self
            .query
            .iter()
            .filter(|(name, _)| !["limit", "cursor"].contains(&name.as_str()))
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        filters.sort_unstable();
        let view = if caller.is_admin() { "" } else { caller.user.as_str() };
        [&self.route_key, caller.customer.as_str(), view, &filters.join("\n")].join("\n\n")
    }

    /// Refuses query parameters that the route does not know, or that stand there twice.
    pub(crate) fn check_query(&self, known: &[&str]) -> Result<(), Problem> {
        if !self.path.starts_with("/v1/") {
            return Ok(());
        }
        let unknown = self.query.iter().filter(|(name, _)| !known.contains(&name.as_str()));
        let unknown: Vec<Fault> = unknown
            .map(|(name, _)| Fault::at("", format!("The query parameter {} is not known", clean_line(name))))
            .collect();
        if !unknown.is_empty() {
            return Err(Problem::invalid(Code::UnknownField, unknown));
        }
        let twice = |name: &&&str| self.query.iter().filter(|(given, _)| given == **name).count() > 1;
        let twice: Vec<Fault> = known
            .iter()
            .filter(twice)
            .map(|name| Fault::at("", format!("The query parameter {name} must be there once at most")))
            .collect();
        if twice.is_empty() { Ok(()) } else { Err(Problem::invalid(Code::InvalidRequest, twice)) }
    }

    /// `If-Match`, if the client sent one (RFC 9110, section 13.1.1).
    pub fn if_match(&self) -> Result<IfMatch, Problem> {
        IfMatch::read(self.header("if-match"))
    }

    /// `Idempotency-Key`: 8 to 255 printable characters.
    pub fn idempotency_key(&self) -> Result<&str, Problem> {
        let unusable = |why: String| Problem::invalid(Code::InvalidRequest, vec![Fault::at("", why)]);
        let Some(key) = self.headers.get("idempotency-key").filter(|key| !key.is_empty()) else {
            return Err(Code::IdempotencyKeyMissing.into());
        };
        let printable = |key: &&str| key.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
        let Some(key) = key.to_str().ok().map(str::trim).filter(printable) else {
            return Err(unusable("The Idempotency-Key must hold printable ASCII characters only".to_owned()));
        };
        if !(8..=255).contains(&key.len()) {
            let length = key.len();
            return Err(unusable(format!(
                "The Idempotency-Key has {length} characters; it must have 8 to 255"
            )));
        }
        // API Gateway joins headers of one name by a comma, so a header that is sent twice arrives as one value.
        match key.split_once(',') {
            Some((one, other)) if one.len() >= 8 && one == other.trim_start() => Ok(one),
            _ => Ok(key),
        }
    }

    /// The body in one spelling: a request that a client's library writes anew is the same request.
    pub fn canonical_body(&self) -> Result<String, Problem> {
        strict_json::canonical(&self.body)
    }

    /// Size and type of a body on `/v1`.
    pub(crate) fn check_body(&self) -> Result<(), Problem> {
        if !self.path.starts_with("/v1/") || self.body.is_empty() {
            return Ok(());
        }
        if self.body.len() > LARGEST_BODY {
            return Err(Code::PayloadTooLarge.into());
        }
        let kind = self.header("content-type").unwrap_or_default();
        let (kind, parameters) = kind.split_once(';').unwrap_or((kind, ""));
        if !kind.trim().eq_ignore_ascii_case("application/json") {
            return Err(Code::UnsupportedMediaType.into());
        }
        let charset =
            parameters.split(';').filter_map(|pair| pair.trim().split_once('=')).find_map(|(name, value)| {
                name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches('"'))
            });
        if charset.is_none_or(|charset| charset.eq_ignore_ascii_case("utf-8")) {
            Ok(())
        } else {
            Err(Problem::from(Code::UnsupportedMediaType)
                .because("JSON is UTF-8: leave the charset out, or say utf-8."))
        }
    }
}

/// A page of a list, as it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paging {
    /// So many items at most.
    pub limit: usize,
    /// Where the page before ended.
    pub after: Option<Cursor>,
    list: String,
}

impl Paging {
    /// `next_cursor` of the answer: good for this list only.
    pub fn next(&self, after: Option<&Cursor>) -> Option<String> {
        after.map(|after| cursor::seal(&self.list, after))
    }
}

/// The words of a claim. API Gateway hands arrays over as `[a b]`.
fn words(claim: &str) -> Vec<String> {
    let bare = claim.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(claim);
    bare.split([' ', ',']).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn array_claims_are_read_as_api_gateway_writes_them() {
        assert_eq!(words("[owner it_manager]"), ["owner", "it_manager"]);
        assert_eq!(words("interviews admin"), ["interviews", "admin"]);
        assert_eq!(words(""), Vec::<String>::new());
    }
}
