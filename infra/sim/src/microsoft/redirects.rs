//! The addresses that Entra sends the browser back to, to the letter (microsoft.md A2, A3, A8).

use super::aadsts::stamp;
use crate::random::Random;
use jiff::Timestamp;
use std::fmt::Write;

/// `+` for blanks, lower-case percent escapes.
pub(crate) fn encode(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        match byte {
            b' ' => out.push('+'),
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'!' | b'*' | b'(' | b')' => {
                out.push(char::from(byte));
            }
            _ => {
                let _ = write!(out, "%{byte:02x}");
            }
        }
        out
    })
}

/// `redirect_uri` with these parameters in this order; `state` is left out if the app sent none.
pub(crate) fn back(redirect_uri: &str, parameters: &[(&str, &str)], state: Option<&str>) -> String {
    let mut url = redirect_uri.to_owned();
    let mut mark = if redirect_uri.contains('?') { '&' } else { '?' };
    for (name, value) in parameters.iter().copied().chain(state.map(|state| ("state", state))) {
        let _ = write!(url, "{mark}{name}={}", encode(value));
        mark = '&';
    }
    url
}

/// R1: Cancel, or "Return to the application without granting consent". No description.
pub(crate) fn cancelled(redirect_uri: &str, state: Option<&str>) -> String {
    back(redirect_uri, &[("error", "access_denied"), ("error_subcode", "cancel")], state)
}

/// What R2, R3 and a failed admin consent say.
pub(crate) struct Failure<'a> {
    pub(crate) error: &'a str,
    pub(crate) code: u32,
    pub(crate) text: &'a str,
    /// Admin consent says `admin_consent=True` on failures too, and has no `error_uri`.
    pub(crate) admin: bool,
}

/// R2 and R3.
pub(crate) fn failed(
    at: (&str, Option<&str>),
    failure: &Failure<'_>,
    login_url: &str,
    random: &mut Random,
    now: Timestamp,
) -> String {
    let (redirect_uri, state) = at;
    let description = format!(
        "AADSTS{}: {}\r\nTrace ID: {}\r\nCorrelation ID: {}\r\nTimestamp: {}",
        failure.code,
        failure.text,
        random.guid(),
        random.guid(),
        stamp(now)
    );
    let uri = format!("{login_url}/error?code={}", failure.code);
    let mut parameters = vec![("error", failure.error), ("error_description", &description)];
    if failure.admin {
        parameters.insert(0, ("admin_consent", "True"));
    } else {
        parameters.push(("error_uri", &uri));
    }
    back(redirect_uri, &parameters, state)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_spelled_as_entra_spells_it() {
        let failure = Failure {
            error: "access_denied",
            code: 65004,
            text: "User declined to consent to access the app.",
            admin: false,
        };
        let now = "2026-11-20T09:14:03Z".parse().unwrap();
        let at = ("https://app.example.com/cb", Some("st_7f3c"));
        let url = failed(at, &failure, "https://login.example", &mut Random::new([0; 32]), now);
        assert!(url.starts_with("https://app.example.com/cb?error=access_denied&error_description=AADSTS65004%3a+User+declined+to+consent+to+access+the+app.%0d%0aTrace+ID%3a+"));
        assert!(url.ends_with("%0d%0aTimestamp%3a+2026-11-20+09%3a14%3a03Z&error_uri=https%3a%2f%2flogin.example%2ferror%3fcode%3d65004&state=st_7f3c"));
        assert_eq!(
            cancelled("https://app.example.com/cb", Some("st_7f3c")),
            "https://app.example.com/cb?error=access_denied&error_subcode=cancel&state=st_7f3c"
        );
    }
}
