//! The classes of faults, and at which calls each can be placed: what it looks like there, or why there is none.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::Spot;

/// What a call is, in the letters of the fault matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// A code is redeemed.
    Code,
    /// A refresh token is redeemed.
    Refresh,
    /// Entra's signing keys.
    Keys,
    /// Entra's discovery document.
    Discovery,
    /// A read of the store.
    Read,
    /// A write of one row.
    Write,
    /// A transaction.
    Transact,
    /// KMS.
    Kms,
    /// Graph reads.
    Look,
    /// Graph writes.
    Change,
}

pub(super) fn kind(point: &Spot) -> Kind {
    match (point.service, point.operation.as_str()) {
        ("dynamodb", "GetItem" | "BatchGetItem" | "Query") => Kind::Read,
        ("dynamodb", "TransactWriteItems") => Kind::Transact,
        ("dynamodb", _) => Kind::Write,
        ("kms", _) => Kind::Kms,
        ("login", operation) if operation.ends_with("/keys") => Kind::Keys,
        ("login", operation) if operation.ends_with("configuration") => Kind::Discovery,
        ("login", _) if point.detail == "authorization_code" => Kind::Code,
        ("login", _) => Kind::Refresh,
        (_, operation) if operation.starts_with("GET") || operation.ends_with("getSchedule") => Kind::Look,
        _ => Kind::Change,
    }
}

/// A fault, wherever it is placed.
pub(super) struct Class {
    pub(super) name: &'static str,
    /// `before` or `after` the effect.
    pub(super) when: &'static str,
    /// The standing clock is so many seconds on when the answer comes, or back.
    pub(super) late: i64,
    group: Group,
}

#[derive(Clone, Copy)]
enum Group {
    /// At every call.
    Any(fn() -> Value),
    /// At every call that has an effect: of a read, losing the answer is all that can happen.
    Effect(fn() -> Value),
    Microsoft(fn() -> Value),
    Token(fn() -> Value),
    Code(fn() -> Value),
    Store(fn() -> Value),
    StoreWrite(fn(Kind) -> Value),
    StoreRead(fn(&str) -> Value),
    Kms(fn() -> Value),
    /// A success in form only: at every call that is read, not only heeded.
    Hollow(fn() -> Value),
}

const fn class(name: &'static str, when: &'static str, group: Group) -> Class {
    Class { name, when, late: 0, group }
}

const fn late(name: &'static str, seconds: i64, group: Group) -> Class {
    Class { name, when: "after", late: seconds, group }
}

fn status(status: u16) -> Value {
    json!({ "status": { "status": status } })
}

fn wait(status: u16, wait: &str) -> Value {
    json!({ "status": { "status": status, "retry_after": wait } })
}

/// A refusal in the words of an AWS service.
fn aws(name: &str) -> Value {
    json!({ "status": { "status": 400, "body": { "__type": name, "message": "" } } })
}

/// A refusal in the words of Entra.
fn entra(http: u16, error: &str, code: u32) -> Value {
    let text = format!("AADSTS{code}: A sentence. Trace ID: 0f1e2d3c-0000-4000-8000-000000000001");
    json!({ "status": { "status": http, "body": {
        "error": error, "error_codes": [code], "error_description": text } } })
}

#[expect(clippy::needless_pass_by_value, reason = "callers write the value where they hand it over")]
fn changed(pointer: &str, value: Value) -> Value {
    json!({ "changed": { "set": { pointer: value } } })
}

fn page(status: u16) -> Value {
    json!({ "raw": { "status": status, "text": "<html><body>Bad Gateway</body></html>" } })
}

fn claims_challenge() -> Value {
    let challenge =
        "Bearer realm=\"\", error=\"insufficient_claims\", claims=\"eyJhY2Nlc3NfdG9rZW4iOnt9fQ==\"";
    let body = r#"{"error":{"code":"InvalidAuthenticationToken","message":"Continuous access evaluation."}}"#;
    json!({ "raw": { "status": 401, "headers": [["www-authenticate", challenge]], "text": body } })
}

/// Conditions of a row that do not hold, as the call would be told.
fn unmet(kind: Kind) -> Value {
    cancelled(kind, "ConditionalCheckFailed", "ConditionalCheckFailedException")
}

fn conflict(kind: Kind) -> Value {
    cancelled(kind, "TransactionConflict", "TransactionConflictException")
}

