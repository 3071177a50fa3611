//! A server that says exactly the bytes it is told to, for everything an honest one never does.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// One thing the server does after it read a request's head.
#[derive(Clone)]
pub(crate) enum Act {
    /// Sends these bytes.
    Say(Vec<u8>),
    /// Sends these bytes again and again, until nobody listens.
    Flood(Vec<u8>),
    /// Sends this byte at this interval, until nobody listens.
    Drip(u8, Duration),
    /// Says nothing until the other side hangs up.
    Stall,
}

/// A server that runs until the test's runtime ends.
pub(crate) struct RawServer {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    connections: Arc<AtomicUsize>,
}

impl RawServer {
    /// A server that does these acts for every connection and closes it.
    pub(crate) async fn start(acts: Vec<Act>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&connections);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(play(stream, acts.clone()));
            }
        });
        Self { address, connections }
    }

    /// The URL of a path on this server.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// How many connections were accepted so far.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

async fn play(mut stream: TcpStream, acts: Vec<Act>) {
    let mut head = Vec::new();
    let mut buffer = [0; 4096];
    while !head.windows(4).any(|window| window == b"\r\n\r\n") {
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return,
            Ok(count) => head.extend_from_slice(&buffer[..count]),
        }
    }
    for act in acts {
        match act {
            Act::Say(bytes) => {
                if stream.write_all(&bytes).await.is_err() {
                    return;
                }
            }
            Act::Flood(bytes) => while stream.write_all(&bytes).await.is_ok() {},
            Act::Drip(byte, every) => {
                let mut ticks = tokio::time::interval(every);
                while stream.write_all(&[byte]).await.is_ok() {
                    ticks.tick().await;
                }
            }
            Act::Stall => while !matches!(stream.read(&mut buffer).await, Ok(0) | Err(_)) {},
        }
    }
    let _ = stream.shutdown().await;
}
