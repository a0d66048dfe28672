//! Settings that nobody notices until the day they are needed.

use serde_json::{Value, json};

use super::{file, folder, of_type, read, root, text};

#[test]
fn a_function_is_built_from_its_own_package() {
    let template = read();
    assert_eq!(template["Globals"]["Function"]["Timeout"], 29);
    for (name, function) in of_type(&template, "AWS::Serverless::Function") {
        let folder = folder(&function);
        assert_eq!(text(&function["Metadata"]["BuildMethod"]), "rust-cargolambda", "{name}");
        assert_eq!(text(&function["Properties"]["CodeUri"]), format!("functions/{folder}/"), "{name}");
        assert!(file(&format!("functions/{folder}/Cargo.toml")).contains(&format!("name = \"{folder}\"")));
    }
    let folders = std::fs::read_dir(root().join("functions")).expect("functions/");
    let packages =
        folders.filter(|entry| entry.as_ref().is_ok_and(|entry| entry.path().join("Cargo.toml").exists()));
    assert_eq!(packages.count(), of_type(&template, "AWS::Serverless::Function").len());
}

#[test]
fn a_table_survives_mistakes_and_is_encrypted_with_the_data_key() {
    let tables = of_type(&read(), "AWS::DynamoDB::Table");
    assert_eq!(tables.len(), 2);
    for (name, table) in tables {
        assert_eq!(text(&table["DeletionPolicy"]), "Retain", "{name}");
        assert_eq!(text(&table["UpdateReplacePolicy"]), "Retain", "{name}");
        let properties = &table["Properties"];
        assert_eq!(properties["DeletionProtectionEnabled"], true, "{name}");
        assert_eq!(properties["BillingMode"], "PAY_PER_REQUEST", "{name}");
        assert_eq!(
            properties["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"], true,
            "{name}"
        );
        let sse =
            json!({"SSEEnabled": true, "SSEType": "KMS", "KMSMasterKeyId": {"Fn::GetAtt": "DataKey.Arn"}});
        assert_eq!(properties["SSESpecification"], sse, "{name}");
    }
}

#[test]
fn the_main_table_expires_rows_and_finds_what_is_due() {
    let table = &read()["Resources"]["Table"]["Properties"];
    assert_eq!(table["TimeToLiveSpecification"], json!({"AttributeName": "ttl", "Enabled": true}));
    assert_eq!(table["KeySchema"], key_schema("pk", "sk"));
    let [index] = table["GlobalSecondaryIndexes"].as_array().expect("indexes").as_slice() else {
        panic!("one index")
    };
    assert_eq!(index["IndexName"], "follow-up");
    assert_eq!(index["KeySchema"], key_schema("fu", "due"));
    assert_eq!(index["Projection"], json!({"ProjectionType": "ALL"}));
}

#[test]
fn the_stream_hands_over_what_the_function_listens_to_and_loses_nothing() {
    let template = read();
    let stream = json!({"StreamViewType": "NEW_AND_OLD_IMAGES"});
    assert_eq!(template["Resources"]["Table"]["Properties"]["StreamSpecification"], stream);
    let mapping = &template["Resources"]["EventsOut"]["Properties"]["Events"]["Written"]["Properties"];
    let pattern = text(&mapping["FilterCriteria"]["Filters"][0]["Pattern"]).to_owned();
    let pattern: Value = serde_json::from_str(&pattern).expect("JSON");
    let prefixes: Vec<Value> = events_out::FUNCTION.rows.iter().map(|row| json!({"prefix": row})).collect();
    assert_eq!(pattern, json!({"dynamodb": {"Keys": {"sk": {"S": prefixes}}}}));
    for (name, value) in [
        ("StartingPosition", json!("TRIM_HORIZON")),
        ("BisectBatchOnFunctionError", json!(true)),
        ("MaximumRetryAttempts", json!(10)),
        ("FunctionResponseTypes", json!(["ReportBatchItemFailures"])),
    ] {
        assert_eq!(mapping[name], value, "{name}");
    }
    assert_eq!(mapping["DestinationConfig"]["OnFailure"]["Destination"]["Fn::GetAtt"], "DeadLetters.Arn");
    assert_eq!(
        template["Resources"]["DeadLetters"]["Properties"]["KmsMasterKeyId"]["Fn::GetAtt"],
        "DataKey.Arn"
    );
}

