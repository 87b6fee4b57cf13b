//! A proxy that cuts connections: before anything is sent, within a request, after it was carried out, within its
//! answer; at a byte chosen by chance over the whole length.
//!
//! It knows as much of HTTP/1.1 as it needs to tell where a message ends. A call is known by its
//! `x-ms-client-request-id`, which its repetitions share: none is cut more often than it may be repeated.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// Cuts of one call: fewer than the client repeats it.
const MOST_CUTS_OF_A_CALL: u32 = 2;
/// Of so many connections one is closed as it comes.
const CONNECTIONS_TO_A_CLOSED_ONE: u64 = 100;

/// A proxy on loopback, there until it is dropped.
pub struct CuttingProxy {
    /// Where it listens.
    pub address: SocketAddr,
    plan: Arc<Plan>,
    listening: JoinHandle<()>,
}

/// How often each kind of cut was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cuts {
    /// Connections closed as they came.
    pub at_once: u64,
    /// The request had come, and no byte of it was handed on.
    pub before_send: u64,
    /// A part of the request was handed on.
    pub mid_request: u64,
    /// The request was answered, and no byte of the answer handed back.
    pub before_answer: u64,
    /// A part of the answer was handed back.
    pub mid_answer: u64,
    /// Requests and answers that went through whole.
    pub none: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Cut {
    AtOnce,
    BeforeSend,
    MidRequest,
    BeforeAnswer,
    MidAnswer,
    None,
}

const CUTS: [Cut; 4] = [Cut::BeforeSend, Cut::MidRequest, Cut::BeforeAnswer, Cut::MidAnswer];

struct Plan {
    target: SocketAddr,
    /// How many requests of a hundred are cut.
    percent: u32,
    chance: Mutex<StdRng>,
    cuts_of_calls: Mutex<HashMap<Vec<u8>, u32>>,
    connections: AtomicU64,
    made: [AtomicU64; 6],
}

impl CuttingProxy {
    /// Stands before `target` and cuts `percent` of a hundred requests, by the chance that `seed` brings.
    ///
    /// # Errors
    /// No port is free.
    pub async fn start(target: SocketAddr, percent: u32, seed: u64) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let plan = Arc::new(Plan {
            target,
            percent,
            chance: Mutex::new(StdRng::seed_from_u64(seed)),
            cuts_of_calls: Mutex::default(),
            connections: AtomicU64::new(0),
            made: Default::default(),
        });
        let listening = tokio::spawn(listen(listener, Arc::clone(&plan)));
        Ok(Self { address, plan, listening })
    }

    /// What has been cut so far.
    pub fn cuts(&self) -> Cuts {
        let [at_once, before_send, mid_request, before_answer, mid_answer, none] =
            self.plan.made.each_ref().map(|count| count.load(Ordering::SeqCst));
        Cuts { at_once, before_send, mid_request, before_answer, mid_answer, none }
    }
}

impl Drop for CuttingProxy {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn listen(listener: TcpListener, plan: Arc<Plan>) {
    while let Ok((client, _)) = listener.accept().await {
        if plan.closes_connection() {
            continue;
        }
        tokio::spawn(serve(client, Arc::clone(&plan)));
    }
}

/// One connection, until it is cut or the client has no more to say. An error of either side ends it: that too is
/// what a proxy between the two does.
async fn serve(client: TcpStream, plan: Arc<Plan>) -> Option<()> {
    let mut client = Side::new(client);
    let mut server = Side::new(TcpStream::connect(plan.target).await.ok()?);
    loop {
        let request = client.message().await?;
        let cut = plan.cut(&request);
        match cut {
            Cut::AtOnce | Cut::BeforeSend => return None,
            Cut::MidRequest => {
                server.send(&request[..plan.within(&request)]).await?;
                return None;
            }
            Cut::BeforeAnswer | Cut::MidAnswer | Cut::None => server.send(&request).await?,
        }
        let answer = server.message().await?;
        match cut {
            Cut::BeforeAnswer => return None,
            Cut::MidAnswer => {
                client.send(&answer[..plan.within(&answer)]).await?;
                return None;
            }
            _ => client.send(&answer).await?,
        }
    }
}

impl Plan {
    fn closes_connection(&self) -> bool {
        let number = self.connections.fetch_add(1, Ordering::SeqCst);
        let closes = number % CONNECTIONS_TO_A_CLOSED_ONE == CONNECTIONS_TO_A_CLOSED_ONE / 2;
        if closes {
            self.count(Cut::AtOnce);
        }
        closes
    }

