//! What `template.yaml` makes in AWS, made in the emulator: tables, keys, and the credential of the app; and the
//! settings that name them.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
    ProjectionType, ScalarAttributeType, StreamSpecification, StreamViewType,
};
use aws_sdk_kms::primitives::Blob;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use certificate::Order;
use jiff::Timestamp;
use shared::app::sdk_config;
use shared::aws_http::https_client;
use sim::{Aws, Microsoft};

use crate::stack::{Options, OtherMicrosoft, StartError};

const TABLE: &str = "convene";
const KEYS_TABLE: &str = "convene-keys";
const TOKEN_KEY: &str = "alias/convene-token";
const EVENT_BUS: &str = "convene";
const SIGNING_KEY: &str = "alias/convene-signing";

/// What differs from stack to stack.
pub struct Setup {
    values: HashMap<String, String>,
    client_secret: String,
    own_aws: bool,
    /// Assertions instead of the secret: where both AWS and Microsoft are built in, nobody has to be asked.
    signing: bool,
}

impl Setup {
    /// The settings of a stack at `url`; its stand-ins are reached at `other`, which is another site for a browser.
    pub fn new((url, other): (&str, &str), built_in: OtherMicrosoft, options: &Options) -> Self {
        let OtherMicrosoft { login_url, graph_url, client_id, client_secret } =
            options.microsoft.clone().unwrap_or(built_in);
        let aws = options.aws_endpoint.clone().unwrap_or_else(|| format!("{other}/aws"));
        let mut values = HashMap::from(
            [
                ("PUBLIC_URL", url),
                ("RETURN_ORIGINS", url),
                ("APP_NAME", "Convene"),
                ("PUBLISHER_ID", "6184392"),
                ("SUPPORT_CONTACT", "it-help@vendor.example"),
                ("MICROSOFT_LOGIN_URL", &login_url),
                ("MICROSOFT_GRAPH_URL", &graph_url),
                ("MICROSOFT_CLIENT_ID", &client_id),
                ("TABLE_NAME", TABLE),
                ("KEYS_TABLE_NAME", KEYS_TABLE),
                ("TOKEN_KEY_ID", TOKEN_KEY),
                ("EVENT_BUS", EVENT_BUS),
                ("AWS_REGION", "eu-west-1"),
                ("AWS_ACCESS_KEY_ID", "local"),
                ("AWS_SECRET_ACCESS_KEY", "local"),
                ("AWS_ENDPOINT_URL", &aws),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned())),
        );
        values.extend(options.settings.clone());
        let own_aws = options.aws_endpoint.is_none();
        let signing = own_aws && options.microsoft.is_none() && !options.client_secret;
        Self { values, client_secret, own_aws, signing }
    }
}

/// Makes what is missing and answers with the complete settings.
pub async fn set_up(
    setup: &Setup,
    aws: &Aws,
    microsoft: &Microsoft,
    now: Timestamp,
) -> Result<HashMap<String, String>, StartError> {
    let mut values = setup.values.clone();
    // Endpoints of single services are for the functions: what there is, is made in AWS itself.
    let of_all = |name: &&str| !name.starts_with("AWS_ENDPOINT_URL_");
    let get = |name: &str| Some(name).filter(of_all).and_then(|name| setup.values.get(name).cloned());
    let sdk = sdk_config(https_client(), &get)?;
    let dynamodb = aws_sdk_dynamodb::Client::new(&sdk);
    let kms = aws_sdk_kms::Client::new(&sdk);
    let existing = dynamodb.list_tables().send().await?.table_names.unwrap_or_default();
    if !existing.iter().any(|name| name == TABLE) {
        create_main_table(&dynamodb).await?;
    }
    if !existing.iter().any(|name| name == KEYS_TABLE) {
        create_keys_table(&dynamodb).await?;
    }
    if setup.own_aws {
        aws.create_key(TOKEN_KEY);
    } else {
        let key = kms.create_key().send().await?.key_metadata.ok_or("no key was made")?;
        values.insert("TOKEN_KEY_ID".to_owned(), key.key_id);
    }
    if setup.signing {
        aws.create_signing_key(SIGNING_KEY);
        let order = Order { name: "Convene".to_owned(), days: 365, now };
        let made = certificate::make(&kms, SIGNING_KEY, &order).await?;
        microsoft.upload_certificate(&made.pem)?;
        let own = [
            ("MICROSOFT_CLIENT_KEY_ID", SIGNING_KEY.to_owned()),
            ("MICROSOFT_CLIENT_CERTIFICATE", made.setting()),
        ];
        for (name, value) in own {
            values.entry(name.to_owned()).or_insert(value);
        }
        return Ok(values);
    }
    let secret = kms
        .encrypt()
        .key_id(&values["TOKEN_KEY_ID"])
        .plaintext(Blob::new(setup.client_secret.as_bytes()))
        .encryption_context("purpose", "client-secret")
        .send()
        .await?;
    let ciphertext = secret.ciphertext_blob.ok_or("nothing was encrypted")?;
    values.insert("MICROSOFT_CLIENT_SECRET_CIPHERTEXT".to_owned(), BASE64_STANDARD.encode(ciphertext));
    Ok(values)
}

fn attribute(name: &str, kind: ScalarAttributeType) -> Result<AttributeDefinition, StartError> {
    Ok(AttributeDefinition::builder().attribute_name(name).attribute_type(kind).build()?)
}

fn key(name: &str, kind: KeyType) -> Result<KeySchemaElement, StartError> {
    Ok(KeySchemaElement::builder().attribute_name(name).key_type(kind).build()?)
}

async fn create_main_table(dynamodb: &aws_sdk_dynamodb::Client) -> Result<(), StartError> {
    let index = GlobalSecondaryIndex::builder()
        .index_name("follow-up")
        .key_schema(key("fu", KeyType::Hash)?)
        .key_schema(key("due", KeyType::Range)?)
        .projection(Projection::builder().projection_type(ProjectionType::All).build())
        .build()?;
    let stream = StreamSpecification::builder().stream_enabled(true);
    dynamodb
        .create_table()
        .table_name(TABLE)
        .stream_specification(stream.stream_view_type(StreamViewType::NewAndOldImages).build()?)
        .attribute_definitions(attribute("pk", ScalarAttributeType::S)?)
        .attribute_definitions(attribute("sk", ScalarAttributeType::S)?)
        .attribute_definitions(attribute("fu", ScalarAttributeType::S)?)
        .attribute_definitions(attribute("due", ScalarAttributeType::N)?)
        .key_schema(key("pk", KeyType::Hash)?)
        .key_schema(key("sk", KeyType::Range)?)
        .global_secondary_indexes(index)
        .billing_mode(BillingMode::PayPerRequest)
        .send()
        .await?;
    Ok(())
}

async fn create_keys_table(dynamodb: &aws_sdk_dynamodb::Client) -> Result<(), StartError> {
    dynamodb
        .create_table()
        .table_name(KEYS_TABLE)
        .attribute_definitions(attribute("customer", ScalarAttributeType::S)?)
        .attribute_definitions(attribute("version", ScalarAttributeType::S)?)
        .key_schema(key("customer", KeyType::Hash)?)
        .key_schema(key("version", KeyType::Range)?)
        .billing_mode(BillingMode::PayPerRequest)
        .send()
        .await?;
    Ok(())
}
