//! DynamoDB and KMS over their JSON protocols.

use crate::world::clock_at;
use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, UnparsedPublicKey};
use axum::Router;
use axum::body::Body;
use axum::http::Request;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use sim::{Aws, Database, Fault, Hunt, Journal, KeyState, Kind, When};
use tower::ServiceExt;

struct Cloud {
    aws: Aws,
    journal: Journal,
    router: Router,
}

fn cloud(seed: u8) -> Cloud {
    let (_, now) = clock_at("2026-11-24T09:00:00Z");
    let journal = Journal::new();
    let aws = Aws::with_seed(journal.clone(), now, Database::memory().unwrap(), [seed; 32]);
    let router = Router::new().nest_service("/aws", aws.router());
    Cloud { aws, journal, router }
}

impl Cloud {
    async fn call(&self, target: &str, body: Value) -> (u16, Value) {
        let request = Request::post("/aws/")
            .header("x-amz-target", target)
            .header("content-type", "application/x-amz-json-1.0")
            .body(Body::from(body.to_string()))
            .unwrap();
        let answer = self.router.clone().oneshot(request).await.unwrap();
        let status = answer.status().as_u16();
        let bytes = answer.into_body().collect().await.unwrap().to_bytes();
        (status, serde_json::from_slice(&bytes).unwrap_or_default())
    }

    async fn dynamodb(&self, operation: &str, body: Value) -> (u16, Value) {
        self.call(&format!("DynamoDB_20120810.{operation}"), body).await
    }

    async fn kms(&self, operation: &str, body: Value) -> (u16, Value) {
        self.call(&format!("TrentService.{operation}"), body).await
    }

    async fn table(&self) {
        let made = self
            .dynamodb(
                "CreateTable",
                json!({"TableName": "main", "BillingMode": "PAY_PER_REQUEST",
                    "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}, {"AttributeName": "sk", "AttributeType": "S"}],
                    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]}),
            )
            .await;
        assert_eq!(made.0, 200, "{made:?}");
        let ttl = json!({"TableName": "main", "TimeToLiveSpecification": {"AttributeName": "ttl", "Enabled": true}});
        self.dynamodb("UpdateTimeToLive", ttl).await;
    }
}

fn item(pk: &str, extra: Value) -> Value {
    let mut item = json!({"pk": {"S": pk}, "sk": {"S": "x"}});
    item.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    item
}

