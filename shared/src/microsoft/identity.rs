//! Signing people in and redeeming tokens (RFC 6749, `OpenID` Connect Core 1.0, Microsoft's pages on the v2.0
//! endpoints).

use oauth2::basic::{BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse};
use oauth2::{
    AuthType, AuthorizationCode as Code, Client, ClientId, ClientSecret as Secret, EndpointNotSet,
    EndpointSet, HttpRequest, HttpResponse, PkceCodeVerifier, RedirectUrl, RefreshToken as Refreshing,
    RequestTokenError, StandardRevocableToken, TokenUrl,
};

use super::assertion::{ASSERTION_TYPE, ClientProof};
use super::id_token::{self, IdToken};
use super::keys::KeyCache;
use super::tenants::TenantCache;
use futures::future::BoxFuture;

use super::token_answer::{TokenAnswer, in_standard_form, read_grant, read_refusal};
use super::wire::{LONGEST_CALL, Lost, Told};
use super::{Deadline, Distrust, Endpoints, IdTokenError, IdentityError, Wire, retry};
use crate::domain::cloud::Cloud;
use crate::domain::features::ScopeSet;
use crate::domain::grant::{Grant, SignedIn};
use crate::domain::ids::TenantId;
use crate::domain::secret::{AuthorizationCode, CodeVerifier, RefreshToken};

/// What our registration at Entra says.
#[derive(Debug, Clone)]
pub struct Registration {
    /// The cloud that it is made in.
    pub cloud: Cloud,
    /// Application (client) id.
    pub client_id: String,
    /// The one registered redirect URI.
    pub redirect_uri: String,
}

/// Entra ID.
pub struct Identity {
    pub(super) wire: Wire,
    pub(super) login: String,
    pub(super) registration: Registration,
    redirect: Option<RedirectUrl>,
    keys: KeyCache,
    tenants: TenantCache,
}

/// A code to redeem.
#[derive(Debug, Clone, Copy)]
pub struct Redeem<'a> {
    /// The authority of the authorize URL: a code is only good there (AADSTS700005).
    pub authority: &'a str,
    /// The code.
    pub code: &'a AuthorizationCode,
    /// What the challenge was made of.
    pub verifier: &'a CodeVerifier,
    /// What was asked for at sign-in.
    pub asked: &'a ScopeSet,
}

/// A refresh token to redeem.
#[derive(Debug, Clone, Copy)]
pub struct Refresh<'a> {
    /// Whose it is.
    pub tenant: &'a TenantId,
    /// The token.
    pub token: &'a RefreshToken,
    /// What was granted before: that is what an answer means that names no scope (RFC 6749 section 6).
    pub granted: &'a ScopeSet,
    /// JSON that Graph asked for (Microsoft's page on claims challenges).
    pub claims: Option<&'a str>,
}

type TokenClient = Client<
    BasicErrorResponse,
    TokenAnswer,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

const NOT_SENT: IdentityError = IdentityError::Unreachable { may_have_had_effect: false };
const TOKEN: &str = "/{tenant}/oauth2/v2.0/token";

impl Identity {
    /// Entra at these endpoints, for this registration.
    pub fn new(wire: Wire, endpoints: &Endpoints, registration: Registration) -> Self {
        let login = endpoints.login.clone();
        let redirect = RedirectUrl::new(registration.redirect_uri.clone()).ok();
        let (keys, tenants) = (KeyCache::default(), TenantCache::default());
        Self { wire, login, registration, redirect, keys, tenants }
    }

