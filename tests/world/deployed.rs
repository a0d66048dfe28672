//! A world whose functions run as they were deployed: it knows the address of the gateway and of the emulated AWS, and
//! plays the ATS's issuer and Microsoft. Time cannot be moved there.

use local::{Deployed, Options, StackClock};
use serde_json::{Value, json};
use sim::Hunt;

use super::World;

/// What `tests/deployed/run` tells: where everything is. Without it there is nothing deployed.
pub(crate) struct Told {
    listen: String,
    deployed: Deployed,
    aws: String,
    /// The queue of a rule that hears every event.
    heard: String,
    functions: Value,
    /// The names of both tables.
    pub(crate) tables: Vec<String>,
}

impl Told {
    /// Reads `CONVENE_DEPLOYED`, a JSON object.
    #[expect(clippy::disallowed_methods, reason = "said by the script that deployed, to the tests alone")]
    pub(crate) fn read() -> Option<Self> {
        let told: Value = serde_json::from_str(&std::env::var("CONVENE_DEPLOYED").ok()?).expect("JSON");
        let text = |name: &str| told[name].as_str().unwrap_or_else(|| panic!("no {name}")).to_owned();
        let (url, host, certificate) = (text("url"), text("host"), text("certificate"));
        let deployed = Deployed { url, host, certificate };
        let tables = told["tables"].as_array().into_iter().flatten();
        let tables = tables.filter_map(|name| name.as_str().map(str::to_owned)).collect();
        let functions = told["functions"].clone();
        let (listen, aws, heard) = (text("listen"), text("aws"), text("heard"));
        Some(Self { listen, deployed, aws, heard, functions, tables })
    }

    /// The world around that deployment.
    pub(crate) async fn world(&self) -> World {
        let options = Options {
            listen: Some(self.listen.parse().expect("an address")),
            deployed: Some(self.deployed.clone()),
            ..Options::default()
        };
        let world = World::with_clock(StackClock::running(), options).await;
        // The log of these calls lies in the deployed tables.
        world.forgets();
        world
    }

    /// Runs a scheduled function once; its report.
    pub(crate) async fn tick(&self, world: &World, function: &str) -> Value {
        let name = self.functions[function].as_str().expect("a deployed function");
        let url = format!("{}/2015-03-31/functions/{name}/invocations", self.aws);
        let answer = world.http.post(url).json(&json!({})).send().await.expect("an answer");
        answer.json().await.expect("a report")
    }

    /// Waits for the next events on the bus; none if there are none for a while.
    pub(crate) async fn next_events(&self, world: &World) -> Vec<Value> {
        let signed = "AWS4-HMAC-SHA256 Credential=test/20260101/eu-west-1/sqs/aws4_request, \
                      SignedHeaders=host, Signature=0";
        let call = async |operation: &str, body: Value| -> Value {
            let request = world.http.post(&self.aws).header("x-amz-target", format!("AmazonSQS.{operation}"));
            let request = request.header("content-type", "application/x-amz-json-1.0");
            let answer = request.header("authorization", signed).body(body.to_string()).send().await;
            answer.expect("an answer").json().await.unwrap_or_default()
        };
        let some = json!({ "QueueUrl": self.heard, "MaxNumberOfMessages": 10, "WaitTimeSeconds": 10 });
        let received = call("ReceiveMessage", some).await;
        let mut events = Vec::new();
        for message in received["Messages"].as_array().into_iter().flatten() {
            events.extend(serde_json::from_str::<Value>(message["Body"].as_str().unwrap_or_default()));
            let done = json!({ "QueueUrl": self.heard, "ReceiptHandle": message["ReceiptHandle"] });
            call("DeleteMessage", done).await;
        }
        events
    }

    /// Everything in a table of the deployment, as DynamoDB writes it.
    pub(crate) async fn rows(&self, world: &World, table: &str) -> String {
        let request = world.http.post(&self.aws).header("x-amz-target", "DynamoDB_20120810.Scan");
        let signed = "AWS4-HMAC-SHA256 Credential=test/20260101/eu-west-1/dynamodb/aws4_request, \
                      SignedHeaders=host, Signature=0";
        let request = request.header("authorization", signed).json(&json!({ "TableName": table }));
        let answer = request.send().await.expect("an answer");
        assert_eq!(answer.status(), 200);
        answer.text().await.expect("a whole body")
    }

    /// Whether anything that must stay secret lies in the open in a table.
    pub(crate) async fn is_secret_in(&self, world: &World, table: &str) -> bool {
        Hunt::new(world.microsoft().secrets()).finds(self.rows(world, table).await)
    }
}
