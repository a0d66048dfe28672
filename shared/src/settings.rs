//! Settings: read once at start, so that a missing or wrong one fails there and by name.

mod microsoft;

use std::collections::BTreeSet;
use std::fmt;

use jiff::Timestamp;
use url::Url;

use crate::domain::features::Feature;

pub use microsoft::{Certificate, Credential, Microsoft};

/// When a verified connection is written back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Persist {
    /// At every verification.
    Always,
    /// At every verification if it was used within a day; else on change or once a day.
    Hot,
    /// On change or once a day.
    Daily,
}

/// Names of what AWS holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aws {
    /// Main table.
    pub table: String,
    /// Table of wrapped customer keys.
    pub keys_table: String,
    /// KMS key that wraps customer keys and the client secret.
    pub token_key: String,
    /// The bus that events are told on; only `events-out` needs it.
    pub event_bus: Option<String>,
}

/// Everything a function can be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Where browsers and clients reach this deployment; no slash at the end.
    pub public_url: String,
    /// Origins that a `return_url` may have.
    pub return_origins: Vec<String>,
    /// Shown to people.
    pub app_name: String,
    /// Microsoft's id of the publisher, as the operator states it; empty: not stated.
    pub publisher_id: String,
    /// Shown to people.
    pub support_contact: String,
    /// The AWS region that it runs in; Lambda says so itself.
    pub region: String,
    /// What this deployment may do.
    pub features: BTreeSet<Feature>,
    /// When a verified connection is written back.
    pub persist: Persist,
    /// Claim that names the customer.
    pub claim_customer: String,
    /// Claim that holds the roles; none: roles are not asked for.
    pub claim_roles: Option<String>,
    /// Where Microsoft is.
    pub microsoft: Microsoft,
    /// What AWS holds.
    pub aws: Aws,
    /// Under which name CloudWatch keeps our metrics: one per deployment.
    pub metrics_namespace: String,
    /// Settled interviews are kept so long after their end.
    pub retention_days: u16,
    /// The table was restored then: stored access tokens that are older are not used.
    pub restored_at: Option<Timestamp>,
}

/// A setting that is missing or wrong. Its value is not told: it may be secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadSetting {
    /// The name.
    pub name: &'static str,
    /// What it must be.
    pub must: &'static str,
}

impl fmt::Display for BadSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "setting {} must be {}", self.name, self.must)
    }
}
impl std::error::Error for BadSetting {}

/// Looks a setting up by name.
pub type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

impl Settings {
    /// Reads the process environment.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub fn from_env() -> Result<Self, BadSetting> {
        Self::read(&|name| std::env::var(name).ok())
    }

    /// Reads from any source of names and values. An empty value counts as missing.
    pub fn read(lookup: Lookup<'_>) -> Result<Self, BadSetting> {
        let get = |name: &'static str| lookup(name).filter(|value| !value.trim().is_empty());
        let need = |name| get(name).ok_or(BadSetting { name, must: "set" });
        let or = |name, default: &str| get(name).unwrap_or_else(|| default.to_owned());
        let (features, microsoft) = (features(&or("FEATURES", "calendar"))?, microsoft::read(&get)?);
        if microsoft.cloud.lacks().iter().any(|feature| features.contains(feature)) {
            return Err(BadSetting {
                name: "FEATURES",
                must: "without what MICROSOFT_CLOUD lacks (china: rooms_basic)",
            });
        }
        Ok(Self {
            public_url: base_url("PUBLIC_URL", &need("PUBLIC_URL")?)?,
            return_origins: origins(&need("RETURN_ORIGINS")?)?,
            app_name: or("APP_NAME", "Convene"),
            publisher_id: or("PUBLISHER_ID", ""),
            support_contact: or("SUPPORT_CONTACT", ""),
            region: or("AWS_REGION", ""),
            features,
            persist: persist(&or("PERSIST", "hot"))?,
            claim_customer: or("JWT_CLAIM_CUSTOMER", "customer_id"),
            claim_roles: get("JWT_CLAIM_ROLES"),
            microsoft,
            aws: Aws {
                table: need("TABLE_NAME")?,
                keys_table: need("KEYS_TABLE_NAME")?,
                token_key: need("TOKEN_KEY_ID")?,
                event_bus: get("EVENT_BUS"),
            },
            metrics_namespace: or("METRICS_NAMESPACE", "Convene"),
            retention_days: or("INTERVIEW_RETENTION_DAYS", "90")
                .parse()
                .map_err(|_| BadSetting { name: "INTERVIEW_RETENTION_DAYS", must: "a number of days" })?,
            restored_at: get("RESTORED_AT")
                .map(|at| at.parse())
                .transpose()
                .map_err(|_| BadSetting { name: "RESTORED_AT", must: "a time like 2026-11-29T08:00:00Z" })?,
        })
    }

    /// The one registered redirect URI.
    pub fn redirect_uri(&self) -> String {
        format!("{}/api/auth/microsoft/callback", self.public_url)
    }
}

