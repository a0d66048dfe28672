//! Everything a function needs, built once per container from settings and an AWS configuration.
//!
//! Tests and the local stack build the same [`App`] with other settings: the seam is the wire.

use std::collections::HashMap;
use std::sync::Arc;

use aws_credential_types::Credentials;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Region, SharedCredentialsProvider, SharedHttpClient};
use aws_types::SdkConfig;
use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};
use jiff::SignedDuration;

use crate::access::{Access, Parts};
use crate::approving::Approving;
use crate::aws_http::https_client_in_lambda;
use crate::clock::{Clock, Entropy, SystemEntropy, WallClock};
use crate::microsoft::{Endpoints, Graph, Identity, Registration, Wire, http_client};
use crate::scheduling::Scheduling;
use crate::settings::{BadSetting, Lookup, Settings};
use crate::store::Store;
use crate::vault::Vault;

/// Customer keys stay in memory so long in functions that answer requests.
pub const REQUEST_KEY_LIFE: SignedDuration = SignedDuration::from_mins(5);
/// And so long in the sweep, which comes back to each customer within 45 minutes.
pub const SWEEP_KEY_LIFE: SignedDuration = SignedDuration::from_mins(15);

/// The parts of a function.
pub struct App {
    /// What it was told.
    pub settings: Settings,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Random bytes.
    pub entropy: Arc<dyn Entropy>,
    /// DynamoDB.
    pub store: Store,
    /// Secrets at rest.
    pub vault: Arc<Vault>,
    /// Entra.
    pub identity: Arc<Identity>,
    /// Graph.
    pub graph: Arc<Graph>,
    /// Access tokens for connections.
    pub access: Arc<Access>,
    /// The steps of an interview.
    pub scheduling: Scheduling,
    /// The steps of an approval.
    pub approving: Approving,
}

impl App {
    /// Builds the parts for a function that answers requests; nothing is called.
    pub fn new(
        settings: Settings,
        aws: &SdkConfig,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        Self::keeping_keys_for(REQUEST_KEY_LIFE, settings, aws, clock, entropy)
    }

    /// As [`App::new`]; customer keys stay in memory for `life`.
    pub fn keeping_keys_for(
        life: SignedDuration,
        settings: Settings,
        aws: &SdkConfig,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        let aws_names = &settings.aws;
        let store = Store::new(
            aws_sdk_dynamodb::Client::new(aws),
            aws_names.table.clone(),
            aws_names.keys_table.clone(),
            Arc::clone(&entropy),
        );
        let kms = aws_sdk_kms::Client::new(aws);
        let token_key = aws_names.token_key.clone();
        let vault = Arc::new(Vault::new(kms, token_key, Arc::clone(&clock), Arc::clone(&entropy), life));
        let wire = Wire { http: http_client(), clock: Arc::clone(&clock), entropy: Arc::clone(&entropy) };
        let microsoft = &settings.microsoft;
        let endpoints = Endpoints { login: microsoft.login_url.clone(), graph: microsoft.graph_url.clone() };
        let registration = Registration {
            cloud: microsoft.cloud,
            client_id: microsoft.client_id.clone(),
            redirect_uri: settings.redirect_uri(),
        };
        let identity = Arc::new(Identity::new(wire.clone(), &endpoints, registration));
        let graph = Arc::new(Graph::new(wire, &endpoints));
        let parts = Parts {
            store: store.clone(),
            vault: Arc::clone(&vault),
            identity: Arc::clone(&identity),
            clock: Arc::clone(&clock),
            entropy: Arc::clone(&entropy),
        };
        let access = Arc::new(Access::new(parts.clone(), &settings));
        let approving = Approving::new(parts.clone(), Arc::clone(&access));
        let scheduling = Scheduling::new(
            parts,
            Arc::clone(&access),
            Arc::clone(&graph),
            settings.public_url.clone(),
            settings.retention_days,
        );
        Self { settings, clock, entropy, store, vault, identity, graph, access, scheduling, approving }
    }

