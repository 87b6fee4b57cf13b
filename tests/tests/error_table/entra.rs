//! Rows of Entra ID's errors: at the refresh of a token, at the redemption of a code, in a callback, on a page.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures::FutureExt;
use patchcord::dynamics::{AADSTS_CAUSES, AADSTS_TRANSIENT};
use patchcord_emulator::{FaultKind, Route, Visitor};
use serde_json::Value;

use crate::document::Row;
use crate::stage::{Set, Stage};

pub(crate) const TABLE: &str = "Errors of Entra ID";

/// Which codes that Patchcord tells apart no row is about.
pub(crate) fn missing(rows: &[Row]) -> Vec<String> {
    let rows = rows.iter().filter(|row| row.table == TABLE);
    let there: BTreeSet<String> = rows.map(|row| row.cell("AADSTS").to_owned()).collect();
    let known = AADSTS_CAUSES.iter().map(|(code, _)| code).chain(AADSTS_TRANSIENT);
    known.map(u32::to_string).filter(|code| !there.contains(code)).collect()
}

pub(crate) fn show(stage: &Stage, row: &Row) {
    let row = Asserted::read(row);
    stage.play(|set| row.show(set).boxed());
}

/// What a row says.
struct Asserted {
    code: u32,
    error: String,
    met: String,
    account: String,
    cause: String,
    kind: String,
    sentence: String,
}

impl Asserted {
    fn read(row: &Row) -> Self {
        let text = |column| row.cell(column).to_owned();
        Self {
            code: row.cell("AADSTS").parse().expect("AADSTS is a number"),
            error: text("error"),
            met: text("met"),
            account: text("account"),
            cause: text("cause"),
            kind: text("$(integrationResultKind)"),
            sentence: text("what the administrator reads"),
        }
    }

    async fn show(self, set: Arc<Set>) {
        match self.met.as_str() {
            "refresh" => self.at_refresh(&set).await,
            "code" => self.at_redemption(&set).await,
            "callback" => self.in_callback(&set).await,
            "page" => self.on_page(&set).await,
            other => panic!("nothing is known of a row that is met at `{other}`"),
        }
        set.mend().await;
    }

    fn fault(&self) -> FaultKind {
        FaultKind::EntraError {
            code: self.code,
            error: Some(self.error.clone()),
            suberror: None,
            claims: None,
            message: None,
        }
    }

    /// A call finds its token expired, and the refresh is refused.
    async fn at_refresh(&self, set: &Set) {
        set.fault(Route::Token, self.fault());
        set.world.emulator.expire_access_tokens();
        let seen = set.run("query").await;
        assert_eq!(seen.exit, self.kind, "{}", seen.failure);
        assert_eq!(seen.variables["integrationResultKind"], self.kind.as_str());
        let message = seen.failure["message"].as_str().unwrap();
        assert!(message.contains(&self.sentence), "{message}");
        assert!(message.contains(&format!("AADSTS{}", self.code)), "{message}");
        let account = set.account().await;
        assert_eq!(account["state"], self.account.as_str(), "{account}");
        if self.account == "consent_required" {
            assert_eq!(account["cause"], self.cause.as_str(), "{account}");
            let reason = account["reason"].as_str().unwrap();
            assert!(reason.contains(&self.sentence), "{reason}");
        }
    }

    /// The user has signed in, and the code that came back is refused. The consent that was there stays.
    async fn at_redemption(&self, set: &Set) {
        let before = set.account().await;
        set.fault(Route::Token, self.fault());
        let page = set.world.api.consent(&set.account, &set.world.emulator).await.unwrap();
        self.said(&page);
        self.unchanged(&before, &set.account().await);
    }

    /// The sign-in page sends the user back with an error.
    async fn in_callback(&self, set: &Set) {
        let before = set.account().await;
        let link = set.world.api.request_token(&set.account).await.unwrap();
        let of_link =
            |name: &str| link.query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned();
        let mut callback = url::Url::parse(&of_link("redirect_uri")).unwrap();
        let description = format!("AADSTS{}: Entra ID's own words.", self.code);
        callback.query_pairs_mut().append_pair("state", &of_link("state"));
        callback.query_pairs_mut().append_pair("error", &self.error);
        callback.query_pairs_mut().append_pair("error_description", &description);
        let page = reqwest::get(callback).await.unwrap().text().await.unwrap();
        self.said(&page);
        self.unchanged(&before, &set.account().await);
    }

    /// The sign-in page does not send the user back: what it says is all there is.
    async fn on_page(&self, set: &Set) {
        let before = set.account().await;
        set.fault(Route::Authorize, self.fault());
        let link = set.world.api.request_token(&set.account).await.unwrap();
        let setup = set.world.emulator.setup();
        let visitor = Visitor::new(&setup.user, &setup.password).unwrap();
        let page = visitor.visit(&link).await.unwrap();
        assert!(page.text.contains(&format!("AADSTS{}", self.code)), "{}", page.text);
        assert_eq!(page.url.origin(), link.origin(), "the page is Entra ID's");
        self.unchanged(&before, &set.account().await);
    }

    fn said(&self, page: &str) {
        assert!(page.contains("The connection is not valid."), "{page}");
        let plain = page.replace("&quot;", "\"").replace("&amp;", "&");
        assert!(plain.contains(&self.sentence), "{page}");
    }

    fn unchanged(&self, before: &Value, after: &Value) {
        assert_eq!(self.account, "unchanged");
        assert_eq!(before["state"], after["state"]);
    }
}
