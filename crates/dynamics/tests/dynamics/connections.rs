//! What the connections are like: HTTP/2 where it is offered, one connection for all, no cookies unless asked for.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::kit::{MemoryVault, REFRESH, credential, far_side, grant, json, read, soon};
use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::Version;
use axum::response::Response;
use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
use patchcord_dynamics::{AccountSettings, Client, HttpSettings, Policy, Pool, Query, TokenVault};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::{TcpListener, TcpStream};

#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<(Version, SocketAddr)>>>);

async fn answer(
    State(seen): State<Seen>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    let path = request.uri().path().to_owned();
    if path.ends_with("/token") {
        return grant("access-canary-1");
    }
    seen.0.lock().unwrap().push((request.version(), peer));
    if path.ends_with("/annotations") {
        // Larger than all windows of a careless client, and it comes in its own time.
        let large = format!(r#"{{"value":["{}"]}}"#, "x".repeat(8 * 1024 * 1024));
        tokio::time::sleep(Duration::from_millis(50)).await;
        return json(200, &large);
    }
    if path.ends_with("/WhoAmI") {
        let id = crate::kit::ID;
        let body =
            format!(r#"{{"UserId":"{id}","BusinessUnitId":"{id}","OrganizationId":"{id}"}}"#);
        return json(200, &body);
    }
    json(200, r#"{"value":[]}"#)
}

/// A far side that speaks TLS.
struct Secure {
    seen: Seen,
    certificate: Vec<u8>,
    key: Vec<u8>,
    port: u16,
    handle: Handle<SocketAddr>,
}

impl Secure {
    /// One that offers `protocols`.
    async fn start(protocols: &[&str]) -> Self {
        let names = vec!["localhost".to_owned()];
        let certified = rcgen::generate_simple_self_signed(names).unwrap();
        let certificate = certified.cert.pem().into_bytes();
        let key = certified.signing_key.serialize_pem().into_bytes();
        let (seen, handle) = (Seen::default(), Handle::new());
        let mut secure = Self { seen, certificate, key, port: 0, handle };
        secure.serve(protocols).await;
        secure
    }

    /// Serves, at the port of before where there was one.
    async fn serve(&mut self, protocols: &[&str]) {
        let listener = std::net::TcpListener::bind(("127.0.0.1", self.port)).unwrap();
        listener.set_nonblocking(true).unwrap();
        self.port = listener.local_addr().unwrap().port();
        self.handle = Handle::new();
        let app = Router::new().fallback(answer).with_state(self.seen.clone());
        let app = app.into_make_service_with_connect_info::<SocketAddr>();
        let config = RustlsConfig::from_config(Arc::new(self.tls(protocols)));
        let server = axum_server::from_tcp_rustls(listener, config).unwrap();
        tokio::spawn(server.handle(self.handle.clone()).serve(app));
    }

    /// Ends all connections, and serves again.
    async fn restart(&mut self, protocols: &[&str]) {
        self.handle.graceful_shutdown(Some(Duration::from_millis(200)));
        while self.handle.connection_count() > 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        self.serve(protocols).await;
    }

    fn tls(&self, protocols: &[&str]) -> ServerConfig {
        let certificate = CertificateDer::from_pem_slice(&self.certificate).unwrap();
        let key = PrivateKeyDer::from_pem_slice(&self.key).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider);
        let config = config.with_safe_default_protocol_versions().unwrap();
        let config = config.with_no_client_auth();
        let mut config = config.with_single_cert(vec![certificate], key).unwrap();
        config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
        config
    }

    /// A client that trusts it and comes by `port`.
    async fn client(&self, port: u16) -> (Pool, Arc<Client>) {
        let origin = format!("https://localhost:{port}");
        let plain = far_side().start().await.settings();
        let url = |path: &str| format!("{origin}{path}").parse().unwrap();
        let settings = AccountSettings {
            authorization_url: url("/tenant/oauth2/v2.0/authorize"),
            token_url: url("/tenant/oauth2/v2.0/token"),
            api_url: url("/api/data/v9.2"),
            ..plain
        };
        let root_certificates = vec![self.certificate.clone()];
        let http = HttpSettings { root_certificates, ..HttpSettings::default() };
        let vault = Arc::new(MemoryVault::with(REFRESH)) as Arc<dyn TokenVault>;
        let pool = Pool::with_http(vault, http);
        let client = pool.client(&settings, &credential()).unwrap();
        (pool, client)
    }
}

/// One that offers HTTP/2, and a client.
async fn secure() -> (Seen, Pool, Arc<Client>) {
    let secure = Secure::start(&["h2", "http/1.1"]).await;
    let (pool, client) = secure.client(secure.port).await;
    (secure.seen, pool, client)
}

/// A way to a far side, past which some connections get.
struct Way {
    /// Where it is entered.
    port: u16,
    /// How many have come.
    connections: Arc<AtomicUsize>,
}

impl Way {
    /// A way to the port `onward` that lets so many connections through; further ones are taken, and never hear anything.
    async fn open(onward: u16, lets_through: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let connections = Arc::<AtomicUsize>::default();
        let count = Arc::clone(&connections);
        tokio::spawn(async move {
            let mut held = Vec::new();
            while let Ok((mut stream, _)) = listener.accept().await {
                if count.fetch_add(1, Ordering::SeqCst) >= lets_through {
                    held.push(stream);
                    continue;
                }
                tokio::spawn(async move {
                    let mut far = TcpStream::connect(("127.0.0.1", onward)).await.unwrap();
                    let _ = tokio::io::copy_bidirectional(&mut stream, &mut far).await;
                });
            }
        });
        Self { port, connections }
    }
}

#[tokio::test]
async fn who_waits_for_a_connection_takes_one_that_becomes_free_meanwhile() {
    let secure = Secure::start(&["http/1.1"]).await;
    let way = Way::open(secure.port, 1).await;
    let (_pool, client) = secure.client(way.port).await;
    client.who_am_i(soon()).await.unwrap();
    let options = read();
    // The first takes the only connection; the second has one made that will never be there.
    let slow = client.query("annotations", Query::OData(""), &options, soon());
    let second = client.query("contacts", Query::OData(""), &options, soon());
    let (slow, second) = tokio::join!(slow, second);
    assert_eq!((slow.unwrap().requests, second.unwrap().requests), (1, 1));
    let seen = secure.seen.0.lock().unwrap();
    assert!(seen.iter().all(|(version, _)| *version == Version::HTTP_11));
    assert_eq!(seen.len(), 3);
}

#[tokio::test]
async fn a_connection_that_came_to_its_end_is_replaced() {
    for protocols in [&["h2", "http/1.1"][..], &["http/1.1"]] {
        let mut secure = Secure::start(protocols).await;
        let (_pool, client) = secure.client(secure.port).await;
        for _ in 0..2 {
            let who = client.who_am_i(soon()).await.unwrap();
            assert_eq!(who.requests, 1);
            secure.restart(protocols).await;
        }
        let peers: HashSet<_> =
            secure.seen.0.lock().unwrap().iter().map(|(_, peer)| *peer).collect();
        assert_eq!(peers.len(), 2);
    }
}

#[tokio::test]
async fn all_requests_share_one_connection_over_http_2() {
    let (seen, _pool, client) = secure().await;
    let who = client.who_am_i(soon()).await.unwrap();
    assert_eq!(who.requests, 1);
    let options = read();
    let reads = (0..50).map(|_| client.query("contacts", Query::OData(""), &options, soon()));
    for result in futures::future::join_all(reads).await {
        result.unwrap();
    }
    let seen = seen.0.lock().unwrap();
    assert_eq!(seen.len(), 51);
    assert!(seen.iter().all(|(version, _)| *version == Version::HTTP_2));
    let peers: HashSet<_> = seen.iter().map(|(_, peer)| peer).collect();
    assert_eq!(peers.len(), 1);
}

#[tokio::test]
async fn few_connections_are_made_for_many_where_one_served_all() {
    const CALLERS: usize = 20;
    for (protocols, most) in [(&["h2", "http/1.1"][..], 2), (&["http/1.1"], CALLERS)] {
        let mut secure = Secure::start(&["h2", "http/1.1"]).await;
        let way = Way::open(secure.port, usize::MAX).await;
        let (_pool, client) = secure.client(way.port).await;
        client.who_am_i(soon()).await.unwrap();
        secure.restart(protocols).await;
        way.connections.store(0, Ordering::SeqCst);
        let asked = (0..CALLERS).map(|_| client.who_am_i(soon()));
        for who in futures::future::join_all(asked).await {
            assert_eq!(who.unwrap().requests, 1);
        }
        let made = way.connections.load(Ordering::SeqCst);
        assert!((1..=most).contains(&made), "{protocols:?}: {made} connections");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_answer_does_not_hold_up_the_others() {
    let (_, _pool, client) = secure().await;
    client.query("contacts", Query::OData(""), &read(), soon()).await.unwrap();
    let (options, large) = (read(), Query::OData("$top=1"));
    let mut slow = Box::pin(client.query("annotations", large, &options, soon()));
    // It is begun, and then nobody reads on for a while.
    let _ = tokio::time::timeout(Duration::from_millis(200), &mut slow).await;
    let begun = Instant::now();
    for _ in 0..20 {
        client.query("contacts", Query::OData(""), &read(), soon()).await.unwrap();
    }
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_cookie_is_kept_only_where_the_policy_asks_for_it() {
    for kept in [false, true] {
        let far = far_side()
            .api(|_| {
                let mut response = json(200, r#"{"value":[]}"#);
                let cookie = "ARRAffinity=1; Path=/; HttpOnly".parse().unwrap();
                response.headers_mut().insert("set-cookie", cookie);
                response
            })
            .start()
            .await;
        let client = far.client_with(Policy { affinity_cookie: kept, ..Policy::default() });
        for _ in 0..2 {
            client.query("contacts", Query::OData(""), &read(), soon()).await.unwrap();
        }
        let sent = far.calls()[1].header("cookie").to_owned();
        assert_eq!(sent, if kept { "ARRAffinity=1" } else { "" });
    }
}