/// An `https` URL without query and without a slash at the end; plain `http` for loopback hosts only.
fn base_url(name: &'static str, text: &str) -> Result<String, BadSetting> {
    let bad = BadSetting { name, must: "an https URL without query (plain http only for this machine)" };
    let url = Url::parse(text).map_err(|_| bad.clone())?;
    let secure = url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url));
    let plain = url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    if secure && plain { Ok(text.trim_end_matches('/').to_owned()) } else { Err(bad) }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

fn origins(text: &str) -> Result<Vec<String>, BadSetting> {
    let words = text.split([',', ' ']).filter(|word| !word.is_empty());
    let origin = |word: &str| {
        let url = base_url("RETURN_ORIGINS", word)?;
        let parsed = Url::parse(&url).map_err(|_| BadSetting { name: "RETURN_ORIGINS", must: "origins" })?;
        Ok(parsed.origin().ascii_serialization())
    };
    words.map(origin).collect()
}

fn features(text: &str) -> Result<BTreeSet<Feature>, BadSetting> {
    let words = text.split([',', ' ']).filter(|word| !word.is_empty());
    words
        .map(|word| Feature::named(word).ok_or(BadSetting { name: "FEATURES", must: "names of features" }))
        .collect()
}

fn persist(text: &str) -> Result<Persist, BadSetting> {
    match text {
        "always" => Ok(Persist::Always),
        "hot" => Ok(Persist::Hot),
        "daily" => Ok(Persist::Daily),
        _ => Err(BadSetting { name: "PERSIST", must: "always, hot or daily" }),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn complete() -> HashMap<&'static str, &'static str> {
        HashMap::from([
            ("PUBLIC_URL", "https://api.vendor.example/"),
            ("RETURN_ORIGINS", "https://app.vendor.example"),
            ("MICROSOFT_CLIENT_ID", "3a9d5e21-7c84-4b0f-a6d2-f1e08b9c4d73"),
            ("MICROSOFT_CLIENT_SECRET_CIPHERTEXT", "AAEC"),
            ("TABLE_NAME", "main"),
            ("KEYS_TABLE_NAME", "keys"),
            ("TOKEN_KEY_ID", "key"),
        ])
    }

    fn read(values: &HashMap<&str, &str>) -> Result<Settings, BadSetting> {
        Settings::read(&|name| values.get(name).map(|value| (*value).to_owned()))
    }

    #[test]
    fn what_is_left_out_has_a_sensible_value() {
        let settings = read(&complete()).expect("complete");
        assert_eq!(settings.redirect_uri(), "https://api.vendor.example/api/auth/microsoft/callback");
        assert_eq!(settings.microsoft.login_url, "https://login.microsoftonline.com");
        assert_eq!((settings.persist, settings.retention_days), (Persist::Hot, 90));
    }

    #[test]
    fn a_missing_setting_is_told_by_name() {
        for name in ["PUBLIC_URL", "RETURN_ORIGINS", "MICROSOFT_CLIENT_ID", "TABLE_NAME", "TOKEN_KEY_ID"] {
            let mut values = complete();
            values.insert(name, " ");
            assert_eq!(read(&values).expect_err("missing").name, name);
        }
    }

    #[test]
    fn plain_http_is_for_this_machine_only() {
        for (url, allowed) in [
            ("http://localhost:8787", true),
            ("http://127.0.0.1:1/microsoft", true),
            ("http://[::1]:1", true),
            ("http://login.example.com", false),
            ("http://localhost.example.com", false),
            ("https://login.example.com", true),
            ("https://u:p@login.example.com", false),
            ("ftp://localhost", false),
        ] {
            let mut values = complete();
            values.insert("MICROSOFT_LOGIN_URL", url);
            assert_eq!(read(&values).is_ok(), allowed, "{url}");
        }
    }

    #[test]
    fn a_cloud_has_its_addresses_which_single_settings_override_and_its_features() {
        let with = |more: &[(&'static str, &'static str)]| {
            let mut values = complete();
            values.extend(more.iter().copied());
            read(&values)
        };
        for cloud in crate::domain::cloud::Cloud::ALL {
            let there = ("MICROSOFT_CLOUD", cloud.name());
            let microsoft = with(&[there]).expect("complete").microsoft;
            let told = (microsoft.cloud, microsoft.login_url.as_str(), microsoft.graph_url.as_str());
            assert_eq!(told, (cloud, cloud.login(), cloud.graph()));
            let own = ("MICROSOFT_GRAPH_URL", "https://graph.private.example");
            let microsoft = with(&[there, own]).expect("complete").microsoft;
            let told = (microsoft.cloud, microsoft.login_url.as_str(), microsoft.graph_url.as_str());
            assert_eq!(told, (cloud, cloud.login(), own.1));
            let basic = with(&[there, ("FEATURES", "calendar,rooms_basic")]);
            assert_eq!(basic.err().map(|bad| bad.name), (cloud.name() == "china").then_some("FEATURES"));
        }
    }

    #[test]
    fn an_unknown_cloud_feature_or_habit_is_refused() {
        for (name, value) in
            [("MICROSOFT_CLOUD", "moon"), ("FEATURES", "calendar,teleport"), ("PERSIST", "never")]
        {
            let mut values = complete();
            values.insert(name, value);
            assert_eq!(read(&values).expect_err("unknown").name, name);
        }
    }
}
