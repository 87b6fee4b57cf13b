//! Rows of Dataverse's errors: answered by the emulator to one step of a scenario.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures::FutureExt;
use patchcord_emulator::{FaultKind, Limit, Route};

use crate::document::Row;
use crate::stage::{Set, Stage};

pub(crate) const TABLE: &str = "Errors of Dataverse";

/// The codes that Microsoft documents for the requests that Patchcord makes: "Web service error codes", "Compose HTTP
/// requests and handle errors", "Service protection API limits".
const CODES: [&str; 28] = [
    "0x80040203",
    "0x80040216",
    "0x80040217",
    "0x80040220",
    "0x80040225",
    "0x80040227",
    "0x80040237",
    "0x80040265",
    "0x80040333",
    "0x80041102",
    "0x80041103",
    "0x80041d1f",
    "0x80044150",
    "0x80044331",
    "0x8004431a",
    "0x80048306",
    "0x80048405",
    "0x80048408",
    "0x80048d19",
    "0x8004a104",
    "0x8004e023",
    "0x80060882",
    "0x80060888",
    "0x8006088a",
    "0x80060890",
    "0x80060891",
    "0x80060892",
    "0x80072322",
];
const THROTTLING: [(&str, Limit); 3] = [
    ("0x80072321", Limit::ExecutionTime),
    ("0x80072322", Limit::Requests),
    ("0x80072326", Limit::Concurrent),
];
/// Longer than a run of the stage may take.
const RETRY_AFTER_SECONDS: u32 = 300;

/// Which codes no row is about.
pub(crate) fn missing(rows: &[Row]) -> Vec<String> {
    let rows = rows.iter().filter(|row| row.table == TABLE);
    let there: BTreeSet<String> = rows.map(|row| row.cell("code").to_lowercase()).collect();
    let codes = CODES.into_iter().chain(THROTTLING.map(|(code, _)| code)).map(str::to_owned);
    codes.filter(|code| !there.contains(code)).collect()
}

pub(crate) fn show(stage: &Stage, row: &Row) {
    let row = Asserted::read(row);
    match row.status {
        // The account waits afterwards, for longer than anybody else on the stage would.
        429 => stage.play_apart(|set| row.show(set).boxed()),
        _ => stage.play(|set| row.show(set).boxed()),
    }
}

/// What a row says.
struct Asserted {
    code: String,
    status: u16,
    met: String,
    exit: String,
    kind: String,
    requests: u64,
    account: String,
}

impl Asserted {
    fn read(row: &Row) -> Self {
        let text = |column| row.cell(column).to_owned();
        Self {
            code: Some(text("code")).filter(|code| code != "none").unwrap_or_default(),
            status: row.cell("HTTP").parse().expect("HTTP is a status"),
            met: text("met"),
            exit: text("exit"),
            kind: text("$(integrationResultKind)"),
            requests: row.cell("requests").parse().expect("requests is a number"),
            account: text("account"),
        }
    }

    fn fault(&self, message: &str) -> FaultKind {
        let limit = THROTTLING.iter().find(|(code, _)| *code == self.code).map(|(_, limit)| *limit);
        match limit {
            Some(limit) => FaultKind::Throttle { limit, retry_after: RETRY_AFTER_SECONDS },
            None => FaultKind::DataverseError {
                status: self.status,
                code: self.code.clone(),
                message: message.to_owned(),
            },
        }
    }

    async fn show(self, set: Arc<Set>) {
        let message = format!("What Dataverse says of {}.", self.code);
        set.fault(Route::Api, self.fault(&message));
        let seen = set.run(&self.met).await;
        assert_eq!(seen.exit, self.exit, "{}", seen.failure);
        assert_eq!(seen.variables["integrationResultKind"], self.kind.as_str());
        assert_eq!(seen.requests, self.requests, "requests");
        if self.kind == "ok" {
            assert!(seen.failure.is_null(), "{}", seen.failure);
        } else {
            self.told(&seen.failure, &seen.variables, &message);
        }
        assert_eq!(set.account().await["state"], self.account.as_str());
        set.mend().await;
    }

    /// A failure comes to the designer in Dataverse's own words, with its code and status.
    fn told(&self, failure: &serde_json::Value, variables: &serde_json::Value, message: &str) {
        assert_eq!(failure["kind"], self.kind.as_str(), "{failure}");
        assert_eq!(variables["integrationResultCode"], self.status, "{variables}");
        let body = variables["integrationResultBody"].to_string().to_lowercase();
        assert!(body.contains(&self.code.to_lowercase()), "{body}");
        let said = failure["message"].as_str().unwrap();
        assert!(said.contains(message) || self.status == 429, "{said}");
    }
}