    /// The parts of a deployed function that answers requests: everything from the environment.
    pub fn from_env() -> Result<Self, BadSetting> {
        Self::from_env_keeping_keys_for(REQUEST_KEY_LIFE)
    }

    /// The same for a function that keeps customer keys for `life`.
    #[expect(clippy::disallowed_methods, reason = "the AWS names in the environment are Lambda's own")]
    pub fn from_env_keeping_keys_for(life: SignedDuration) -> Result<Self, BadSetting> {
        let lookup = |name: &str| std::env::var(name).ok();
        let aws = sdk_config(https_client_in_lambda(&lookup), &lookup)?;
        let settings = Settings::from_env()?;
        Ok(Self::keeping_keys_for(life, settings, &aws, Arc::new(WallClock), Arc::new(SystemEntropy)))
    }
}

/// The AWS configuration from Lambda's environment variables, which are complete: no profile files, no metadata
/// service, no loader.
pub fn sdk_config(http: SharedHttpClient, lookup: Lookup<'_>) -> Result<SdkConfig, BadSetting> {
    let need = |name: &'static str| lookup(name).ok_or(BadSetting { name, must: "set" });
    let credentials = Credentials::new(
        need("AWS_ACCESS_KEY_ID")?,
        need("AWS_SECRET_ACCESS_KEY")?,
        lookup("AWS_SESSION_TOKEN"),
        None,
        "environment",
    );
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(std::time::Duration::from_secs(2))
        .operation_attempt_timeout(std::time::Duration::from_secs(3))
        .operation_timeout(std::time::Duration::from_secs(7))
        .build();
    let mut config = SdkConfig::builder()
        .http_client(http)
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(need("AWS_REGION")?))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .retry_config(RetryConfig::standard().with_max_attempts(2))
        .timeout_config(timeouts);
    if let Some(endpoint) = lookup("AWS_ENDPOINT_URL") {
        config = config.endpoint_url(endpoint);
    }
    let of_service = ["DynamoDB", "KMS", "EventBridge"]
        .map(|id| (id, lookup(&format!("AWS_ENDPOINT_URL_{}", id.to_uppercase()))))
        .into_iter()
        .filter_map(|(id, endpoint)| Some((id, endpoint?)));
    Ok(config.service_config(Endpoint(of_service.collect())).build())
}

/// Endpoints of single services (VPC endpoints): `AWS_ENDPOINT_URL_DYNAMODB`, `…_KMS`, `…_EVENTBRIDGE`.
#[derive(Debug)]
struct Endpoint(HashMap<&'static str, String>);

impl LoadServiceConfig for Endpoint {
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        (key.env() == "AWS_ENDPOINT_URL").then(|| self.0.get(key.service_id()).cloned())?
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws_http::https_client;

    fn endpoint(names: &[(&str, &str)], service: &'static str) -> Option<String> {
        let lookup = |name: &str| {
            let given = names.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned());
            given.or_else(|| {
                name.starts_with("AWS_").then(|| "x".to_owned()).filter(|_| !name.contains("ENDPOINT"))
            })
        };
        let config = sdk_config(https_client(), &lookup).expect("complete");
        let key =
            ServiceConfigKey::builder().service_id(service).env("AWS_ENDPOINT_URL").profile("endpoint_url");
        config.service_config()?.load_config(key.build().expect("a key"))
    }

    #[test]
    fn a_service_may_have_an_endpoint_of_its_own() {
        let names =
            [("AWS_ENDPOINT_URL_KMS", "https://kms.example"), ("AWS_ENDPOINT_URL", "https://all.example")];
        assert_eq!(endpoint(&names, "KMS").as_deref(), Some("https://kms.example"));
        assert_eq!(endpoint(&names, "DynamoDB"), None);
    }

    #[test]
    fn a_missing_name_of_lambda_is_told() {
        let missing = sdk_config(https_client(), &|_| None).expect_err("missing");
        assert_eq!(missing.name, "AWS_ACCESS_KEY_ID");
    }
}
