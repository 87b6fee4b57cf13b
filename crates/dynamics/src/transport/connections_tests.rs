//! The pool over real sockets, against a far side that does as it is told, word by word.

use std::sync::atomic::{AtomicUsize, Ordering};

use futures::future::join_all;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use super::*;

/// What the far side does about one request, given its number over all connections; the first is 1.
#[derive(Clone)]
enum Does {
    /// Answers in these words.
    Says(String),
    /// Answers in these words and closes.
    SaysAndCloses(String),
    /// Says nothing, and keeps the connection.
    Nothing,
}

struct FarSide {
    uri: Uri,
    connections: Arc<AtomicUsize>,
    requests: Arc<AtomicUsize>,
}

impl FarSide {
    async fn start(does: impl Fn(usize) -> Does + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let uri = format!("http://{}/a?b=c", listener.local_addr().unwrap()).parse().unwrap();
        let (connections, requests) =
            (Arc::<AtomicUsize>::default(), Arc::<AtomicUsize>::default());
        let far =
            Self { uri, connections: Arc::clone(&connections), requests: Arc::clone(&requests) };
        let does = Arc::new(does);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                connections.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(serve(stream, Arc::clone(&requests), Arc::clone(&does)));
            }
        });
        far
    }

    fn seen(&self) -> (usize, usize) {
        (self.connections.load(Ordering::SeqCst), self.requests.load(Ordering::SeqCst))
    }
}

async fn serve(
    mut stream: TcpStream,
    requests: Arc<AtomicUsize>,
    does: Arc<impl Fn(usize) -> Does + Send + Sync>,
) {
    let mut read = Vec::new();
    while let Ok(1..) = stream.read_buf(&mut read).await {
        let text = String::from_utf8_lossy(&read);
        let Some(end) = text.find("\r\n\r\n") else { continue };
        assert!(text.starts_with("GET /a?b=c HTTP/1.1\r\n"), "{text}");
        assert!(text.contains("host: 127.0.0.1:"), "{text}");
        read.drain(..end + 4);
        match does(requests.fetch_add(1, Ordering::SeqCst) + 1) {
            Does::Says(words) => stream.write_all(words.as_bytes()).await.unwrap(),
            Does::SaysAndCloses(words) => {
                stream.write_all(words.as_bytes()).await.unwrap();
                return;
            }
            Does::Nothing => {}
        }
    }
}

fn says(body: &str) -> Does {
    Does::Says(words(body))
}