fn cancelled(kind: Kind, reason: &str, name: &str) -> Value {
    if kind == Kind::Transact {
        let reasons = json!([{ "Code": reason }, { "Code": "None" }, { "Code": "None" }]);
        let name = "com.amazonaws.dynamodb.v20120810#TransactionCanceledException";
        return json!({ "status": { "status": 400, "body": {
            "__type": name, "message": "", "CancellationReasons": reasons } } });
    }
    aws(&format!("com.amazonaws.dynamodb.v20120810#{name}"))
}

fn vanished(operation: &str) -> Value {
    match operation {
        "GetItem" => changed("/Item", Value::Null),
        "Query" => json!({ "changed": { "set": { "/Items": [], "/Count": 0, "/LastEvaluatedKey": null } } }),
        _ => changed("/Responses/convene", json!([])),
    }
}

const THROTTLED: &str = "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException";

/// Every class of the matrix that can be placed at a single call.
#[rustfmt::skip]
pub(super) const CLASSES: &[Class] = &[
    class("reset before a byte was sent", "before", Group::Any(|| json!("reset"))),
    class("reset, answer lost", "after", Group::Effect(|| json!("reset"))),
    class("half of the answer", "after", Group::Any(|| json!("truncated"))),
    late("no answer in time", 12, Group::Any(|| json!("reset"))),
    late("answer after the deadline", 26, Group::Any(|| json!({ "changed": { "set": {} } }))),
    late("the clock is set back", -600, Group::Any(|| json!({ "changed": { "set": {} } }))),
    class("empty 200", "before", Group::Hollow(|| json!("empty"))),
    class("empty 200, done", "after", Group::Effect(|| json!("empty"))),
    class("malformed", "before", Group::Any(|| json!("malformed"))),
    class("other encoding", "after", Group::Any(|| json!("garbled"))),
    class("2 MB", "after", Group::Microsoft(|| json!({ "padded": { "bytes": 2_097_152 } }))),
    class("extra field", "after", Group::Any(|| changed("/another", json!([1, { "a": null }])))),
    class("a key twice", "after", Group::Microsoft(|| json!("doubled"))),
    class("a list", "before", Group::Hollow(|| json!({ "body": { "status": 200, "json": [] } }))),
    class("429", "before", Group::Microsoft(|| status(429))),
    class("429 in 2.5", "before", Group::Microsoft(|| wait(429, "2.5"))),
    class("429 until a date", "before", Group::Microsoft(|| wait(429, "Tue, 24 Nov 2026 12:00:00 GMT"))),
    class("429 in a day", "before", Group::Microsoft(|| wait(429, "86400"))),
    class("429 in -1", "before", Group::Microsoft(|| wait(429, "-1"))),
    class("500", "before", Group::Any(|| status(500))),
    class("500, done", "after", Group::Effect(|| status(500))),
    class("502 page", "before", Group::Any(|| page(502))),
    class("503", "before", Group::Any(|| status(503))),
    class("504, done", "after", Group::Microsoft(|| status(504))),
    class("401 with claims challenge", "before", Group::Microsoft(claims_challenge)),
    class("403", "before", Group::Microsoft(|| status(403))),
    class("404 page", "before", Group::Microsoft(|| page(404))),
    class("409", "before", Group::Microsoft(|| status(409))),
    class("412", "before", Group::Microsoft(|| status(412))),
    class("no access token", "after", Group::Token(|| changed("/access_token", Value::Null))),
    class("access token a number", "after", Group::Token(|| changed("/access_token", json!(7)))),
    class("no scope", "after", Group::Token(|| changed("/scope", Value::Null))),
    class("other scopes", "after", Group::Token(|| changed("/scope", json!("openid profile User.Read")))),
    class("no new refresh token", "after", Group::Token(|| changed("/refresh_token", Value::Null))),
    class("expires_in a text", "after", Group::Token(|| changed("/expires_in", json!("3600")))),
    class("expires_in 0", "after", Group::Token(|| changed("/expires_in", json!(0)))),
    class("expires_in negative", "after", Group::Token(|| changed("/expires_in", json!(-5)))),
    class("expires_in huge", "after", Group::Token(|| changed("/expires_in", json!(u64::MAX)))),
    class("no expires_in", "after", Group::Token(|| changed("/expires_in", Value::Null))),
    class("invalid_grant, real", "before", Group::Token(|| entra(400, "invalid_grant", 50173))),
    class("invalid_grant, throttled", "before", Group::Token(|| entra(400, "invalid_grant", 50196))),
    class("invalid_grant, unknown number", "before", Group::Token(|| entra(400, "invalid_grant", 999_999))),
    class("interaction_required", "before", Group::Token(|| entra(400, "interaction_required", 50076))),
    class("invalid_client", "before", Group::Token(|| entra(401, "invalid_client", 7_000_222))),
    class("temporarily_unavailable", "before", Group::Token(|| entra(503, "temporarily_unavailable", 90033))),
    class("no id_token", "after", Group::Code(|| changed("/id_token", Value::Null))),
    class("id_token of nobody", "after", Group::Code(|| changed("/id_token", json!("e30.e30.AAAA")))),
    class("throttled", "before", Group::Store(|| aws(THROTTLED))),
    class("condition not met", "before", Group::StoreWrite(unmet)),
    class("transaction conflict", "before", Group::StoreWrite(conflict)),
    class("item vanished", "after", Group::StoreRead(vanished)),
    class("KMS throttled", "before", Group::Kms(|| aws("ThrottlingException"))),
    class("KMS disabled", "before", Group::Kms(|| aws("DisabledException"))),
    class("KMS pending deletion", "before", Group::Kms(|| aws("KMSInvalidStateException"))),
    class("KMS access denied", "before", Group::Kms(|| aws("AccessDeniedException"))),
    class("KMS wrong context", "before", Group::Kms(|| aws("InvalidCiphertextException"))),
];

