//! A request as a handler sees it: parsed once, from API Gateway's event (payload format 2.0).

use std::collections::HashMap;

use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpRequestContext as Context;
use lambda_http::http::{HeaderMap, header};
use lambda_http::request::RequestContext;
use lambda_http::{Body, RequestExt};

use crate::app::App;
use crate::domain::address::{Address, one_line};
use crate::domain::ids::{CustomerId, UserId};
use crate::microsoft::Deadline;
use crate::problem::{Code, Fault, Problem};
use crate::store::Cursor;

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
        let raw_query = event.uri().query().unwrap_or_default();
        let claims = context.authorizer.as_ref().and_then(|a| a.jwt.as_ref()).map(|jwt| jwt.claims.clone());
        Self {
            id: context.request_id.clone().unwrap_or_default(),
            route_key: context.route_key.clone().unwrap_or_default(),
            path: event.raw_http_path().to_owned(),
            deadline: crate::deadlines::of_request(app, event),
            parameters: event.path_parameters().iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect(),
            query: url::form_urlencoded::parse(raw_query.as_bytes()).into_owned().collect(),
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
            email: claim("email").and_then(|text| text.parse().ok()),
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

    /// `limit` and `cursor` of a list.
    pub fn page(&self, usual: usize) -> Result<(usize, Option<Cursor>), Problem> {
        let mut faults = Vec::new();
        let limit = self
            .query("limit")
            .map_or(Some(usual), |text| text.parse().ok().filter(|n| (1..=200).contains(n)));
        if limit.is_none() {
            faults.push(Fault::at("", "limit must be a number from 1 to 200"));
        }
        let cursor = self.query("cursor").map(str::parse).transpose().unwrap_or_else(|_| {
            faults.push(Fault::at("", "cursor must be a next_cursor of this list"));
            None
        });
        match limit {
            Some(limit) if faults.is_empty() => Ok((limit, cursor)),
            _ => Err(Problem::invalid(Code::InvalidRequest, faults)),
        }
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
        let kind = kind.split(';').next().unwrap_or_default().trim();
        if kind.eq_ignore_ascii_case("application/json") {
            Ok(())
        } else {
            Err(Code::UnsupportedMediaType.into())
        }
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
