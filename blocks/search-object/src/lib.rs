//! Microsoft Dynamics Search Object: reads the records that match an OData or FetchXML query into a recordset.

use std::time::Duration;

use patchcord_block::dynamics::Read;
use patchcord_block::prelude::*;

/// Searches a table of Dynamics 365 and keeps what it finds in a recordset.
#[block(
    id = "microsoft-dynamics.search-object",
    title = "Microsoft Dynamics Search Object",
    category = "Microsoft Dynamics 365",
    icon = "search",
    operations(query),
    tables(),
    exit(no_data, "No Data", "The search worked and nothing matched.")
)]
struct SearchObject {
    /// The kind of record to look for: a table of the list, or the entity set name of any other.
    object_type: EntitySet,
    /// What to look for, as in a Web API URL, such as `$select=fullname&$filter=telephone1 eq '$(item.from)'`; or a query
    /// in FetchXML, which begins with `<fetch`.
    #[serde(default)]
    query: ODataQuery,
    /// Name of the recordset that receives the records: `$(NAME.column)`, `$(NAME.__count__)`.
    #[schemars(title = "Recordset name")]
    #[recordset("The records found; empty when nothing matched.")]
    recordset: RecordsetName,
    /// How many records to read, over as many pages as it takes; one page where it is left out.
    max_records: Option<u32>,
    /// Whether to read formatted values and the names of looked-up records too:
    /// `$(NAME.statuscode@OData.Community.Display.V1.FormattedValue)`.
    #[serde(default)]
    formatted_values: bool,
    /// For how many seconds an answer may be used again, by any step that asks the same; not at all where it is left out.
    cache_seconds: Option<u32>,
    /// How many seconds old an answer may be while Dynamics 365 is not to be had; none is used where it is left out.
    stale_seconds: Option<u32>,
}

impl SearchObject {
    fn run(self) -> Result<Outcome> {
        let (table, read) = (&self.object_type, self.read());
        let records = match self.query.as_str().trim_start().starts_with('<') {
            true => dynamics::fetch_xml(table, &self.query, &read)?,
            false => dynamics::query_with(table, &self.query, &read)?,
        };
        let outcome = if records.is_empty() { Outcome::exit("no_data") } else { Outcome::next() };
        Ok(outcome.set_recordset(&self.recordset, records))
    }

    fn read(&self) -> Read {
        let age = |seconds: Option<u32>| seconds.map(|count| Duration::from_secs(count.into()));
        let read = Read::new().max_records(self.max_records).stale_for(age(self.stale_seconds));
        let read = if self.formatted_values { read.annotations() } else { read };
        match age(self.cache_seconds) {
            // Who takes an old answer takes one that is under way, too.
            Some(age) => read.max_age(age).share(),
            None => read,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::SearchObject;
    use patchcord_block::dynamics::{Error, ErrorKind, Read};
    use patchcord_block::testing::{self, Call, FakeHost};
    use patchcord_block::{Failure, Outcome};
    use serde_json::{Value, json};

    fn search(fake: &FakeHost) -> Result<Outcome, Failure> {
        testing::run::<SearchObject>(
            fake,
            json!({"object_type": "contacts", "query": "$top=2", "recordset": "Caller"}),
        )
    }

    #[test]
    fn keeps_what_it_finds() {
        let fake = FakeHost::new().finds([json!({"fullname": "Ann"}), json!({"fullname": "Bo"})]);
        let outcome = search(&fake).unwrap();
        assert_eq!(outcome.exit_taken(), "next");
        let records = outcome.recordset("Caller").unwrap();
        assert_eq!(records.count(), 2);
        assert_eq!(records.column(1, "fullname"), Some(json!("Bo")));
        let (entity_set, options) = ("contacts".into(), "$top=2".into());
        let read = Read::new();
        assert_eq!(fake.calls(), [Call::QueryWith { entity_set, options, read }]);
    }

    #[test]
    fn leaves_an_empty_recordset_when_nothing_matched() {
        let outcome = search(&FakeHost::new().finds([])).unwrap();
        assert_eq!(outcome.exit_taken(), "no_data");
        assert_eq!(outcome.recordset("Caller").map(|records| records.count()), Some(0));
    }

    #[test]
    fn fails_with_what_dynamics_said() {
        let error = Error::new(ErrorKind::Forbidden, "no read privilege");
        let failure = search(&FakeHost::new().fails(error.clone())).unwrap_err();
        assert_eq!(failure, Failure::Dynamics(error));
    }

    #[test]
    fn the_query_may_be_left_out() {
        let fake = FakeHost::new().finds([]);
        let properties = json!({"object_type": "leads", "recordset": "R"});
        assert_eq!(
            testing::run::<SearchObject>(&fake, properties).unwrap().exit_taken(),
            "no_data"
        );
        let (entity_set, options) = ("leads".into(), String::new());
        let read = Read::new();
        assert_eq!(fake.calls(), [Call::QueryWith { entity_set, options, read }]);
    }

    #[test]
    fn says_how_it_may_be_answered() {
        let fake = FakeHost::new().finds([]);
        let properties = json!({"object_type": "queues", "recordset": "R", "max_records": 200,
            "formatted_values": true, "cache_seconds": 60, "stale_seconds": 600});
        assert!(testing::run::<SearchObject>(&fake, properties).is_ok());
        let seconds = std::time::Duration::from_secs;
        let read = Read::new().max_records(200).annotations().max_age(seconds(60)).share();
        let (entity_set, options) = ("queues".into(), String::new());
        let read = read.stale_for(seconds(600));
        assert_eq!(fake.calls(), [Call::QueryWith { entity_set, options, read }]);
    }

    #[test]
    fn a_query_in_fetch_xml_goes_out_as_one() {
        let fake = FakeHost::new().finds([json!({"fullname": "Ann"})]);
        let fetch = "\n<fetch top='2'><entity name='contact'/></fetch>";
        let properties = json!({"object_type": "contacts", "query": fetch, "recordset": "R"});
        assert_eq!(testing::run::<SearchObject>(&fake, properties).unwrap().exit_taken(), "next");
        let (entity_set, fetch, read) = ("contacts".into(), fetch.into(), Read::new());
        assert_eq!(fake.calls(), [Call::FetchXml { entity_set, fetch, read }]);
    }

    #[test]
    fn offers_the_standard_tables() {
        let manifest = testing::manifest::<SearchObject>().unwrap();
        let table = &manifest["properties"]["properties"]["object_type"];
        let offered = table["x-patchcord-suggestions"].as_array().unwrap();
        let titles: Vec<_> = offered.iter().filter_map(|s| s["title"].as_str()).collect();
        let expected = "Account Case Contact Contract Invoice Lead Opportunity Order Quote";
        assert_eq!(titles.join(" "), expected);
        assert_eq!(manifest["properties"]["required"], json!(["object_type", "recordset"]));
        assert_eq!(manifest["operations"], json!(["query"]));
        assert_eq!(manifest["outputs"][0]["kind"], Value::from("recordset"));
    }
}