    /// Redeems a code, once: a code works once, so a lost answer is not asked for again.
    pub async fn redeem_code(
        &self,
        credential: &ClientProof,
        redeem: Redeem<'_>,
        deadline: Deadline,
    ) -> Result<(Grant, IdToken), IdentityError> {
        let client = self.client(credential, redeem.authority).ok_or(NOT_SENT)?;
        let post = Carrier { identity: self, attempt: 1, deadline };
        let mut request = client.exchange_code(Code::new(redeem.code.expose().to_owned()));
        for (name, value) in assertion_of(credential) {
            request = request.add_extra_param(name, value);
        }
        let answer = request
            .set_pkce_verifier(PkceCodeVerifier::new(redeem.verifier.expose().to_owned()))
            .request_async(&post)
            .await
            .map_err(strip)?;
        match read_grant(&answer, redeem.asked, self.wire.clock.now()) {
            (grant, Some(id_token)) => Ok((grant, id_token)),
            (_, None) => Err(IdentityError::Unreachable { may_have_had_effect: true }),
        }
    }

    /// Redeems a refresh token, with one call.
    ///
    /// No `scope` is sent: Entra then gives what is granted now. Asking for a permission that was withdrawn fails
    /// the whole refresh with 65001, although the token is healthy. The old refresh token stays valid.
    pub async fn refresh(
        &self,
        credential: &ClientProof,
        refresh: Refresh<'_>,
        deadline: Deadline,
    ) -> Result<Grant, IdentityError> {
        self.refresh_once(credential, refresh, 1, deadline).await
    }

    /// As [`Self::refresh`], but tries once more where Entra could not be reached or had an error of its own.
    pub async fn refresh_patiently(
        &self,
        credential: &ClientProof,
        refresh: Refresh<'_>,
        deadline: Deadline,
    ) -> Result<Grant, IdentityError> {
        let first = self.refresh_once(credential, refresh, 1, deadline).await;
        let passing = match &first {
            Err(IdentityError::Unreachable { .. }) => true,
            Err(IdentityError::Refused(refusal)) => refusal.status >= 500,
            _ => false,
        };
        let left = deadline.left(self.wire.clock.as_ref());
        match retry::next_wait(1, None, left, self.wire.entropy.fraction()).filter(|_| passing) {
            Some(wait) => {
                self.wire.clock.sleep(wait).await;
                self.refresh_once(credential, refresh, 2, deadline).await
            }
            None => first,
        }
    }

    async fn refresh_once(
        &self,
        credential: &ClientProof,
        refresh: Refresh<'_>,
        attempt: u32,
        deadline: Deadline,
    ) -> Result<Grant, IdentityError> {
        let client = self.client(credential, &refresh.tenant.to_string()).ok_or(NOT_SENT)?;
        let post = Carrier { identity: self, attempt, deadline };
        let token = Refreshing::new(refresh.token.expose().to_owned());
        let mut request = client.exchange_refresh_token(&token);
        for (name, value) in assertion_of(credential) {
            request = request.add_extra_param(name, value);
        }
        if let Some(claims) = refresh.claims {
            request = request.add_extra_param("claims", claims);
        }
        let answer = request.request_async(&post).await.map_err(strip)?;
        Ok(read_grant(&answer, refresh.granted, self.wire.clock.now()).0)
    }

    /// Checks an `id_token` by the rules of Microsoft's "Validate tokens" page; see `id_token`.
    pub async fn verify_id_token(
        &self,
        token: &IdToken,
        nonce: &str,
        deadline: Deadline,
    ) -> Result<SignedIn, IdTokenError> {
        let kid = id_token::key_id(token).map_err(IdTokenError::Untrusted)?;
        let key = self.keys.find(&self.wire, &self.login, &kid, deadline).await?;
        let key = key.ok_or(IdTokenError::Untrusted(Distrust::UnknownKey))?;
        let expected =
            id_token::Expected { login: &self.login, client_id: &self.registration.client_id, nonce };
        id_token::check(token, &key, &expected, self.wire.clock.now())
    }

    /// Whether an answer that names its issuer (RFC 9207 section 2) comes from Entra, for whichever tenant.
    pub fn is_issuer(&self, named: &str) -> bool {
        issues(&self.login, named)
    }

    /// The tenant to which a mail domain belongs, if Entra knows it: read from its discovery document.
    pub async fn tenant_of_domain(
        &self,
        domain: &str,
        deadline: Deadline,
    ) -> Result<Option<TenantId>, IdentityError> {
        self.tenants.find(&self.wire, &self.login, domain, deadline).await
    }