impl Class {
    /// What the call is answered, or why this class is not placed there.
    pub(super) fn at(&self, point: &Spot) -> Result<Value, &'static str> {
        let kind = kind(point);
        let microsoft = !matches!(kind, Kind::Read | Kind::Write | Kind::Transact | Kind::Kms);
        let effect = matches!(kind, Kind::Code | Kind::Refresh | Kind::Write | Kind::Transact | Kind::Change);
        match self.group {
            Group::Any(make) => Ok(make()),
            Group::Hollow(make) if !matches!(kind, Kind::Write | Kind::Transact) => Ok(make()),
            Group::Hollow(_) => Err(
                "nobody can tell a store that says yes from one that did it; a body that was cut fails its checksum",
            ),
            Group::Effect(make) if effect => Ok(make()),
            Group::Effect(_) => {
                Err("the call has no effect; a lost answer is 'reset' and 'half of the answer'")
            }
            Group::Microsoft(make) if microsoft => Ok(make()),
            Group::Microsoft(_) => Err("AWS answers through its own SDK, never so"),
            Group::Token(make) if matches!(kind, Kind::Code | Kind::Refresh) => Ok(make()),
            Group::Token(_) => Err("the call answers no tokens"),
            Group::Code(make) if kind == Kind::Code => Ok(make()),
            Group::Code(_) => Err("only a code brings an id_token that is read"),
            Group::Store(make) if matches!(kind, Kind::Read | Kind::Write | Kind::Transact) => Ok(make()),
            Group::Store(_) => Err("the call does not go to the store"),
            Group::StoreWrite(make) if matches!(kind, Kind::Write | Kind::Transact) => Ok(make(kind)),
            Group::StoreWrite(_) => Err("the call writes no row"),
            Group::StoreRead(make) if kind == Kind::Read => Ok(make(&point.operation)),
            Group::StoreRead(_) => Err("the call reads no row"),
            Group::Kms(make) if kind == Kind::Kms => Ok(make()),
            Group::Kms(_) => Err("the call does not go to KMS"),
        }
    }

    /// Whether it is placed a second time so that it lasts for as long as the step does.
    pub(super) fn may_last(&self) -> bool {
        ["reset before a byte was sent", "reset, answer lost", "503", "throttled", "KMS throttled"]
            .contains(&self.name)
    }

    /// How long the fault keeps us from asking again: no server is believed for more than an hour.
    pub(super) fn silence(&self) -> SignedDuration {
        let long = ["429 until a date", "429 in a day"].contains(&self.name);
        if long { SignedDuration::from_hours(1) } else { SignedDuration::ZERO }
    }

    /// What only our own key service or table can do to us, and an answer of ours may call an error of ours: a key
    /// that is gone, and an answer that AWS never gives.
    pub(super) fn is_ours(&self, point: &Spot) -> bool {
        // An identity that cannot be proved is nobody's to repair either; by a clock that is wrong none can.
        self.late < 0
            || point.service == "kms"
            || point.service == "dynamodb"
            || self.name == "id_token of nobody"
    }
}