    fn cut(&self, request: &[u8]) -> Cut {
        let mut of_calls = self.cuts_of_calls.lock().unwrap_or_else(PoisonError::into_inner);
        let of_this = of_calls.entry(header(request, b"x-ms-client-request-id")).or_default();
        let mut chance = self.chance.lock().unwrap_or_else(PoisonError::into_inner);
        let cut = match chance.random_range(0..100) < self.percent {
            true if *of_this < MOST_CUTS_OF_A_CALL => CUTS[chance.random_range(0..CUTS.len())],
            _ => Cut::None,
        };
        *of_this += u32::from(cut != Cut::None);
        self.count(cut);
        cut
    }

    fn count(&self, cut: Cut) {
        self.made[cut as usize].fetch_add(1, Ordering::SeqCst);
    }

    /// A length that leaves at least one byte out and one in.
    fn within(&self, message: &[u8]) -> usize {
        let mut chance = self.chance.lock().unwrap_or_else(PoisonError::into_inner);
        chance.random_range(1..message.len())
    }
}

/// One of the two sides that the proxy stands between.
struct Side {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Side {
    fn new(stream: TcpStream) -> Self {
        stream.set_nodelay(true).ok();
        Self { stream, read: Vec::new() }
    }

    async fn send(&mut self, bytes: &[u8]) -> Option<()> {
        self.stream.write_all(bytes).await.ok()
    }

    /// The next message, whole; none where the connection ends first.
    async fn message(&mut self) -> Option<Vec<u8>> {
        loop {
            if let Some(length) = length(&self.read) {
                let rest = self.read.split_off(length);
                return Some(std::mem::replace(&mut self.read, rest));
            }
            let read = self.stream.read_buf(&mut self.read).await.ok()?;
            if read == 0 {
                return None;
            }
        }
    }
}

/// How long the message at the beginning of `bytes` is; none while it is not all there.
fn length(bytes: &[u8]) -> Option<usize> {
    let head = find(bytes, b"\r\n\r\n")? + 4;
    let chunked = header(&bytes[..head], b"transfer-encoding") == b"chunked";
    let length = match chunked {
        true => head + find(&bytes[head - 2..], b"\r\n0\r\n\r\n")? + 5,
        false => {
            let length = header(&bytes[..head], b"content-length");
            head + std::str::from_utf8(&length).ok()?.parse::<usize>().unwrap_or(0)
        }
    };
    (length <= bytes.len()).then_some(length)
}

/// Value of a header, in lower case; empty where there is none.
fn header(message: &[u8], name: &[u8]) -> Vec<u8> {
    let head = &message[..find(message, b"\r\n\r\n").unwrap_or(message.len())];
    let line = head.split(|byte| *byte == b'\n').find_map(|line| {
        let (found, value) = line.split_at_checked(name.len())?;
        (found.eq_ignore_ascii_case(name) && value.starts_with(b":")).then(|| &value[1..])
    });
    line.unwrap_or_default().trim_ascii().to_ascii_lowercase()
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_ends_where_its_head_says() {
        let with_body = b"PATCH /x HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcNEXT";
        assert_eq!(length(with_body), Some(with_body.len() - 4));
        assert_eq!(length(&with_body[..with_body.len() - 5]), None);
        let without = b"HTTP/1.1 204 No Content\r\na: b\r\n\r\nHTTP";
        assert_eq!(length(without), Some(without.len() - 4));
        let chunked = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\nX";
        assert_eq!(length(chunked), Some(chunked.len() - 1));
        assert_eq!(length(&chunked[..chunked.len() - 3]), None);
        let empty = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nX";
        assert_eq!(length(empty), Some(empty.len() - 1));
    }

    #[test]
    fn headers_are_found_in_the_head_alone() {
        let message = b"GET / HTTP/1.1\r\nA: One\r\n\r\nb: two\r\n";
        assert_eq!(header(message, b"a"), b"one");
        assert_eq!(header(message, b"b"), b"");
    }
}
