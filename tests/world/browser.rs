//! A person's browser: it follows redirects by hand and keeps cookies for our host only.

use std::sync::{Mutex, PoisonError};

use super::{Answer, World};

pub(crate) struct Browser<'a> {
    world: &'a World,
    cookies: Mutex<Vec<(String, String)>>,
}

impl<'a> Browser<'a> {
    pub(crate) fn new(world: &'a World) -> Self {
        Self { world, cookies: Mutex::default() }
    }

    /// Opens a page of ours; keeps the cookies of the answer.
    pub(crate) async fn open(&self, url: &str) -> Answer {
        let jar = self.cookies.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let cookies: Vec<String> = jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request = self.world.http.get(url);
        if !cookies.is_empty() {
            request = request.header("cookie", cookies.join("; "));
        }
        let answer = Answer::read(request.send().await.expect("the stack answers")).await;
        self.world.hear(&answer.text);
        self.world.hear(&format!("{:?}", answer.headers));
        for (_, line) in answer.headers.iter().filter(|(name, _)| name == "set-cookie") {
            self.keep(line);
        }
        answer
    }

    fn keep(&self, line: &str) {
        assert!(line.starts_with("__Host-convene-"), "a cookie of another name: {line}");
        for part in ["; Path=/", "; Secure", "; HttpOnly", "; SameSite=Lax"] {
            assert!(line.contains(part), "a cookie without {part}");
        }
        let (name, value) = line.split(';').next().unwrap_or_default().split_once('=').expect("a cookie");
        let mut jar = self.cookies.lock().unwrap_or_else(PoisonError::into_inner);
        jar.retain(|(known, _)| known != name);
        if !line.contains("Max-Age=0") {
            jar.push((name.to_owned(), value.to_owned()));
        }
    }

    pub(crate) fn cookies(&self) -> Vec<(String, String)> {
        self.cookies.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn set_cookies(&self, cookies: Vec<(String, String)>) {
        *self.cookies.lock().unwrap_or_else(PoisonError::into_inner) = cookies;
    }

    /// Opens a connect link as far as Microsoft's page; the authorize URL.
    pub(crate) async fn to_microsoft(&self, link: &str) -> String {
        let answer = self.open(link).await;
        assert_eq!(answer.status, 302, "{}", answer.text);
        answer.header("location").expect("a redirect").to_owned()
    }

    /// The whole way: link, Microsoft's pages as `user` answers them, and back; the callback's answer.
    pub(crate) async fn sign_in(&self, link: &str, user: &str, answer: sim::Answer) -> Answer {
        let authorize = self.to_microsoft(link).await;
        let back = self.world.microsoft().sign_in(&authorize, user, answer).expect("Microsoft sends back");
        self.open(&back).await
    }
}

/// A parameter of a URL's query, decoded as far as the tests need.
pub(crate) fn parameter(url: &str, name: &str) -> Option<String> {
    let query = url.split_once('?')?.1;
    query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, v)| v.to_owned())
}

/// Where Microsoft would send the browser of this authorize URL back to, with these fields.
pub(crate) fn back_with(world: &World, authorize: &str, fields: &[(&str, &str)]) -> String {
    let state = parameter(authorize, "state").expect("a state");
    let callback = format!("{}/api/auth/microsoft/callback", world.stack.url);
    let state = [("state", state.as_str())];
    let fields = fields.iter().chain(&state);
    reqwest::Url::parse_with_params(&callback, fields).expect("a URL").to_string()
}

/// How a sign-in ended, as the ATS reads it: `connected`, or `failed: scope-missing`.
pub(crate) fn ending(answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{}", answer.text);
    let location = answer.header("location").expect("a way back");
    let status = parameter(location, "status").expect("a status");
    match parameter(location, "reason") {
        Some(reason) => format!("{status}: {reason}"),
        None => status,
    }
}
