//! The Runtime API once more, without an async runtime between the clock and the socket: a start takes two
//! milliseconds, and the stand-in must not be half of that.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use shared::clock::{Clock, WallClock};

use crate::measure::now;

/// What a function tells.
enum Told {
    /// It wants an event.
    Ready(Instant),
    /// It answered, at that time.
    Answer(Instant, String),
}

pub(crate) struct Desk {
    /// `AWS_LAMBDA_RUNTIME_API`.
    pub(crate) address: String,
    events: Sender<String>,
    told: Receiver<Told>,
}

impl Desk {
    pub(crate) fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address").to_string();
        let (events, queue) = channel();
        let (tell, told) = channel();
        let queue = Arc::new(Mutex::new(queue));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (queue, tell) = (Arc::clone(&queue), tell.clone());
                std::thread::spawn(move || serve(stream, &queue, &tell));
            }
        });
        Self { address, events, told }
    }

    /// When the function first asked for an event.
    pub(crate) fn ready(&self) -> Instant {
        match self.told.recv_timeout(Duration::from_secs(30)) {
            Ok(Told::Ready(at)) => at,
            _ => panic!("the function does not start"),
        }
    }

    /// Gives an event; the answer, and how long it took.
    pub(crate) fn invoke(&self, event: String) -> (Duration, String) {
        let begun = now();
        self.events.send(event).expect("the desk is open");
        loop {
            match self.told.recv_timeout(Duration::from_secs(30)) {
                Ok(Told::Answer(at, answer)) => return (at.duration_since(begun), answer),
                Ok(Told::Ready(_)) => {}
                Err(why) => panic!("the function does not answer: {why}"),
            }
        }
    }
}

/// One connection, until the function closes it.
fn serve(stream: TcpStream, queue: &Mutex<Receiver<String>>, tell: &Sender<Told>) {
    stream.set_nodelay(true).expect("a socket");
    let mut write = stream.try_clone().expect("a socket");
    let mut read = BufReader::new(stream);
    while let Some((first, body)) = request(&mut read) {
        let answer = if first.ends_with("/next") {
            let _ = tell.send(Told::Ready(now()));
            let Ok(event) = queue.lock().expect("no panic").recv() else { return };
            let deadline = WallClock.now().as_millisecond() + 29_000;
            format!(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nlambda-runtime-aws-request-id: 8476a536\r\n\
                 lambda-runtime-deadline-ms: {deadline}\r\nlambda-runtime-invoked-function-arn: arn:aws:lambda\r\n\
                 content-length: {}\r\n\r\n{event}",
                event.len()
            )
        } else {
            let _ = tell.send(Told::Answer(now(), body));
            "HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n".to_owned()
        };
        if write.write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

/// The path and the body of the next request.
fn request(read: &mut BufReader<TcpStream>) -> Option<(String, String)> {
    let (mut first, mut length, mut chunked) = (String::new(), 0, false);
    loop {
        let mut line = String::new();
        if read.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim_end().to_ascii_lowercase();
        if first.is_empty() {
            line.split(' ').nth(1)?.clone_into(&mut first);
        } else if line.is_empty() {
            break;
        } else if let Some(size) = line.strip_prefix("content-length:") {
            length = size.trim().parse().ok()?;
        } else if line.starts_with("transfer-encoding:") {
            chunked = true;
        }
    }
    let mut body = if chunked { chunks(read)? } else { vec![0; length] };
    if !chunked {
        read.read_exact(&mut body).ok()?;
    }
    Some((first, String::from_utf8_lossy(&body).into_owned()))
}

/// A body of which the length was not told before.
fn chunks(read: &mut BufReader<TcpStream>) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let mut size = String::new();
        read.read_line(&mut size).ok()?;
        let size = usize::from_str_radix(size.trim(), 16).ok()?;
        let mut chunk = vec![0; size + 2];
        read.read_exact(&mut chunk).ok()?;
        if size == 0 {
            return Some(body);
        }
        body.extend_from_slice(&chunk[..size]);
    }
}
