//! What the connections are like: HTTP/2 where it is offered, one connection for all, no cookies unless asked for.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::kit::{MemoryVault, REFRESH, credential, far_side, grant, json, read, soon};
use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::Version;
use axum::response::Response;
use axum_server::tls_rustls::RustlsConfig;
use patchcord_dynamics::{AccountSettings, Client, HttpSettings, Policy, Pool, Query, TokenVault};

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

/// A far side that speaks TLS, and a client that trusts it.
async fn secure() -> (Seen, Pool, Arc<Client>) {
    let names = vec!["localhost".to_owned()];
    let certified = rcgen::generate_simple_self_signed(names).unwrap();
    let certificate = certified.cert.pem().into_bytes();
    let key = certified.signing_key.serialize_pem().into_bytes();
    let config = RustlsConfig::from_pem(certificate.clone(), key).await.unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    let seen = Seen::default();
    let app = Router::new().fallback(answer).with_state(seen.clone());
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    let server = axum_server::from_tcp_rustls(listener, config).unwrap();
    tokio::spawn(server.serve(app));
    let origin = format!("https://localhost:{port}");
    let plain = far_side().start().await.settings();
    let url = |path: &str| format!("{origin}{path}").parse().unwrap();
    let settings = AccountSettings {
        authorization_url: url("/tenant/oauth2/v2.0/authorize"),
        token_url: url("/tenant/oauth2/v2.0/token"),
        api_url: url("/api/data/v9.2"),
        ..plain
    };
    let http = HttpSettings { root_certificates: vec![certificate], ..HttpSettings::default() };
    let vault = Arc::new(MemoryVault::with(REFRESH)) as Arc<dyn TokenVault>;
    let pool = Pool::with_http(vault, http);
    let client = pool.client(&settings, &credential()).unwrap();
    (seen, pool, client)
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
