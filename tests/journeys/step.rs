//! One run of one function, as a future that can be dropped: then the function has crashed.

use std::sync::Arc;

use futures::future::BoxFuture;
use reqwest::Method;
use serde_json::Value;

use crate::world::{Answer, Browser, Person, World};

/// What is run.
pub(crate) enum Step {
    /// A request.
    Ask { method: Method, url: String, headers: Vec<(String, String)>, body: Option<Value> },
    /// A tick of this function.
    Tick(&'static str),
}

/// What came of it.
#[derive(Debug)]
pub(crate) enum Came {
    Answer(Answer),
    Report(Value),
}

impl Step {
    /// A browser opens this address.
    pub(crate) fn open(browser: &Browser<'_>, url: &str) -> Self {
        let cookies: Vec<String> =
            browser.cookies().iter().map(|(name, value)| format!("{name}={value}")).collect();
        let headers = vec![("cookie".to_owned(), cookies.join("; "))];
        Self::Ask { method: Method::GET, url: url.to_owned(), headers, body: None }
    }

    /// A user of the ATS asks for this.
    pub(crate) fn ask(who: &Person<'_>, method: Method, path: &str, body: Option<Value>) -> Self {
        Self::ask_as(who, method, path, (body, None))
    }

    /// The same under an idempotency key.
    pub(crate) fn ask_as(
        who: &Person<'_>,
        method: Method,
        path: &str,
        (body, key): (Option<Value>, Option<&str>),
    ) -> Self {
        let mut headers = vec![("authorization".to_owned(), format!("Bearer {}", who.token))];
        headers.extend(key.map(|key| ("idempotency-key".to_owned(), key.to_owned())));
        headers.extend(body.is_some().then(|| ("content-type".to_owned(), "application/json".to_owned())));
        Self::Ask { method, url: format!("{}{path}", who.world.stack.url), headers, body }
    }

    /// Runs it.
    pub(crate) fn start<'w>(&self, world: &'w World) -> BoxFuture<'w, Came> {
        match self {
            Self::Tick(name) => {
                let mut all = local::scheduled_functions().into_iter();
                let function = all.find(|function| function.name == *name).expect("it is scheduled");
                let app = Arc::clone(world.app(name));
                Box::pin(async move { Came::Report(function.run(&app, None).await) })
            }
            Self::Ask { method, url, headers, body } => {
                let mut request = local::http::Request::builder().method(method.clone()).uri(url.as_str());
                for (name, value) in headers.iter().filter(|(_, value)| !value.is_empty()) {
                    request = request.header(name, value);
                }
                let body = body.as_ref().map(|body| body.to_string().into_bytes()).unwrap_or_default();
                let asked = world.stack.ask(request.body(body).expect("a request"));
                Box::pin(async move {
                    let answer = Answer::of(&asked.await);
                    world.hear(&answer.text);
                    world.hear(&format!("{:?}", answer.headers));
                    Came::Answer(answer)
                })
            }
        }
    }
}