    /// None if the configured URLs are none.
    fn client(&self, credential: &ClientProof, authority: &str) -> Option<TokenClient> {
        let client = Client::new(ClientId::new(self.registration.client_id.clone()))
            .set_auth_type(AuthType::RequestBody)
            .set_redirect_uri(self.redirect.clone()?)
            .set_token_uri(TokenUrl::new(self.token_endpoint(authority)).ok()?);
        Some(match credential {
            ClientProof::Secret(secret) => client.set_client_secret(Secret::new(secret.expose().to_owned())),
            ClientProof::Assertion(_) => client,
        })
    }

    /// Carries a request of the `oauth2` crate. Only a success goes back to it; refusals are read here, where
    /// Microsoft's own fields are known.
    async fn post(
        &self,
        request: HttpRequest,
        attempt: u32,
        deadline: Deadline,
    ) -> Result<HttpResponse, IdentityError> {
        let unreachable = |may_have_had_effect| IdentityError::Unreachable { may_have_had_effect };
        let request = reqwest::Request::try_from(request).map_err(|_| unreachable(false))?;
        let told = Told { host: "login", path: TOKEN, attempt, longest: LONGEST_CALL };
        let sent = self.wire.exchange(request, told, deadline).await;
        let reply = sent.map_err(|lost| unreachable(lost == Lost::Unclear))?;
        if reply.status != 200 {
            return Err(read_refusal(&reply, self.wire.clock.now()));
        }
        let response = oauth2::http::Response::builder().status(reply.status);
        response.body(in_standard_form(reply.body)).map_err(|_| unreachable(true))
    }
}

/// The pair of fields in which an assertion travels (RFC 7521 section 4.2).
fn assertion_of(credential: &ClientProof) -> Vec<(&'static str, String)> {
    match credential {
        ClientProof::Secret(_) => Vec::new(),
        ClientProof::Assertion(token) => vec![
            ("client_assertion_type", ASSERTION_TYPE.to_owned()),
            ("client_assertion", token.expose().to_owned()),
        ],
    }
}

fn issues(login: &str, named: &str) -> bool {
    let rest = named.strip_prefix(login).and_then(|rest| rest.strip_prefix('/'));
    let tenant = rest.and_then(|rest| rest.strip_suffix("/v2.0"));
    tenant.is_some_and(|tenant| !tenant.is_empty() && !tenant.contains('/'))
}

/// The `oauth2` crate's way to our wire. A type of its own, for the future of a closure is not `Send` for every
/// lifetime.
struct Carrier<'a> {
    identity: &'a Identity,
    attempt: u32,
    deadline: Deadline,
}

impl<'c> oauth2::AsyncHttpClient<'c> for Carrier<'_> {
    type Error = IdentityError;
    type Future = BoxFuture<'c, Result<HttpResponse, IdentityError>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.identity.post(request, self.attempt, self.deadline))
    }
}

/// Leaves nothing of the crate's error: its parse error holds the token answer, and prints it.
fn strip<T: oauth2::ErrorResponse>(error: RequestTokenError<IdentityError, T>) -> IdentityError {
    match error {
        RequestTokenError::Request(ours) => ours,
        _ => IdentityError::Unreachable { may_have_had_effect: true },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_issuer_is_entra_for_one_tenant_and_nothing_that_looks_like_it() {
        let login = "https://login.example";
        assert!(issues(login, "https://login.example/2f1d7c60-4b3a-4e58-9d21-6a0c5b8e7f14/v2.0"));
        for other in [
            "https://login.example//v2.0",
            "https://login.example/a/b/v2.0",
            "https://login.example/tenant",
            "https://login.example.evil.example/tenant/v2.0",
            "https://evil.example/tenant/v2.0",
            "",
        ] {
            assert!(!issues(login, other), "{other}");
        }
    }
}
