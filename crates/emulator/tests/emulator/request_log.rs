//! The request log: what it tells, how it is filtered, and that no planted secret stays in it.

use crate::kit::{CALLBACK, authorize_query, client, code_form, context, emulator, signed_in};
use reqwest::Method;
use serde_json::{Value, json};

const PLANTED: &str = "PLANTED-SECRET";

async fn page(kit: &crate::kit::Kit, path: &str) -> String {
    let url = format!("{}/_emulator/{path}", kit.emulator.setup().http_url);
    let answer = client().get(url).header("accept", "text/html").send().await.unwrap();
    assert_eq!(answer.status(), 200, "{path}");
    answer.text().await.unwrap()
}

async fn json(kit: &crate::kit::Kit, path: &str) -> Value {
    let url = format!("{}/_emulator/{path}", kit.emulator.setup().http_url);
    client().get(url).send().await.unwrap().json().await.unwrap()
}

/// Everything that can be read of the log.
async fn all_of_it(kit: &crate::kit::Kit) -> String {
    let mut all = page(kit, "log").await + &json(kit, "log").await.to_string();
    for entry in kit.emulator.log() {
        all += &page(kit, &format!("log/{}", entry.n)).await;
        all += &json(kit, &format!("log/{}", entry.n)).await.to_string();
    }
    all
}

#[tokio::test]
async fn no_planted_secret_stays() {
    let kit = signed_in(0).await;
    let jwt = format!("eyJhbGciOiJub25lIn0.{}.{PLANTED}", "e30aaaaaaaaaaaaaaa");
    let batch = format!(
        "--b\r\nContent-Type: application/http\r\nAuthorization: Bearer {PLANTED}\r\n\r\n\
         POST /api/data/v9.2/contacts?client_secret={PLANTED} HTTP/1.1\r\nCookie: sid={PLANTED}\r\n\
         Content-Type: application/json\r\n\r\n{{\"a\":[{{\"password\":\"{PLANTED}\"}}]}}\r\n--b--\r\n"
    );
    let ask = |path: &str| kit.request(Method::POST, path);
    ask("$batch")
        .header("content-type", "multipart/mixed; boundary=b")
        .body(batch)
        .send()
        .await
        .unwrap();
    ask("contacts").json(&json!({"x": {"refresh_token": PLANTED}, "y": jwt})).send().await.unwrap();
    let request = ask(&format!("contacts?access_token={PLANTED}&x={jwt}")).body("");
    let request = request.header("cookie", format!("sid={PLANTED}")).header("x-api-key", PLANTED);
    request.header("referer", format!("http://a.example/?ctx={PLANTED}")).send().await.unwrap();
    let not_json = ask("contacts").header("content-type", "application/json");
    not_json.body(format!("client_secret={PLANTED}")).send().await.unwrap();
    let form = code_form(
        &kit.emulator,
        PLANTED,
        &[
            ("client_secret", PLANTED),
            ("client_assertion", PLANTED),
            ("code_verifier", PLANTED),
            ("password", PLANTED),
            ("refresh_token", PLANTED),
        ],
    );
    let token_url = &kit.emulator.setup().token_url;
    kit.http.post(token_url).basic_auth("app", Some(PLANTED)).form(&form).send().await.unwrap();
    let redirect =
        json!({"kind": "redirect", "location": format!("http://a.example/?code={PLANTED}")});
    let request =
        kit.request(Method::GET, "WhoAmI").header("x-emulator-fault", redirect.to_string());
    assert_eq!(request.send().await.unwrap().status(), 302);

    let all = all_of_it(&kit).await;
    let at = all.find(PLANTED).map(|at| &all[at.saturating_sub(200)..at]);
    // The fault itself is shown with its address, which is masked like one.
    assert_eq!(at, None);
    assert!(all.contains("***"));
}

