//! Alarms, dashboard and limits. An alarm on a name that nobody sends never sounds, and nobody notices; so each name is
//! compared with the code.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use shared::metrics::Metric;

use super::{file, folder, of_type, read, routes, text};

const RUNBOOK: &str = "infra/cloud/operations.md";

/// Metrics that no alarm looks at: they are for the dashboard and for questions.
const WITHOUT_ALARM: [Metric; 17] = [
    Metric::Duration,
    // The API's own 5xx counts these, and what the gateway answers by itself.
    Metric::ServerErrors,
    Metric::GraphLatency,
    Metric::GraphThrottled,
    Metric::GraphUnavailable,
    Metric::GraphRefused,
    Metric::LoginLatency,
    Metric::LoginThrottled,
    Metric::LoginUnavailable,
    Metric::LoginRefused,
    Metric::Dropped,
    Metric::KmsCalls,
    Metric::Verified,
    Metric::Stored,
    Metric::Suspect,
    Metric::Postponed,
    Metric::EventsTold,
];

fn alarms() -> BTreeMap<String, Value> {
    let alarms = of_type(&read(), "AWS::CloudWatch::Alarm");
    alarms.into_iter().map(|(name, alarm)| (name, alarm["Properties"].clone())).collect()
}

/// Namespace, name and dimensions of what an alarm looks at.
fn watched(alarm: &Value) -> (String, String, Value) {
    let namespace = &alarm["Namespace"];
    let namespace = namespace["Fn::Sub"].as_str().unwrap_or_else(|| text(namespace)).to_owned();
    (namespace, text(&alarm["MetricName"]).to_owned(), alarm["Dimensions"].clone())
}

fn ours(namespace: &str) -> bool {
    namespace == "Convene/${AWS::StackName}"
}

#[test]
fn the_functions_count_under_the_namespace_that_alarms_look_at() {
    let told = &read()["Globals"]["Function"]["Environment"]["Variables"]["METRICS_NAMESPACE"]["Fn::Sub"];
    assert!(ours(text(told)));
}

#[test]
fn every_alarm_looks_at_a_metric_that_is_sent() {
    let known: BTreeSet<String> = Metric::ALL.into_iter().map(Metric::name).collect();
    let theirs = [
        "AWS/Lambda Errors",
        "AWS/Lambda Throttles",
        "AWS/Lambda IteratorAge",
        "AWS/SQS ApproximateNumberOfMessagesVisible",
        "AWS/ApiGateway 5xx",
    ];
    let mut seen = BTreeSet::new();
    for (name, alarm) in alarms() {
        let (namespace, metric, dimensions) = watched(&alarm);
        if ours(&namespace) {
            assert!(known.contains(&metric), "{name}: nobody sends {metric}");
            assert!(dimensions.is_null(), "{name}: {metric} has no dimensions");
            seen.insert(metric);
        } else {
            let full = format!("{namespace} {metric}");
            assert!(theirs.contains(&full.as_str()) && dimensions.is_array(), "{name}: {full}");
        }
    }
    let rest: BTreeSet<_> = WITHOUT_ALARM.into_iter().map(Metric::name).collect();
    assert_eq!(known.difference(&seen).cloned().collect::<BTreeSet<_>>(), rest, "metrics without an alarm");
}

#[test]
fn every_alarm_reaches_somebody_and_says_what_to_do() {
    let runbook = file(RUNBOOK);
    let mut sections: BTreeSet<String> =
        runbook.lines().filter_map(|line| line.strip_prefix("### ")).map(anchor).collect();
    let described: BTreeSet<String> = sections.clone();
    assert!(alarms().len() >= 15);
    for (name, alarm) in alarms() {
        for when in ["AlarmActions", "OKActions"] {
            assert_eq!(alarm[when], json!([{ "Ref": "Alarms" }]), "{name} {when}");
        }
        let (said, link) = text(&alarm["AlarmDescription"]).rsplit_once(' ').expect("words and a link");
        let section = link.strip_prefix("infra/cloud/operations.md#").expect("a link to the runbook");
        assert!(said.len() > 60 && said.ends_with('.'), "{name}: {said}");
        assert!(described.contains(section), "{name}: {RUNBOOK} has no section {section}");
        sections.remove(section);
    }
    assert!(sections.is_empty(), "sections of alarms that are gone: {sections:?}");
}

