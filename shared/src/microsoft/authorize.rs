//! The pages of Entra that a browser is sent to (RFC 6749 section 4.1.1, `OpenID` Connect Core 1.0 section 3.1.2.1,
//! Microsoft's page on the admin consent endpoint).

use url::form_urlencoded;

use super::Identity;
use crate::domain::cloud::Cloud;
use crate::domain::features::SIGN_IN_SCOPES;
use crate::domain::ids::percent_encode;

/// What to ask for at `/authorize`.
#[derive(Debug, Clone, Copy)]
pub struct Authorize<'a> {
    /// `organizations`, or the GUID of a tenant.
    pub authority: &'a str,
    /// See `domain::features::requested`.
    pub scopes: &'a [&'a str],
    /// Comes back unchanged.
    pub state: &'a str,
    /// Comes back in the `id_token`.
    pub nonce: &'a str,
    /// S256 of the code verifier (RFC 7636 section 4.2).
    pub challenge: &'a str,
    /// Which account is expected.
    pub login_hint: Option<&'a str>,
    /// BCP 47 tag for Microsoft's pages.
    pub locale: Option<&'a str>,
}

impl Identity {
    /// The URL of Microsoft's sign-in page.
    ///
    /// The method of the challenge is constant, for Entra takes a missing one for `plain`. `prompt=consent` is
    /// never sent: where an administrator has consented, it would lead users to "Need admin approval".
    pub fn authorize_url(&self, ask: &Authorize<'_>) -> String {
        let scope = self.spelled(ask.scopes, Cloud::permission);
        let constant =
            [("response_type", "code"), ("response_mode", "query"), ("code_challenge_method", "S256")];
        let given = [
            ("client_id", self.registration.client_id.as_str()),
            ("redirect_uri", &self.registration.redirect_uri),
            ("scope", &scope),
            ("state", ask.state),
            ("nonce", ask.nonce),
            ("code_challenge", ask.challenge),
        ];
        let optional = [("login_hint", ask.login_hint), ("ui_locales", ask.locale)];
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(constant)
            .extend_pairs(given)
            .extend_pairs(optional.into_iter().filter_map(|(name, value)| Some((name, value?))))
            .finish();
        format!("{}/{}/oauth2/v2.0/authorize?{query}", self.login, percent_encode(ask.authority))
    }

    /// The same without a page: whoever is signed in at Microsoft comes straight back, anybody else with an error.
    pub fn silent_authorize_url(&self, ask: &Authorize<'_>) -> String {
        format!("{}&prompt=none", self.authorize_url(ask))
    }

    /// The URL of the page on which an administrator lets the app in for everybody. Always with the whole list: a
    /// new grant may replace the one before.
    pub fn admin_consent_url(&self, authority: &str, scopes: &[&str], state: &str) -> String {
        let scope = self.spelled(scopes, Cloud::full_permission);
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("client_id", &self.registration.client_id)
            .append_pair("scope", &scope)
            .append_pair("redirect_uri", &self.registration.redirect_uri)
            .append_pair("state", state)
            .finish();
        format!("{}/{}/v2.0/adminconsent?{query}", self.login, percent_encode(authority))
    }

    /// A list of scopes; those of `OpenID` Connect belong to no resource.
    fn spelled(&self, scopes: &[&str], of_graph: fn(Cloud, &str) -> String) -> String {
        let one = |scope: &&str| {
            if SIGN_IN_SCOPES.contains(scope) {
                (*scope).to_owned()
            } else {
                of_graph(self.registration.cloud, scope)
            }
        };
        scopes.iter().map(one).collect::<Vec<_>>().join(" ")
    }
}
