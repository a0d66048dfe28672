//! What the targets share: Microsoft on a loopback port that answers whatever the fuzzer says, and a clock that only
//! waiting moves. So the parsers are reached as in production, over the wire, and `shared` opens nothing for us.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use futures::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use shared::clock::{Clock, Entropy};
use shared::domain::cloud::Cloud;
use shared::domain::secret::ClientSecret;
use shared::microsoft::{ClientProof, Deadline, Endpoints, Graph, Identity, Registration, Wire, http_client};
use tokio::runtime::{Builder, Runtime};

pub const CLIENT_ID: &str = "3a9d5e21-7c84-4b0f-a6d2-f1e08b9c4d73";

/// The next answer of the listener.
#[derive(Default, Clone)]
pub struct Answer {
    pub status: u16,
    /// Not sent if it is empty.
    pub retry_after: String,
    pub body: Vec<u8>,
}

/// Microsoft, and our two ways to it.
pub struct Peer {
    pub identity: Identity,
    pub graph: Graph,
    pub login: String,
    pub credential: ClientProof,
    clock: Arc<Standing>,
    runtime: Mutex<Runtime>,
    next: Arc<Mutex<Answer>>,
}

impl Peer {
    /// The one of this process.
    pub fn get() -> &'static Self {
        static PEER: OnceLock<Peer> = OnceLock::new();
        PEER.get_or_init(Self::start)
    }

    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let next = Arc::new(Mutex::new(Answer::default()));
        let answers = Arc::clone(&next);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let answers = Arc::clone(&answers);
                std::thread::spawn(move || serve(stream, &answers));
            }
        });
        let clock = Arc::new(Standing(Mutex::new(now())));
        let wire = Wire { http: http_client(), clock: clock.clone(), entropy: Arc::new(Zeros) };
        let endpoints = Endpoints { login: base.clone(), graph: base.clone() };
        let redirect_uri = "https://convene.example/callback".to_owned();
        let registration = Registration { cloud: Cloud::Global, client_id: CLIENT_ID.to_owned(), redirect_uri };
        Self {
            identity: Identity::new(wire.clone(), &endpoints, registration),
            graph: Graph::new(wire, &endpoints),
            login: base,
            credential: ClientProof::Secret(ClientSecret::new("secret".to_owned())),
            clock,
            runtime: Mutex::new(Builder::new_current_thread().enable_all().build().expect("a runtime")),
            next,
        }
    }

    /// Lets our side make a call that is answered so. There is no time for a second try.
    pub fn call<T, F: Future<Output = T>>(
        &'static self,
        answer: Answer,
        ask: impl FnOnce(&'static Self, Deadline) -> F,
    ) -> T {
        *self.next.lock().expect("the lock") = answer;
        *self.clock.0.lock().expect("the lock") = now();
        let deadline = Deadline(now() + SignedDuration::from_millis(990));
        self.runtime.lock().expect("the lock").block_on(ask(self, deadline))
    }
}

/// The instant at which everything happens.
pub fn now() -> Timestamp {
    Timestamp::from_second(1_795_166_043).expect("a time")
}

struct Standing(Mutex<Timestamp>);

impl Clock for Standing {
    fn now(&self) -> Timestamp {
        *self.0.lock().expect("the lock")
    }
    fn sleep(&self, wait: Duration) -> BoxFuture<'_, ()> {
        let mut now = self.0.lock().expect("the lock");
        *now = now.saturating_add(wait).expect("a time");
        Box::pin(std::future::ready(()))
    }
}

/// No jitter, so that an input does the same every time.
pub struct Zeros;

impl Entropy for Zeros {
    fn fill(&self, out: &mut [u8]) {
        out.fill(0);
    }
}

/// HTTP/1.1 with keep-alive, as far as our client needs it.
fn serve(stream: TcpStream, next: &Mutex<Answer>) {
    let _ = stream.set_nodelay(true);
    let mut reader = BufReader::new(&stream);
    loop {
        let (mut length, mut head) = (0, String::new());
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).unwrap_or(0) == 0 {
                return;
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap_or(0);
            }
            if line == "\r\n" {
                break;
            }
            head += &line;
        }
        let mut body = vec![0; length];
        if reader.read_exact(&mut body).is_err() || answer(&stream, &head, next).is_err() {
            return;
        }
    }
}

fn answer(mut stream: &TcpStream, head: &str, next: &Mutex<Answer>) -> std::io::Result<()> {
    let keys = head.contains("/discovery/v2.0/keys");
    let Answer { status, retry_after, body } = if keys {
        Answer { status: 200, body: token::keys().into_bytes(), ..Answer::default() }
    } else {
        next.lock().expect("the lock").clone()
    };
    let wait = if retry_after.is_empty() { String::new() } else { format!("retry-after: {retry_after}\r\n") };
    let mut whole =
        format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\n{wait}\r\n", body.len()).into_bytes();
    whole.extend(body);
    stream.write_all(&whole)
}

/// `id_token`s under a key of our own.
pub mod token {
    use std::sync::OnceLock;

    use aws_lc_rs::rand::SystemRandom;
    use aws_lc_rs::rsa::{KeyPair, KeySize};
    use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
    use base64::Engine;
    use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;

    pub const KID: &str = "fuzz";

    fn pair() -> &'static KeyPair {
        static PAIR: OnceLock<KeyPair> = OnceLock::new();
        PAIR.get_or_init(|| KeyPair::generate(KeySize::Rsa2048).expect("a key"))
    }

    /// The published list: this one key.
    pub fn keys() -> String {
        let public = pair().public_key();
        let n = BASE64.encode(public.modulus().big_endian_without_leading_zero());
        let e = BASE64.encode(public.exponent().big_endian_without_leading_zero());
        serde_json::json!({ "keys": [{ "kty": "RSA", "use": "sig", "kid": KID, "n": n, "e": e }] })
            .to_string()
    }

    /// Header and claims, signed as they are.
    pub fn sign(header: &[u8], claims: &[u8]) -> String {
        let signed = format!("{}.{}", BASE64.encode(header), BASE64.encode(claims));
        let mut signature = vec![0; pair().public_modulus_len()];
        pair()
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature)
            .expect("a signature");
        format!("{signed}.{}", BASE64.encode(signature))
    }
}
