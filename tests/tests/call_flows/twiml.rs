//! The TwiML webhook: what Twilio is answered for a call.

use std::process::Command;

use patchcord_emulator::{Fault, FaultKind, Route};
use patchcord_tests::{IDENTIFY_CALLER, World};
use reqwest::StatusCode;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tempfile::TempDir;
use uuid::Uuid;

use crate::program::{Program, first_line};
use crate::{examples, token};

/// The account, the signature and the form of the example in Twilio's documentation ("Webhooks security").
const AUTH_TOKEN: &str = "12345";
const PUBLIC_URL: &str = "https://mycompany.com";
const SIGNED_PATH: &str = "myapp.php?foo=1&bar=2";
const SIGNATURE: &str = "RSOYDt4T1cUTdK1PDd93/VVr8B8=";
const FORM: [(&str, &str); 5] = [
    ("CallSid", "CA1234567890ABCDE"),
    ("Caller", "+14158675309"),
    ("Digits", "1234"),
    ("From", "+14158675309"),
    ("To", "+18005551212"),
];

struct Webhook {
    url: String,
    _program: Program,
    _folder: TempDir,
}

impl Webhook {
    async fn start(world: &World, settings: &[(&str, &str)]) -> Self {
        let folder = TempDir::new().unwrap();
        let mut command = Command::new("python3");
        command.arg(examples().join("twiml/webhook.py")).env("PYTHONDONTWRITEBYTECODE", "1");
        command.env("PATCHCORD_TOKEN", token(world).await.expose_secret());
        command.env("PATCHCORD_URL", world.api.url.as_str()).env("LISTEN", "127.0.0.1:0");
        command.env("no_proxy", "*").envs(settings.iter().copied());
        let mut program = Program::start(&mut command, folder.path(), "webhook");
        let line = first_line(&mut program).await;
        let url = line.strip_prefix("listening on ").unwrap().to_owned();
        Self { url, _program: program, _folder: folder }
    }

    async fn post(
        &self,
        path: &str,
        form: &[(&str, &str)],
        signed: Option<&str>,
    ) -> (StatusCode, String) {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let mut request = http.post(format!("{}{path}", self.url)).form(form);
        if let Some(signature) = signed {
            request = request.header("X-Twilio-Signature", signature);
        }
        let response = request.send().await.unwrap();
        (response.status(), response.text().await.unwrap())
    }

    /// What is answered to a call from `number`, between the tags of the response.
    async fn call_from(&self, number: &str) -> String {
        let call = format!("CA{}", Uuid::new_v4().simple());
        let form = [("From", number), ("To", "+18005551212"), ("CallSid", call.as_str())];
        let (status, document) = self.post("", &form, None).await;
        assert_eq!(status, StatusCode::OK, "{document}");
        let inner = document.split_once("<Response>").unwrap().1;
        inner.split_once("</Response>").unwrap().0.to_owned()
    }
}

const GENERAL: &str = "<Enqueue>general</Enqueue>";

#[tokio::test(flavor = "multi_thread")]
async fn a_known_caller_is_greeted_and_every_other_call_reaches_the_general_queue() {
    let world = World::consented(20).await.unwrap();
    let webhook = Webhook::start(&world, &[]).await;
    let known = world.emulator.caller(0);
    let greeted = webhook.call_from(&known.phone).await;
    let name = &known.full_name;
    assert_eq!(greeted, format!("<Say>Hello, {name}.</Say><Enqueue>vip</Enqueue>"));
    assert_eq!(webhook.call_from("+999").await, GENERAL);
    assert_eq!(webhook.call_from("").await, GENERAL);

    let fault = Fault { route: Route::Api, kind: FaultKind::CutBefore, times: u32::MAX };
    world.emulator.add_fault(fault);
    assert_eq!(webhook.call_from(&known.phone).await, GENERAL);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_dynamics_holds_stays_text_and_a_number_to_dial_is_one() {
    let world = World::consented(20).await.unwrap();
    let answers = |answer: Value| {
        let mut document: Value = serde_json::from_str(IDENTIFY_CALLER).unwrap();
        document["start"] = "known".into();
        document["blocks"] = json!([
            { "id": "known", "block": "core.exit", "properties": { "result": "known", "answer": answer } }
        ]);
        document.to_string()
    };
    let webhook = Webhook::start(&world, &[("VIP_QUEUE", "a&b")]).await;
    let name = "</Say><Dial>1</Dial> & \u{0} \u{1f600}";
    world.api.publish(&answers(json!({ "caller_name": name }))).await.unwrap();
    let greeted = "<Say>Hello, &lt;/Say&gt;&lt;Dial&gt;1&lt;/Dial&gt; &amp;  \u{1f600}.</Say>";
    assert_eq!(webhook.call_from("+1").await, format!("{greeted}<Enqueue>a&amp;b</Enqueue>"));
    world.api.publish(&answers(json!({ "dial": "+4930555010" }))).await.unwrap();
    let dialled = "<Dial><Number>+4930555010</Number></Dial>";
    assert_eq!(webhook.call_from("+1").await, dialled);
    world.api.publish(&answers(json!({ "dial": "<Sip>x</Sip>" }))).await.unwrap();
    assert_eq!(webhook.call_from("+1").await, "<Enqueue>a&amp;b</Enqueue>");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_answer_the_call_reaches_the_general_queue() {
    let world = World::consented(20).await.unwrap();
    for wrong in [
        ("PATCHCORD_URL", "http://127.0.0.1:1"),
        ("PATCHCORD_TOKEN", "pc_wrong_token"),
        ("PATCHCORD_SCENARIO", "no such/scenario"),
    ] {
        let webhook = Webhook::start(&world, &[wrong]).await;
        assert_eq!(webhook.call_from(&world.emulator.caller(0).phone).await, GENERAL, "{wrong:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_twilio_is_answered_where_requests_are_signed() {
    let world = World::consented(20).await.unwrap();
    let settings = [("TWILIO_AUTH_TOKEN", AUTH_TOKEN), ("PUBLIC_URL", PUBLIC_URL)];
    let webhook = Webhook::start(&world, &settings).await;
    let (status, document) = webhook.post(SIGNED_PATH, &FORM, Some(SIGNATURE)).await;
    assert_eq!(status, StatusCode::OK);
    assert!(document.contains(GENERAL), "{document}");
    let mut forged = FORM;
    forged[3].1 = "+1";
    for (path, form, signature) in [
        (SIGNED_PATH, forged, Some(SIGNATURE)),
        ("myapp.php?foo=2&bar=2", FORM, Some(SIGNATURE)),
        (SIGNED_PATH, FORM, Some("RSOYDt4T1cUTdK1PDd93/VVr8B9=")),
        (SIGNED_PATH, FORM, None),
    ] {
        let (status, _) = webhook.post(path, &form, signature).await;
        assert_eq!(status, StatusCode::FORBIDDEN);
    }
}