/// A line that calls itself an alarm is one: what it counts has an alarm, whose section bears the line's word.
#[test]
fn a_line_that_calls_itself_an_alarm_raises_one() {
    let mut words = BTreeSet::new();
    for path in [
        "access/redeem.rs",
        "access/record.rs",
        "scheduling/settle.rs",
        "outbox.rs",
        "store/limits.rs",
        "store/table.rs",
    ] {
        let source = file(&format!("shared/src/{path}"));
        for (at, mark) in source.match_indices("alarm = \"") {
            let word = source[at + mark.len()..].split('"').next().unwrap_or_default();
            words.insert(word.to_owned());
            let counted = source[..at].lines().rev().take(4).any(|line| line.contains("metrics::count("));
            assert!(counted, "{path}: {word} is not counted");
        }
    }
    assert_eq!(words.len(), 7, "{words:?}");
    let alarms = alarms();
    for word in words {
        let link = format!("infra/cloud/operations.md#{word}");
        assert!(alarms.values().any(|alarm| text(&alarm["AlarmDescription"]).ends_with(&link)), "{word}");
    }
}

fn anchor(heading: &str) -> String {
    heading.to_lowercase().replace(' ', "-")
}

/// Silence is bad news where a sign of life is missing, and nowhere else.
#[test]
fn silence_is_an_alarm_only_where_a_sign_of_life_is_missing() {
    for (name, alarm) in alarms() {
        let sign = matches!(alarm["MetricName"].as_str(), Some("Sweeps" | "FollowUps"));
        assert_eq!(alarm["TreatMissingData"], if sign { "breaching" } else { "notBreaching" }, "{name}");
        let less = alarm["ComparisonOperator"] == "LessThanThreshold";
        assert_eq!(less, sign, "{name}");
        if sign {
            let minutes = (&alarm["Period"], &alarm["EvaluationPeriods"], &alarm["Threshold"]);
            assert_eq!(minutes, (&json!(60), &json!(5), &json!(1)), "{name}");
        }
    }
}

#[test]
fn the_thresholds_are_those_that_were_promised() {
    let alarms = alarms();
    let of = |name: &str| (&alarms[name]["Threshold"], text(&alarms[name]["Statistic"]));
    assert_eq!(of("OldestShard"), (&json!(50 * 60), "Maximum"));
    for days in [60, 30, 7] {
        assert_eq!(of(&format!("Certificate{days}Days")), (&json!(days), "Minimum"));
    }
    for at_once in ["VendorCredential", "BlastGuard"] {
        assert_eq!(of(at_once), (&json!(1), "Sum"));
        assert_eq!(
            (&alarms[at_once]["Period"], &alarms[at_once]["EvaluationPeriods"]),
            (&json!(60), &json!(1))
        );
    }
}

#[test]
fn every_function_is_watched_for_errors_and_throttles() {
    let mut watched_by: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for alarm in alarms().into_values() {
        let (namespace, metric, dimensions) = watched(&alarm);
        if namespace == "AWS/Lambda" {
            let function = text(&dimensions[0]["Value"]["Ref"]).to_owned();
            watched_by.entry(metric).or_default().insert(function);
        }
    }
    let functions: BTreeSet<String> = of_type(&read(), "AWS::Serverless::Function").into_keys().collect();
    assert_eq!(watched_by["Errors"], functions);
    assert_eq!(watched_by["Throttles"], functions);
    assert_eq!(watched_by["IteratorAge"], BTreeSet::from(["EventsOut".to_owned()]));
}