#[tokio::test]
async fn no_secret_of_a_sign_in_stays() {
    for mode in ["query", "fragment", "form_post"] {
        let emulator = emulator(0).await;
        let http = client();
        let url = emulator.setup().authorization_url.clone();
        let query = authorize_query(&emulator, &[("response_mode", mode)]);
        let ask = http.get(&url).query(&query).send().await.unwrap().text().await.unwrap();
        let first = context(&ask);
        let setup = emulator.setup();
        let password = setup.password.clone();
        let form = [("ctx", first.as_str()), ("login", &setup.user), ("passwd", &password)];
        let consent =
            crate::kit::post(&http, &emulator, "login", &form).await.text().await.unwrap();
        let second = context(&consent);
        let form = [("ctx", second.as_str()), ("decision", "accept")];
        let back = crate::kit::post(&http, &emulator, "consent", &form).await;
        let location =
            back.headers().get("location").map(|value| value.to_str().unwrap().to_owned());
        let body = back.text().await.unwrap();
        let answer = location.unwrap_or(body);
        let (_, code) = answer.split_once(patchcord_emulator::CODE_PREFIX).expect(mode);
        let code: String =
            code.chars().take_while(|&c| c.is_ascii_alphanumeric() || "-_.".contains(c)).collect();
        let tokens = crate::kit::redeem(&http, &emulator, PLANTED, &[]).await;
        assert!(tokens["error"].is_string());

        let kit = crate::kit::Kit { emulator, http, token: String::new() };
        let all = all_of_it(&kit).await;
        let secret = kit.emulator.setup().client_secret.clone();
        for secret in [&first, &second, &password, &code, &secret] {
            assert!(!secret.is_empty() && !all.contains(secret.as_str()), "{mode}: {secret}");
        }
        assert!(all.contains("/consent") && all.contains(CALLBACK));
    }
}

#[tokio::test]
async fn a_request_is_shown_whole_and_as_a_command() {
    let kit = signed_in(0).await;
    let request = kit.request(Method::POST, "contacts?$select=lastname");
    let request = request.header("prefer", "return=representation");
    request.json(&json!({"lastname": "O'Neil <b>"})).send().await.unwrap();
    let entry = kit.emulator.log().pop().unwrap();
    assert_eq!(entry.who.as_deref(), Some(kit.emulator.setup().user.as_str()));
    assert_eq!(entry.options, [("$select".to_owned(), "lastname".to_owned())]);
    assert!(entry.request_bytes > 10 && entry.response_bytes > 10);
    let html = page(&kit, &format!("log/{}", entry.n)).await;
    for shown in [
        "return=representation",
        "Authorization: Bearer $TOKEN",
        "O&#39;Neil &lt;b&gt;",
        "curl -X POST",
        "&quot;contactid&quot;: &quot;",
        "odata-version",
    ] {
        assert!(html.contains(shown), "{shown}: {html}");
    }
    let css = format!("{}/_emulator/log.css", kit.emulator.setup().http_url);
    let css = client().get(css).send().await.unwrap();
    assert_eq!(css.headers()["content-type"], "text/css; charset=utf-8");
    let gone = format!("{}/_emulator/log/999", kit.emulator.setup().http_url);
    assert_eq!(client().get(gone).send().await.unwrap().status(), 404);
}

#[tokio::test]
async fn the_log_is_filtered_and_forgotten() {
    let kit = signed_in(0).await;
    kit.get("contacts?$filter=lastname eq 'x'").await;
    kit.failure("nosuch").await;
    let after_first = json(&kit, "log?path=/contacts").await["requests"][0]["n"].as_u64().unwrap();
    let paths = |log: Value| -> Vec<String> {
        let requests = log["requests"].as_array().cloned().unwrap_or_default();
        requests.iter().map(|entry| entry["path"].as_str().unwrap_or_default().to_owned()).collect()
    };
    let found = paths(json(&kit, &format!("log?since={after_first}")).await);
    assert_eq!(found, ["/api/data/v9.2/nosuch"]);
    assert_eq!(paths(json(&kit, "log?status=404&text=NOSUCH").await), ["/api/data/v9.2/nosuch"]);
    assert!(paths(json(&kit, "log?since=2099-01-01T00:00:00Z").await).is_empty());
    assert_eq!(json(&kit, "log?status=x").await["pointer"], "/status");
    let html = page(&kit, "log?path=nosuch").await;
    assert!(html.contains("nosuch") && !html.contains("/contacts<"), "{html}");
    let url = format!("{}/_emulator/log", kit.emulator.setup().http_url);
    assert_eq!(client().delete(&url).send().await.unwrap().status(), 204);
    assert!(kit.emulator.log().is_empty());
    assert!(page(&kit, "log").await.contains("No request yet"));
}