#[tokio::test]
async fn conditions_hold_and_errors_have_their_aws_shape() {
    let cloud = cloud(1);
    cloud.table().await;
    let put = json!({"TableName": "main", "Item": item("a", json!({})), "ConditionExpression": "attribute_not_exists(pk)",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD"});
    assert_eq!(cloud.dynamodb("PutItem", put.clone()).await.0, 200);
    let (status, body) = cloud.dynamodb("PutItem", put.clone()).await;
    assert_eq!(status, 400);
    assert_eq!(body["__type"], "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException");
    assert_eq!(body["Item"]["pk"]["S"], "a");
    let transact = json!({"TransactItems": [{"Put": put}]});
    let (status, body) = cloud.dynamodb("TransactWriteItems", transact).await;
    assert_eq!((status, &body["CancellationReasons"][0]["Code"]), (400, &json!("ConditionalCheckFailed")));
    let calls = cloud.journal.calls();
    let last = calls.last().unwrap();
    assert_eq!(
        (last.service, last.operation.as_str(), last.detail.as_str()),
        ("dynamodb", "TransactWriteItems", "main")
    );
}

#[tokio::test]
async fn unknown_operations_are_501_and_violations() {
    let cloud = cloud(1);
    for target in [
        "DynamoDB_20120810.ExportTableToPointInTime",
        "TrentService.ScheduleKeyDeletion",
        "AWSEvents.PutRule",
        "",
    ] {
        assert_eq!(cloud.call(target, json!({})).await.0, 501, "{target}");
    }
    assert_eq!(cloud.journal.violations().len(), 4);
}

#[tokio::test]
async fn events_are_taken_one_by_one_and_ten_at_most() {
    let cloud = cloud(1);
    let entry = |detail: &str| json!({ "EventBusName": "bus", "Source": "us", "DetailType": "a.b", "Detail": detail });
    let (status, answer) = cloud
        .call("AWSEvents.PutEvents", json!({ "Entries": [entry("{\"n\": 1}"), entry("no JSON")] }))
        .await;
    assert_eq!((status, &answer["FailedEntryCount"]), (200, &json!(1)));
    assert_eq!(answer["Entries"][1]["ErrorCode"], "MalformedDetail");
    let events = cloud.aws.events();
    assert_eq!(
        (events.len(), events[0].detail_type.as_str(), &events[0].detail),
        (1, "a.b", &json!({ "n": 1 }))
    );
    let eleven = vec![entry("{}"); 11];
    assert_eq!(cloud.call("AWSEvents.PutEvents", json!({ "Entries": eleven })).await.0, 400);
}

/// What DynamoDB documents as its limits ("Quotas and limits"), each with the number that just passes and the one that
/// just does not.
#[tokio::test]
async fn dynamodb_refuses_what_is_larger_than_its_documented_limits() {
    let cloud = cloud(1);
    cloud.table().await;
    let refused = |(status, body): (u16, Value)| {
        assert_eq!(status, 400, "{body}");
        assert_eq!(body["__type"], "com.amazon.coral.validate#ValidationException", "{body}");
        body["message"].as_str().unwrap().to_owned()
    };
    // An expression of 4,096 bytes: `SET a = :v` with a name as long as it takes.
    let update = |length: usize| {
        let name = "n".repeat(length - "SET  = :v".len());
        json!({"TableName": "main", "Key": item("a", json!({})), "UpdateExpression": format!("SET {name} = :v"),
            "ExpressionAttributeValues": {":v": {"N": "1"}}})
    };
    assert_eq!(cloud.dynamodb("UpdateItem", update(4096)).await.0, 200);
    let said = refused(cloud.dynamodb("UpdateItem", update(4097)).await);
    assert!(said.contains("Expression size has exceeded the maximum allowed size"), "{said}");
    let said = refused(
        cloud.dynamodb("TransactWriteItems", json!({"TransactItems": [{"Update": update(4097)}]})).await,
    );
    assert!(said.contains("Expression size has exceeded"), "{said}");
    // An item of 409,600 bytes, names included: pk, a, sk, x and d are six.
    let put = |bytes: usize| json!({"TableName": "main", "Item": item("a", json!({"d": {"S": "x".repeat(bytes)}}))});
    let names = "pk".len() + "a".len() + "sk".len() + "x".len() + "d".len();
    assert_eq!(cloud.dynamodb("PutItem", put(409_600 - names)).await.0, 200);
    let said = refused(cloud.dynamodb("PutItem", put(409_601 - names)).await);
    assert!(said.contains("Item size has exceeded the maximum allowed size"), "{said}");
    // A transaction of 100 writes, a batch of 100 keys.
    let puts = |count: usize| {
        let one = |n: usize| json!({"Put": {"TableName": "main", "Item": item(&format!("t{n}"), json!({}))}});
        json!({"TransactItems": (0..count).map(one).collect::<Vec<_>>()})
    };
    assert_eq!(cloud.dynamodb("TransactWriteItems", puts(100)).await.0, 200);
    refused(cloud.dynamodb("TransactWriteItems", puts(101)).await);
    let keys = |count: usize| {
        let keys: Vec<Value> = (0..count).map(|n| item(&format!("t{n}"), json!({}))).collect();
        json!({"RequestItems": {"main": {"Keys": keys}}})
    };
    assert_eq!(cloud.dynamodb("BatchGetItem", keys(100)).await.0, 200);
    refused(cloud.dynamodb("BatchGetItem", keys(101)).await);
    let twice = json!({"RequestItems": {"main": {"Keys": [item("a", json!({})), item("a", json!({}))]}}});
    let said = refused(cloud.dynamodb("BatchGetItem", twice).await);
    assert!(said.contains("duplicates"), "{said}");
}

/// A page of a query ends at 1 MB, whatever limit was asked for.
#[tokio::test]
async fn a_page_of_a_query_ends_at_one_megabyte() {
    let cloud = cloud(1);
    cloud.table().await;
    for n in 0..4 {
        let item = json!({"pk": {"S": "p"}, "sk": {"S": n.to_string()}, "d": {"S": "x".repeat(300_000)}});
        assert_eq!(cloud.dynamodb("PutItem", json!({"TableName": "main", "Item": item})).await.0, 200);
    }
    let query = json!({"TableName": "main", "KeyConditionExpression": "pk = :p", "Limit": 4,
        "ExpressionAttributeValues": {":p": {"S": "p"}}, "ProjectionExpression": "pk, sk"});
    let (status, page) = cloud.dynamodb("Query", query).await;
    assert_eq!(status, 200, "{page}");
    assert!(page["Count"].as_u64().unwrap() < 4, "what is not projected counts too: {page}");
    assert!(page["LastEvaluatedKey"].is_object(), "{page}");
}

#[tokio::test]
async fn expired_items_stay_until_they_are_swept() {
    let cloud = cloud(1);
    cloud.table().await;
    for (pk, ttl) in [("old", 1_700_000_000_i64), ("new", 1_900_000_000)] {
        let item = item(pk, json!({"ttl": {"N": ttl.to_string()}}));
        cloud.dynamodb("PutItem", json!({"TableName": "main", "Item": item})).await;
    }
    assert_eq!(cloud.aws.dump()["main"].as_array().unwrap().len(), 2);
    assert_eq!(cloud.aws.sweep_ttl(), 1);
    assert_eq!(cloud.aws.dump()["main"][0]["pk"]["S"], "new");
}

#[tokio::test]
async fn secrets_are_found_in_strings_in_binaries_and_in_base64() {
    let cloud = cloud(1);
    cloud.table().await;
    let secret = b"top-secret-token".to_vec();
    let places = [
        json!({"t": {"S": "x top-secret-token y"}}),
        json!({"m": {"M": {"b": {"B": STANDARD.encode(b"..top-secret-token")}}}}),
        json!({"t": {"S": STANDARD.encode(&secret)}}),
    ];
    for (n, place) in places.into_iter().enumerate() {
        let item = item(&format!("p{n}"), place);
        cloud.dynamodb("PutItem", json!({"TableName": "main", "Item": item})).await;
    }
    assert_eq!(cloud.aws.find(&Hunt::new([secret])).len(), 3);
    assert!(cloud.aws.find(&Hunt::new(["something else", ""])).is_empty());
}

#[tokio::test]
async fn kms_opens_only_with_the_same_context_key_and_bytes() {
    let cloud = cloud(1);
    let arn = cloud.aws.create_key("token-key");
    cloud.aws.create_key("other-key");
    let context = json!({"purpose": "customer-key", "customer": "acme", "version": "1"});
    let (status, made) = cloud
        .kms(
            "GenerateDataKey",
            json!({"KeyId": "token-key", "KeySpec": "AES_256", "EncryptionContext": context}),
        )
        .await;
    assert_eq!((status, &made["KeyId"]), (200, &json!(arn)));
    let blob = made["CiphertextBlob"].clone();
    let decrypt = |key: Value, context: Value, blob: Value| {
        cloud.kms("Decrypt", json!({"KeyId": key, "CiphertextBlob": blob, "EncryptionContext": context}))
    };
    let (status, opened) = decrypt(json!(arn), context.clone(), blob.clone()).await;
    assert_eq!((status, &opened["Plaintext"]), (200, &made["Plaintext"]));
    let mut bytes = STANDARD.decode(blob.as_str().unwrap()).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    for (key, context, blob, kind) in [
        (
            json!(null),
            json!({"purpose": "customer-key", "customer": "evil", "version": "1"}),
            blob.clone(),
            "InvalidCiphertextException",
        ),
        (json!(null), json!(null), blob.clone(), "InvalidCiphertextException"),
        (json!(null), context.clone(), json!(STANDARD.encode(bytes)), "InvalidCiphertextException"),
        (json!(null), context.clone(), json!("AAAA"), "InvalidCiphertextException"),
        (json!("other-key"), context.clone(), blob.clone(), "IncorrectKeyException"),
        (json!("no-key"), context.clone(), blob.clone(), "NotFoundException"),
    ] {
        let (status, body) = decrypt(key.clone(), context, blob).await;
        assert_eq!((status, &body["__type"]), (400, &json!(kind)), "{key}");
    }
    cloud.aws.set_key_state("token-key", KeyState::Disabled);
    assert_eq!(decrypt(json!(null), context.clone(), blob.clone()).await.1["__type"], "DisabledException");
    cloud.aws.set_key_state("token-key", KeyState::Enabled);
    assert_eq!(decrypt(json!(null), context, blob).await.0, 200);
    assert_eq!(cloud.aws.secrets(), [STANDARD.decode(made["Plaintext"].as_str().unwrap()).unwrap()]);
}

#[tokio::test]
async fn keys_of_the_same_seed_survive_a_restart_and_others_do_not() {
    let before = cloud(1);
    before.aws.create_key("token-key");
    let sealed =
        before.kms("Encrypt", json!({"KeyId": "token-key", "Plaintext": STANDARD.encode("hello")})).await.1;
    for (seed, status) in [(1, 200), (2, 400)] {
        let after = cloud(seed);
        after.aws.create_key("token-key");
        assert_eq!(after.kms("Decrypt", json!({"CiphertextBlob": sealed["CiphertextBlob"]})).await.0, status);
    }
}

#[tokio::test]
async fn aws_calls_meet_the_same_faults() {
    let cloud = cloud(1);
    cloud.table().await;
    let fault = |operation: &str, when| Fault {
        service: "dynamodb".into(),
        operation: Some(operation.into()),
        user: None,
        when,
        kind: Kind::Status { status: 500, retry_after: None, body: None },
        times: 1,
        skip: 0,
    };
    cloud.aws.faults().add(fault("PutItem", When::After));
    let put = json!({"TableName": "main", "Item": item("a", json!({}))});
    let (status, body) = cloud.dynamodb("PutItem", put).await;
    assert_eq!(status, 500);
    assert!(body["__type"].as_str().unwrap().ends_with("#InternalServerError"));
    assert_eq!(cloud.aws.dump()["main"].as_array().unwrap().len(), 1, "the write took effect");
}

#[tokio::test]
async fn a_signing_key_signs_and_does_nothing_else() {
    let cloud = cloud(1);
    cloud.aws.create_key("token");
    let arn = cloud.aws.create_signing_key("signing");
    let message = STANDARD.encode("header.claims");
    let sign = |key: &str, algorithm: &str, message: &str| json!({"KeyId": key, "SigningAlgorithm": algorithm, "Message": message, "MessageType": "RAW"});
    let (pss, older) = ("RSASSA_PSS_SHA_256", "RSASSA_PKCS1_V1_5_SHA_256");
    let (status, public) = cloud.kms("GetPublicKey", json!({"KeyId": arn})).await;
    assert_eq!(
        (status, &public["KeySpec"], &public["KeyUsage"]),
        (200, &json!("RSA_2048"), &json!("SIGN_VERIFY"))
    );
    let key = STANDARD.decode(public["PublicKey"].as_str().unwrap()).unwrap();
    for (algorithm, check) in [(pss, &RSA_PSS_2048_8192_SHA256), (older, &RSA_PKCS1_2048_8192_SHA256)] {
        let (status, signed) = cloud.kms("Sign", sign("signing", algorithm, &message)).await;
        assert_eq!(
            (status, &signed["KeyId"], &signed["SigningAlgorithm"]),
            (200, &json!(arn), &json!(algorithm))
        );
        let signature = STANDARD.decode(signed["Signature"].as_str().unwrap()).unwrap();
        UnparsedPublicKey::new(check, &key).verify(b"header.claims", &signature).unwrap();
    }
    let long = STANDARD.encode(vec![0; 4097]);
    let with = |field: &str, value: Value| {
        let mut body = sign("signing", pss, &message);
        body[field] = value;
        body
    };
    for (operation, body, kind) in [
        ("Sign", sign("token", pss, &message), "InvalidKeyUsageException"),
        ("Sign", sign("signing", "ECDSA_SHA_256", &message), "InvalidKeyUsageException"),
        ("Sign", sign("signing", pss, &long), "ValidationException"),
        ("Sign", with("SigningAlgorithm", Value::Null), "ValidationException"),
        ("Sign", with("MessageType", json!("DIGEST")), "ValidationException"),
        ("Sign", sign("nobodys", pss, &message), "NotFoundException"),
        ("GetPublicKey", json!({"KeyId": "token"}), "UnsupportedOperationException"),
        ("GenerateDataKey", json!({"KeyId": "signing", "KeySpec": "AES_256"}), "InvalidKeyUsageException"),
        ("Encrypt", json!({"KeyId": "signing", "Plaintext": message}), "InvalidKeyUsageException"),
    ] {
        let (status, told) = cloud.kms(operation, body).await;
        assert_eq!((status, &told["__type"]), (400, &json!(kind)), "{operation}");
    }
    cloud.aws.set_key_state("signing", KeyState::Disabled);
    assert_eq!(cloud.kms("Sign", sign("signing", pss, &message)).await.1["__type"], "DisabledException");
    assert_eq!(cloud.journal.violations(), Vec::<String>::new());
}
