//! Hundreds of creates over connections that are cut at every place where one can be: each record is there once.
//!
//! The far side speaks HTTP over plain sockets, because a web server does not let itself be cut in the middle.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::kit::{MemoryVault, REFRESH, credential, far_side, write};
use futures::StreamExt;
use patchcord_dynamics::{AccountSettings, Client, Policy, Pool, TokenVault};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use uuid::Uuid;

const CREATES: usize = 400;
const AT_ONCE: usize = 16;
const REFUSED: &str = r#"{"error":{"code":"0x80040237","message":"A record with matching key values already exists."}}"#;

/// Where a connection ends.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Cut {
    Never,
    /// Nothing of the request is read.
    BeforeRequest,
    /// Its head is read.
    MidRequest,
    /// The record is made, nothing is answered.
    BeforeAnswer,
    /// Half of the answer's head is sent.
    MidHead,
    /// A body is promised and does not come.
    MidBody,
}

const CUTS: [Cut; 6] = [
    Cut::Never,
    Cut::BeforeRequest,
    Cut::MidRequest,
    Cut::BeforeAnswer,
    Cut::MidHead,
    Cut::MidBody,
];

#[derive(Default)]
struct Dataverse {
    /// How often each record was made.
    made: Mutex<HashMap<String, u32>>,
    requests: AtomicUsize,
    cuts: Mutex<HashMap<Cut, usize>>,
}

impl Dataverse {
    /// Two of three requests are cut off, in turn at every place.
    fn next_cut(&self) -> Cut {
        let number = self.requests.fetch_add(1, Ordering::SeqCst);
        let cut = if number.is_multiple_of(3) {
            Cut::Never
        } else {
            CUTS[(number / 3 + number) % CUTS.len()]
        };
        *self.cuts.lock().unwrap().entry(cut).or_default() += 1;
        cut
    }

    /// Makes the record, as a create-only PATCH does.
    fn create(&self, path: &str) -> (&'static str, &'static str) {
        let mut made = self.made.lock().unwrap();
        if made.contains_key(path) {
            return ("412 Precondition Failed", REFUSED);
        }
        *made.entry(path.to_owned()).or_default() += 1;
        ("204 No Content", "")
    }

    async fn serve(&self, mut socket: TcpStream) -> Option<()> {
        loop {
            let cut = self.next_cut();
            if cut == Cut::BeforeRequest {
                return None;
            }
            let (path, body) = read_head(&mut socket).await?;
            if cut == Cut::MidRequest {
                return None;
            }
            socket.read_exact(&mut vec![0; body]).await.ok()?;
            let (status, body) = self.create(&path);
            let answer = match cut {
                Cut::BeforeAnswer => return None,
                Cut::MidHead => format!("HTTP/1.1 {status}\r\nContent-Le"),
                Cut::MidBody => "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{\"a\"".to_owned(),
                _ if body.is_empty() => format!("HTTP/1.1 {status}\r\n\r\n"),
                _ => format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n{body}", body.len()),
            };
            socket.write_all(answer.as_bytes()).await.ok()?;
            if matches!(cut, Cut::MidHead | Cut::MidBody) {
                return None;
            }
        }
    }
}

/// Path and length of the body of a request.
async fn read_head(socket: &mut TcpStream) -> Option<(String, usize)> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(socket.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).unwrap().to_lowercase();
    assert!(head.contains("\r\nif-none-match: *\r\n"), "{head}");
    let path = head.split(' ').nth(1).unwrap().to_owned();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    Some((path, length.parse().unwrap()))
}

async fn dataverse() -> (Arc<Dataverse>, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let dataverse = Arc::new(Dataverse::default());
    let shared = Arc::clone(&dataverse);
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let shared = Arc::clone(&shared);
            tokio::spawn(async move { shared.serve(socket).await });
        }
    });
    (dataverse, origin)
}

/// A client with its tokens from a healthy far side and its records at `origin`.
fn client(settings: AccountSettings, origin: &str) -> (Pool, Arc<Client>) {
    let vault = Arc::new(MemoryVault::with(REFRESH)) as Arc<dyn TokenVault>;
    let settings = AccountSettings {
        api_url: format!("{origin}/api/data/v9.2").parse().unwrap(),
        policy: Policy::default(),
        ..settings
    };
    let pool = Pool::new(vault);
    let client = pool.client(&settings, &credential()).unwrap();
    (pool, client)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_cut_loses_or_doubles_a_record() {
    let tokens = far_side().start().await;
    let (dataverse, origin) = dataverse().await;
    let (_pool, client) = client(tokens.settings(), &origin);
    let deadline = Instant::now() + Duration::from_secs(60);
    let creates = (0..CREATES).map(|number| {
        let client = Arc::clone(&client);
        async move {
            let row = Uuid::from_u128(number as u128 + 1);
            // A step is repeated by its run until it is known to be done, under the same key.
            for _ in 0..5 {
                let (columns, write) = (r#"{"lastname":"x"}"#, write());
                let made = client.create("contacts", row, columns, &write, deadline).await;
                if let Ok(answer) = made {
                    assert_eq!(answer.value.id, row);
                    return answer.requests;
                }
            }
            panic!("record {number} was not made");
        }
    });
    let requests: Vec<u32> =
        futures::stream::iter(creates).buffer_unordered(AT_ONCE).collect().await;
    let made = dataverse.made.lock().unwrap();
    assert_eq!(made.len(), CREATES);
    assert!(made.values().all(|times| *times == 1));
    assert!(requests.iter().any(|requests| *requests > 1));
    let cuts = dataverse.cuts.lock().unwrap();
    assert!(CUTS.iter().all(|cut| cuts.get(cut).is_some_and(|times| *times > 20)), "{cuts:?}");
}