fn words(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

fn connections() -> Connections {
    Connections::new(&HttpSettings::default()).unwrap()
}

/// One request; the body of its answer.
async fn ask(connections: &Connections, uri: &Uri) -> Result<String, Failed> {
    let request = Box::new(Request::new(Full::default()));
    let (response, mut connection) = connections.send(uri, request).await?;
    let (mut body, mut text) = (response.into_body(), String::new());
    while let Some(frame) = connection.frame(&mut body).await {
        let data = frame.map_err(|_| Failed::Lost)?.into_data().unwrap();
        text.push_str(std::str::from_utf8(&data).unwrap());
    }
    connections.give_back(uri, connection);
    Ok(text)
}

fn idle(connections: &Connections) -> usize {
    connections.0.state().origins.iter().map(|origin| origin.idle.len()).sum()
}

#[tokio::test]
async fn a_connection_serves_one_request_after_the_other() {
    let chunked =
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n";
    let far = FarSide::start(move |number| match number {
        2 => Does::Says(chunked.to_owned()),
        3 => Does::Says("HTTP/1.1 204 No Content\r\n\r\n".to_owned()),
        _ => says(&number.to_string()),
    })
    .await;
    let connections = connections();
    for expected in ["1", "onetwo", "", "4"] {
        assert_eq!(ask(&connections, &far.uri).await.unwrap(), expected);
    }
    assert_eq!(far.seen(), (1, 4));
}

#[tokio::test]
async fn those_who_ask_at_once_have_a_connection_each_and_leave_it_to_the_next() {
    let far = FarSide::start(|number| says(&number.to_string())).await;
    let connections = connections();
    for _ in 0..3 {
        let answers = join_all((0..8).map(|_| ask(&connections, &far.uri))).await;
        assert!(answers.iter().all(Result::is_ok));
    }
    let (made, asked) = far.seen();
    assert_eq!(asked, 24);
    assert!(made <= 8, "{made} connections");
    assert!((1..=8).contains(&idle(&connections)));
}

#[tokio::test]
async fn what_a_closed_connection_has_not_taken_goes_out_on_another() {
    let far = FarSide::start(|number| match number {
        1 => Does::SaysAndCloses(words("1")),
        _ => says(&number.to_string()),
    })
    .await;
    let connections = connections();
    assert_eq!(ask(&connections, &far.uri).await.unwrap(), "1");
    // The end of the connection may have to arrive first; nobody waits for it to be noticed.
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(ask(&connections, &far.uri).await.unwrap(), "2");
    assert_eq!(far.seen(), (2, 2));
}

#[tokio::test]
async fn a_connection_that_is_to_be_closed_is_not_used_again() {
    let close = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 1\r\n\r\nx";
    let far = FarSide::start(move |_| Does::Says(close.to_owned())).await;
    let connections = connections();
    for _ in 0..2 {
        assert_eq!(ask(&connections, &far.uri).await.unwrap(), "x");
        assert_eq!(idle(&connections), 0);
    }
    assert_eq!(far.seen(), (2, 2));
}

#[tokio::test]
async fn who_leaves_takes_the_connection_along_so_that_nobody_hears_another_answer() {
    let far = FarSide::start(|number| if number == 2 { Does::Nothing } else { says("mine") }).await;
    let connections = connections();
    ask(&connections, &far.uri).await.unwrap();
    let left = timeout(Duration::from_millis(100), ask(&connections, &far.uri)).await;
    assert!(left.is_err());
    assert_eq!(idle(&connections), 0);
    assert_eq!(ask(&connections, &far.uri).await.unwrap(), "mine");
    assert_eq!(far.seen(), (2, 3));
}

#[tokio::test]
async fn a_request_that_was_seen_is_lost_and_not_sent_again() {
    let part = "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nfour";
    for words in ["", part] {
        let far = FarSide::start(move |number| match number {
            1 => says("1"),
            _ => Does::SaysAndCloses(words.to_owned()),
        })
        .await;
        let connections = connections();
        ask(&connections, &far.uri).await.unwrap();
        assert!(matches!(ask(&connections, &far.uri).await, Err(Failed::Lost)), "{words}");
        assert_eq!(far.seen(), (1, 2));
    }
}

#[tokio::test]
async fn all_who_wait_are_told_where_no_connection_can_be_made() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let uri: Uri = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
    drop(listener);
    let connections = connections();
    let asked = join_all((0..5).map(|_| ask(&connections, &uri)));
    let told = timeout(Duration::from_secs(20), asked).await.unwrap();
    assert!(told.iter().all(|told| matches!(told, Err(Failed::NotConnected))));
    let state = connections.0.state();
    assert!(state.origins.iter().all(|origin| origin.connecting == 0 && origin.waiting.is_empty()));
}

#[tokio::test]
async fn a_connection_without_work_is_kept_for_some_rounds() {
    let far = FarSide::start(|_| says("x")).await;
    let connections = connections();
    ask(&connections, &far.uri).await.unwrap();
    for round in 1..KEPT_ROUNDS {
        assert!(connections.0.sweep(), "{round}");
    }
    assert_eq!(idle(&connections), 1);
    assert!(!connections.0.sweep(), "nothing is left to be watched");
    assert_eq!(idle(&connections), 0);
    ask(&connections, &far.uri).await.unwrap();
    assert!(connections.0.state().watched);
    assert_eq!(far.seen(), (2, 2));
}

#[tokio::test]
async fn a_shared_connection_without_work_is_kept_for_some_rounds() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let uri: Uri = format!("http://{address}/").parse().unwrap();
    let stream = TokioIo::new(TcpStream::connect(address).await.unwrap());
    let (sender, connection) = http2::handshake(TokioExecutor::new(), stream).await.unwrap();
    tokio::spawn(connection);
    let connections = connections();
    connections.0.state().origin(&uri).share(sender, 0);
    assert!(connections.0.sweep());
    assert!(connections.0.take(&uri).is_ok(), "it is there, and asked for");
    for round in 1..KEPT_ROUNDS {
        assert!(connections.0.sweep(), "{round}");
    }
    assert!(!connections.0.sweep(), "nothing is left to be watched");
}

#[tokio::test]
async fn places_are_told_apart() {
    let (one, other) =
        (FarSide::start(|_| says("one")).await, FarSide::start(|_| says("other")).await);
    let connections = connections();
    for _ in 0..2 {
        assert_eq!(ask(&connections, &one.uri).await.unwrap(), "one");
        assert_eq!(ask(&connections, &other.uri).await.unwrap(), "other");
    }
    assert_eq!((one.seen(), other.seen()), ((1, 2), (1, 2)));
}
