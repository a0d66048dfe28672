//! The one HTTP client of all AWS clients.

use aws_sdk_dynamodb::config::{HttpClient, RuntimeComponents, SharedHttpClient};
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_runtime_api::client::connector_metadata::ConnectorMetadata;
use aws_smithy_runtime_api::client::http::{HttpConnectorSettings, SharedHttpConnector};

use crate::settings::Lookup;

/// The roots of Amazon Trust Services, under which AWS's endpoints are certified.
const AMAZON_ROOTS: &str = include_str!("amazon_roots.pem");
/// Regions that are not in AWS's commercial partition begin so. Who certifies their endpoints is not known here.
const ELSEWHERE: [&str; 5] = ["cn-", "us-gov-", "us-iso", "eu-iso", "eusc-"];

/// The HTTP client of the AWS clients. Left to themselves, `DynamoDB` and KMS would make one each. It trusts whom the
/// machine trusts.
pub fn https_client() -> SharedHttpClient {
    let client = Builder::new().tls_provider(Provider::Rustls(CryptoMode::AwsLc)).build_https();
    SharedHttpClient::new(MadeOnce(client))
}

/// The same in Lambda, where whoever waits for a start waits for the roots to be parsed. For AWS's own names Amazon's
/// five are enough.
pub(crate) fn https_client_in_lambda(lookup: Lookup<'_>) -> SharedHttpClient {
    let region = lookup("AWS_REGION").unwrap_or_default();
    let elsewhere = ELSEWHERE.iter().any(|prefix| region.starts_with(prefix));
    let other_name = ["", "_DYNAMODB", "_KMS", "_EVENTBRIDGE"].iter().any(|service| {
        let endpoint = lookup(&format!("AWS_ENDPOINT_URL{service}"));
        endpoint.is_some_and(|url| url.starts_with("https:") && !url.contains(".amazonaws.com"))
    });
    if elsewhere || other_name {
        return https_client();
    }
    let roots = TrustStore::empty().with_pem_certificate(AMAZON_ROOTS);
    let trusting = TlsContext::builder().with_trust_store(roots).build().expect("nothing else is needed");
    let builder = Builder::new().tls_provider(Provider::Rustls(CryptoMode::AwsLc)).tls_context(trusting);
    SharedHttpClient::new(MadeOnce(builder.build_https()))
}

/// A client of which nothing is made before it is used. Left to itself, each AWS client that gets it parses all roots and
/// throws them away, to see whether they can be parsed.
#[derive(Debug)]
struct MadeOnce(SharedHttpClient);

impl HttpClient for MadeOnce {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        self.0.http_connector(settings, components)
    }

    fn connector_metadata(&self) -> Option<ConnectorMetadata> {
        self.0.connector_metadata()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_roots_for_aws_are_amazons_as_every_browser_has_them() {
        use rustls::pki_types::CertificateDer;
        use rustls::pki_types::pem::PemObject;
        let mut store = rustls::RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(AMAZON_ROOTS.as_bytes()) {
            store.add(certificate.expect("a certificate")).expect("a root");
        }
        assert_eq!(store.roots.len(), 5);
        for root in &store.roots {
            let known = webpki_roots::TLS_SERVER_ROOTS.iter().find(|known| known.subject == root.subject);
            let known = known.expect("a root that browsers trust");
            assert_eq!(known.subject_public_key_info, root.subject_public_key_info);
        }
    }
}
