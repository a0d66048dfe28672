//! An HTTP/1 accept loop that can drop a connection on purpose, which axum's own cannot.

use crate::faults::Reset;
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tower::ServiceExt;

/// How long a client may take for its request line and headers.
const HEADERS_WITHIN: Duration = Duration::from_secs(30);

/// Serves `router` with keep-alive until `shutdown` resolves, then closes every connection.
///
/// An answer with [`Reset`] in its extensions is not sent; its connection is closed instead.
pub async fn serve(listener: TcpListener, router: Router, shutdown: impl Future<Output = ()>) {
    let mut connections = JoinSet::new();
    tokio::pin!(shutdown);
    loop {
        tokio::select! {
            () = &mut shutdown => return,
            accepted = listener.accept() => {
                // A failed accept (out of descriptors, aborted handshake) concerns that one client only.
                if let Ok((stream, _)) = accepted {
                    connections.spawn(connection(stream, router.clone()));
                }
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection(stream: TcpStream, router: Router) {
    let _ = stream.set_nodelay(true);
    let service = hyper::service::service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
        let router = router.clone();
        async move {
            let request: Request = request.map(Body::new);
            let answer = router.oneshot(request).await.unwrap_or_else(|never| match never {});
            let dropped = answer.extensions().get::<Reset>().is_some();
            if dropped { Err(std::io::Error::other("connection dropped on purpose")) } else { Ok(answer) }
        }
    });
    // The error of a connection is the client going away or our own Reset: nobody to tell.
    let _ = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS_WITHIN)
        .serve_connection(TokioIo::new(stream), service)
        .await;
}