#[test]
fn a_deleted_customer_key_is_gone_after_a_day() {
    let table = &read()["Resources"]["KeysTable"]["Properties"];
    assert_eq!(table["KeySchema"], key_schema("customer", "version"));
    assert_eq!(table["PointInTimeRecoverySpecification"]["RecoveryPeriodInDays"], 1);
    for absent in ["StreamSpecification", "TimeToLiveSpecification", "GlobalSecondaryIndexes"] {
        assert!(table[absent].is_null(), "{absent} would keep a copy or lose a key");
    }
}

#[test]
fn a_key_is_kept_rotated_and_names_no_role() {
    let keys = of_type(&read(), "AWS::KMS::Key");
    assert_eq!(keys.keys().collect::<Vec<_>>(), ["DataKey", "SigningKey", "TokenKey"]);
    for (name, key) in keys {
        assert_eq!(text(&key["DeletionPolicy"]), "Retain", "{name}");
        let (kind, usage) = (&key["Properties"]["KeySpec"], &key["Properties"]["KeyUsage"]);
        if name == "SigningKey" {
            assert_eq!((kind, usage), (&json!("RSA_2048"), &json!("SIGN_VERIFY")));
        } else {
            assert_eq!(key["Properties"]["EnableKeyRotation"], true, "{name}");
            assert!(kind.is_null() && usage.is_null(), "{name}: symmetric");
        }
        for statement in key["Properties"]["KeyPolicy"]["Statement"].as_array().expect("statements") {
            let account = json!({"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}});
            let logs = json!({"Service": {"Fn::Sub": "logs.${AWS::Region}.amazonaws.com"}});
            let alarms = json!({"Service": "cloudwatch.amazonaws.com"});
            let limited = statement["Condition"]["ArnLike"].is_object();
            let of_service = [logs, alarms].contains(&statement["Principal"]) && limited;
            let events = json!({"Service": "events.amazonaws.com"});
            let of_events =
                statement["Principal"] == events && statement["Condition"]["StringEquals"].is_object();
            let of_data = name == "DataKey" && (of_service || of_events);
            assert!(statement["Principal"] == account || of_data, "{name}: {statement}");
        }
    }
}

#[test]
fn a_tick_is_never_repeated() {
    let mut ticking = Vec::new();
    for function in of_type(&read(), "AWS::Serverless::Function").into_values() {
        let properties = &function["Properties"];
        for event in properties["Events"].as_object().expect("events").values() {
            if event["Type"] != "ScheduleV2" {
                continue;
            }
            let once = json!({"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60});
            assert_eq!(event["Properties"]["RetryPolicy"], once);
            assert_eq!(properties["EventInvokeConfig"], once);
            assert_eq!(properties["Timeout"], 300);
            // Neither linter notices `rate(5 minute)`.
            assert_eq!(event["Properties"]["ScheduleExpression"], "rate(1 minute)");
            ticking.push(folder(&function));
        }
    }
    assert_eq!(ticking, ["follow-ups", "token-refresh"]);
}

#[test]
fn a_log_group_is_declared_ends_and_is_encrypted() {
    let template = read();
    let groups = of_type(&template, "AWS::Logs::LogGroup");
    for (name, group) in &groups {
        assert_eq!(group["Properties"]["RetentionInDays"]["Ref"], "LogRetentionDays", "{name}");
        assert_eq!(group["Properties"]["KmsKeyId"]["Fn::GetAtt"], "DataKey.Arn", "{name}");
    }
    for (name, function) in of_type(&template, "AWS::Serverless::Function") {
        let own = text(&function["Properties"]["LoggingConfig"]["LogGroup"]["Ref"]).to_owned();
        assert_eq!(own, format!("{name}Log"));
        assert!(groups.iter().any(|(group, _)| *group == own), "{own}");
    }
}

fn key_schema(hash: &str, range: &str) -> Value {
    json!([{"AttributeName": hash, "KeyType": "HASH"}, {"AttributeName": range, "KeyType": "RANGE"}])
}
