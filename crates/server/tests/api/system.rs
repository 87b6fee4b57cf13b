//! What operators, machines and browsers ask for without a token.

use patchcord_server::{Server, ServerConfig, ServerError};
use reqwest::{Method, StatusCode, header};
use serde_json::json;
use url::Url;

use crate::kit::{World, greeting};

#[tokio::test]
async fn it_is_alive_and_ready_and_not_ready_without_its_store() {
    let world = World::open().await;
    for path in ["/healthz", "/readyz"] {
        assert_eq!(world.anonymously(Method::GET, path).await.status, StatusCode::OK);
        assert_eq!(world.anonymously(Method::HEAD, path).await.status, StatusCode::OK);
    }
    world.patchcord.close().await;
    assert_eq!(world.anonymously(Method::GET, "/healthz").await.status, StatusCode::OK);
    let answer = world.anonymously(Method::GET, "/readyz").await;
    answer.problem(StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn calls_are_counted_without_what_they_brought() {
    let world = World::open().await;
    let mut scenario = greeting();
    scenario["name"] = "counted".into();
    scenario["blocks"][1]["properties"]["result"] = "$(item.from)".into();
    world.publish(&scenario).await;
    world.call("counted", &json!({ "variables": { "item.from": "canary-number" } })).await;
    let metrics = world.anonymously(Method::GET, "/metrics").await.text;
    let line = metrics.lines().find(|line| line.starts_with("patchcord_run_seconds_count"));
    let counted = metrics.lines().any(|line| {
        line.starts_with("patchcord_run_seconds") && line.contains(r#"scenario="counted""#)
    });
    assert!(counted, "{line:?}\n{metrics}");
    assert!(!metrics.contains("canary-number"), "{metrics}");
}

#[tokio::test]
async fn the_contract_is_served_as_it_is_kept() {
    let world = World::open().await;
    let served = world.anonymously(Method::GET, "/openapi.json").await;
    assert_eq!(served.text, include_str!("../../openapi.json"));
}

/// Whether it was built or not: where it was not, the page says what to run.
#[tokio::test]
async fn the_console_is_led_to_and_comes_with_all_that_it_needs() {
    let world = World::open().await;
    for from in ["/", "/admin"] {
        let led = world.anonymously(Method::GET, from).await;
        let to = led.headers[header::LOCATION].to_str().unwrap();
        assert_eq!(world.url.join(from).unwrap().join(to).unwrap().path(), "/admin/");
    }
    for address in ["/admin/", "/admin/setup"] {
        let page = world.anonymously(Method::GET, address).await;
        let policy = page.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
        assert!(!page.text.contains("style="), "an inline style would not be applied");
        let here = world.url.join(address).unwrap();
        let quoted: Vec<&str> = page.text.split('"').collect();
        let needed: Vec<_> = quoted
            .windows(2)
            .filter(|pair| pair[0].ends_with("href=") || pair[0].ends_with("src="))
            .map(|pair| here.join(pair[1]).unwrap())
            .collect();
        assert!(!needed.is_empty());
        for url in needed {
            let part = world.anonymously(Method::GET, url.path()).await;
            assert_eq!(part.status, StatusCode::OK, "{url}");
        }
    }
    world.anonymously(Method::GET, "/admin/assets/nothing.js").await.problem(StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_public_url_that_no_browser_could_use_is_refused() {
    let world = World::open().await;
    for (public, good) in [
        ("https://patchcord.example/", true),
        ("https://proxy.example/patchcord/", true),
        ("ftp://patchcord.example/", false),
        ("https://patchcord.example/?a=b", false),
        ("https://user@patchcord.example/", false),
        ("mailto:a@b", false),
    ] {
        let public_url = Some(Url::parse(public).unwrap());
        let config = ServerConfig { public_url, ..ServerConfig::default() };
        match Server::bind(world.patchcord.clone(), config).await {
            Ok(server) => {
                assert!(good, "{public}");
                let wanted =
                    format!("{}/admin/msdynamicscallback.html", public.trim_end_matches('/'));
                assert_eq!(server.redirect_uri().as_str(), wanted);
            }
            Err(error) => {
                assert!(!good && matches!(error, ServerError::PublicUrl(_)), "{public}: {error}");
            }
        }
    }
}
