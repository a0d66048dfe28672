//! Stories over a real socket: a listener that answers by a script, and a clock that only waiting moves.

mod graph;
mod identity;

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::future::BoxFuture;
use jiff::Timestamp;

use super::{Deadline, Endpoints, Wire, http_client};
use crate::clock::{Clock, SystemEntropy};

/// What the listener does with a request.
pub(super) enum Act {
    /// Answers: status, further header lines, body.
    Answer(u16, &'static str, String),
    /// Closes the connection without a word.
    Reset,
    /// Promises more body than it sends.
    Truncate(u16, String),
}

pub(super) fn answer(status: u16, body: &str) -> Act {
    Act::Answer(status, "", body.to_owned())
}

/// Moves when somebody sleeps, and not otherwise.
struct Standing(Mutex<Timestamp>);

impl Clock for Standing {
    fn now(&self) -> Timestamp {
        *self.0.lock().expect("lock")
    }
    fn sleep(&self, wait: Duration) -> BoxFuture<'_, ()> {
        let mut now = self.0.lock().expect("lock");
        *now = now.saturating_add(wait).expect("time");
        Box::pin(std::future::ready(()))
    }
}

const BEGIN: i64 = 1_795_166_043;

/// Microsoft, as scripted.
pub(super) struct Scripted {
    pub(super) endpoints: Endpoints,
    pub(super) wire: Wire,
    seen: Arc<Mutex<Vec<String>>>,
    left: Arc<Mutex<VecDeque<Act>>>,
}

impl Scripted {
    pub(super) fn new(script: impl IntoIterator<Item = Act>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("port");
        let base = format!("http://{}", listener.local_addr().expect("address"));
        let seen = Arc::new(Mutex::new(Vec::new()));
        let left = Arc::new(Mutex::new(script.into_iter().collect::<VecDeque<_>>()));
        let (seen_there, left_there) = (seen.clone(), left.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let Some(request) = read(&stream) else { continue };
                seen_there.lock().expect("lock").push(request);
                let act = left_there.lock().expect("lock").pop_front();
                play(stream, act.unwrap_or_else(|| answer(501, "the script is over")));
            }
        });
        let start = Timestamp::from_second(BEGIN).expect("time");
        let wire = Wire {
            http: http_client(),
            clock: Arc::new(Standing(Mutex::new(start))),
            entropy: Arc::new(SystemEntropy),
        };
        Self { endpoints: Endpoints { login: base.clone(), graph: base }, wire, seen, left }
    }

    /// So many seconds after the begin.
    pub(super) fn deadline(seconds: i64) -> Deadline {
        Deadline(Timestamp::from_second(BEGIN + seconds).expect("time"))
    }

    /// Seconds that went by.
    pub(super) fn waited(&self) -> i64 {
        self.wire.clock.now().as_second() - BEGIN
    }

    /// Head and body of every request, once the script is played to its end.
    pub(super) fn requests(&self) -> Vec<String> {
        assert!(self.left.lock().expect("lock").is_empty(), "acts are left");
        self.seen.lock().expect("lock").clone()
    }

    /// Method and path of every request, without the query.
    pub(super) fn calls(&self) -> Vec<String> {
        let line = |request: &String| request.split([' ', '?']).take(2).collect::<Vec<_>>().join(" ");
        self.requests().iter().map(line).collect()
    }
}

fn read(stream: &TcpStream) -> Option<String> {
    let mut reader = BufReader::new(stream);
    let mut request = String::new();
    while !request.ends_with("\r\n\r\n") {
        if reader.read_line(&mut request).ok()? == 0 {
            return None;
        }
    }
    let lower = request.to_ascii_lowercase();
    let length = lower.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).ok()?;
    Some(request + &String::from_utf8_lossy(&body))
}

fn play(mut stream: TcpStream, act: Act) {
    let (status, headers, body, missing) = match act {
        Act::Answer(status, headers, body) => (status, headers, body, 0),
        Act::Truncate(status, body) => (status, "", body, 10),
        Act::Reset => return,
    };
    let length = body.len() + missing;
    let head = format!("HTTP/1.1 {status} X\r\ncontent-type: application/json\r\nconnection: close\r\n");
    let _ = stream.write_all(format!("{head}content-length: {length}\r\n{headers}\r\n{body}").as_bytes());
}