#[test]
fn the_dashboard_shows_metrics_that_are_sent() {
    let template = read();
    let body = text(&template["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]);
    let body: Value = serde_json::from_str(body).expect("the dashboard is JSON");
    let folders: BTreeSet<String> =
        of_type(&template, "AWS::Serverless::Function").values().map(folder).collect();
    let (mut shown, mut timed) = (BTreeSet::new(), BTreeSet::new());
    for widget in body["widgets"].as_array().expect("widgets") {
        for metric in widget["properties"]["metrics"].as_array().into_iter().flatten() {
            if ours(text(&metric[0])) {
                shown.insert(text(&metric[1]).to_owned());
                let per_function = metric[2] == "function";
                assert_eq!(per_function, metric[1] == Metric::Duration.name(), "{metric}");
                timed.extend(per_function.then(|| text(&metric[3]).to_owned()));
            }
        }
    }
    assert_eq!(timed, folders);
    assert_eq!(shown, Metric::ALL.into_iter().map(Metric::name).collect());
    let told = body["widgets"][0]["properties"]["alarms"].as_array().expect("alarms").len();
    assert_eq!(told, alarms().len());
}

#[test]
fn whoever_is_on_the_internet_may_ask_less_often() {
    let template = read();
    let api = &template["Resources"]["HttpApi"]["Properties"];
    let usual = &api["DefaultRouteSettings"];
    assert_eq!(usual["ThrottlingRateLimit"]["Ref"], "ApiRateLimit");
    assert_eq!(usual["ThrottlingBurstLimit"]["Ref"], "ApiBurstLimit");
    let default = |name: &str| template["Parameters"][name]["Default"].as_u64().expect("a number");
    let public: BTreeSet<String> =
        routes().into_iter().filter(|(.., scopes)| scopes.is_empty()).map(|(_, key, _)| key).collect();
    let strict = api["RouteSettings"].as_object().expect("settings of routes");
    assert_eq!(strict.keys().cloned().collect::<BTreeSet<_>>(), public);
    for (route, limits) in strict {
        let limit =
            |name: &str| limits[name].as_u64().unwrap_or_else(|| panic!("{route}: {name} is a number"));
        assert!(limit("ThrottlingRateLimit") * 4 <= default("ApiRateLimit"), "{route}");
        assert!(limit("ThrottlingBurstLimit") * 4 <= default("ApiBurstLimit"), "{route}");
    }
}

#[test]
fn a_function_has_no_limit_of_its_own_unless_one_is_asked_for() {
    let template = read();
    let mut by_parameter: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (name, function) in of_type(&template, "AWS::Serverless::Function") {
        let choice = &function["Properties"]["ReservedConcurrentExecutions"]["Fn::If"];
        let parameter = text(&choice[1]["Ref"]);
        assert_eq!(choice[2], json!({ "Ref": "AWS::NoValue" }), "{name}");
        assert_eq!(template["Parameters"][parameter]["Default"], "", "{name}");
        let asked = json!({ "Fn::Not": [{ "Fn::Equals": [{ "Ref": parameter }, ""] }] });
        assert_eq!(template["Conditions"][text(&choice[0])], asked, "{name}");
        by_parameter.entry(parameter.to_owned()).or_default().insert(folder(&function));
    }
    assert_eq!(by_parameter["ScheduledConcurrency"], super::scheduled());
    assert!(by_parameter["PublicConcurrency"].contains("pages"));
    assert!(by_parameter["ApiConcurrency"].contains("interviews"));
}

#[test]
fn functions_are_traced_unless_an_operator_says_otherwise() {
    let template = read();
    assert_eq!(template["Globals"]["Function"]["Tracing"]["Ref"], "Tracing");
    assert_eq!(template["Parameters"]["Tracing"]["Default"], "Active");
    for (name, function) in of_type(&template, "AWS::Serverless::Function") {
        assert!(function["Properties"]["Tracing"].is_null(), "{name}: tracing is the same for all");
    }
}

#[test]
fn alarms_are_sent_encrypted_and_cloudwatch_may_encrypt() {
    let template = read();
    let topic = &template["Resources"]["Alarms"]["Properties"];
    assert_eq!(topic["KmsMasterKeyId"]["Fn::GetAtt"], "DataKey.Arn");
    let mail = &template["Resources"]["AlarmMail"];
    assert_eq!(
        (&mail["Condition"], &mail["Properties"]["Endpoint"]["Ref"]),
        (&json!("HasAlarmEmail"), &json!("AlarmEmail"))
    );
    let statements = &template["Resources"]["DataKey"]["Properties"]["KeyPolicy"]["Statement"];
    let writes = statements.as_array().expect("statements").iter().find(|one| one["Sid"] == "Alarms");
    let writes = writes.expect("a statement for alarms");
    assert_eq!(writes["Principal"], json!({ "Service": "cloudwatch.amazonaws.com" }));
    let actions = super::strings(&writes["Action"]);
    assert_eq!(actions, ["kms:Decrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext"]);
    assert_eq!(writes["Condition"]["StringEquals"]["aws:SourceAccount"]["Ref"], "AWS::AccountId");
}
