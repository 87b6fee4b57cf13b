//! Microsoft Dynamics Search Object: reads the records that match an OData query into a recordset.

use patchcord_block::{
    Block, EntitySet, Failure, Manifest, ODataQuery, Operation, Outcome, RecordsetName, dynamics,
};

/// Searches a table of Dynamics 365 and keeps what it finds in a recordset.
#[derive(serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SearchObject {
    /// The kind of record to look for: a table of the list, or the entity set name of any other.
    object_type: EntitySet,
    /// What to look for, as in a Web API URL, such as `$select=fullname&$filter=telephone1 eq '$(item.from)'`.
    #[serde(default)]
    query: ODataQuery,
    /// Name of the recordset that receives the records: `$(NAME.column)`, `$(NAME.__count__)`.
    #[schemars(title = "Recordset name")]
    recordset: RecordsetName,
}

impl Block for SearchObject {
    fn manifest() -> Manifest {
        let (id, title) = ("microsoft-dynamics.search-object", "Microsoft Dynamics Search Object");
        Manifest::new(id, env!("CARGO_PKG_VERSION"), title)
            .category("Microsoft Dynamics 365")
            .icon("search")
            .operation(Operation::Query)
            .exit("no_data", "No Data", "The search worked and nothing matched.")
            .recordset("recordset", "The records found; empty when nothing matched.")
    }

    fn run(self) -> Result<Outcome, Failure> {
        let records = dynamics::query(&self.object_type, &self.query)?;
        let outcome = if records.is_empty() { Outcome::exit("no_data") } else { Outcome::next() };
        Ok(outcome.set_recordset(&self.recordset, records))
    }
}

patchcord_block::export!(SearchObject);

#[cfg(test)]
mod tests {
    use super::SearchObject;
    use patchcord_block::dynamics::{Error, ErrorKind};
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
        assert_eq!(fake.calls(), [Call::Query { entity_set, options }]);
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
        assert_eq!(fake.calls(), [Call::Query { entity_set, options }]);
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
