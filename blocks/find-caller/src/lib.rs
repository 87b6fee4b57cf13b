//! Microsoft Dynamics Find Caller: looks a phone number up in the tables that know phone numbers, whatever notation it
//! is stored in, and tells nobody, one and several apart.

use std::time::Duration;

use patchcord_block::dynamics::{ErrorKind, Read};
use patchcord_block::phone::{Search, Table, Verdict};
use patchcord_block::prelude::*;

/// Looks for the record of a caller by phone number, table by table until one knows it.
#[block(
    id = "microsoft-dynamics.find-caller",
    title = "Microsoft Dynamics Find Caller",
    category = "Microsoft Dynamics 365",
    icon = "search",
    operations(query),
    tables("contacts", "accounts", "leads"),
    exit(several_found, "Several Found", "Several records of a table have the number."),
    exit(not_found, "Not Found", "No record has the number, or the caller withheld it.")
)]
struct FindCaller {
    /// The number, in any notation, such as `$(item.from)`.
    number: String,
    /// Where to look, in this order; contacts, then accounts, then leads where it is left out.
    #[serde(default)]
    look_in: Vec<Table>,
    /// Name of the recordset that receives what was found: `$(NAME.column)`, `$(NAME.__count__)`.
    #[schemars(title = "Recordset name")]
    #[recordset("The records found; empty when nobody has the number.")]
    recordset: RecordsetName,
    /// The variable that receives the entity set name of the table that knew the number; null where none did.
    #[variable("Entity set name of the table that knew the number.")]
    table_variable: Option<VariableName>,
    /// The variable that receives the id of the one record found; null unless it is exactly one.
    #[variable("Id of the one record found.")]
    id_variable: Option<VariableName>,
    /// Whether to leave out records that are not active.
    #[serde(default)]
    active_only: bool,
    /// How many records to read where several have the number; two where it is left out.
    #[schemars(range(min = 2))]
    max_records: Option<u32>,
    /// For how many seconds an answer may be used again; not at all where it is left out.
    cache_seconds: Option<u32>,
    /// How many seconds old an answer may be while Dynamics 365 is not to be had; none is used where it is left out.
    stale_seconds: Option<u32>,
}

impl FindCaller {
    fn run(mut self) -> Result<Outcome> {
        if self.look_in.is_empty() {
            self.look_in = Table::usual()?;
        }
        let search = |table: &Table| table.search().active_only(self.active_only);
        let searches: Vec<Search> = self.look_in.iter().map(search).collect();
        let top = self.max_records.unwrap_or(2);
        let found = phone::find(&self.number, &searches, top, &self.read());
        let found = found.map_err(|error| match error.kind {
            // The exit for it would be `not_found`, and a misspelt table is not an unknown caller.
            ErrorKind::NotFound => Failure::invalid("look_in", error),
            _ => error.into(),
        })?;
        let outcome = match found.verdict {
            Verdict::One => Outcome::next(),
            Verdict::Several => Outcome::exit("several_found"),
            Verdict::NoNumber | Verdict::Nobody => Outcome::exit("not_found"),
        };
        let table = found.table(&self.look_in);
        let one = table.filter(|_| found.verdict == Verdict::One && self.id_variable.is_some());
        let id = one.map(|table| id_of(table, &found.records)).transpose()?;
        Ok(outcome
            .set_variable(&self.table_variable, table.map(|table| table.table.as_str()))
            .set_variable(&self.id_variable, id)
            .set_recordset(&self.recordset, found.records))
    }

    fn read(&self) -> Read {
        let age = |seconds: Option<u32>| seconds.map(|count| Duration::from_secs(count.into()));
        Read::new().share().max_age(age(self.cache_seconds)).stale_for(age(self.stale_seconds))
    }
}

fn id_of(table: &Table, found: &RecordSet) -> Result<serde_json::Value> {
    table.id.as_ref().and_then(|column| found.column(0, column)).ok_or_else(|| {
        let problem = format!("`id` names no column of {}; `id_variable` needs it", table.table);
        Failure::invalid("look_in", problem)
    })
}

#[cfg(test)]
mod tests {
    use super::FindCaller;
    use patchcord_block::dynamics::{Error, ErrorKind};
    use patchcord_block::testing::{self, Call, FakeHost};
    use patchcord_block::{Failure, Outcome};
    use serde_json::{Value, json};

    fn find(fake: &FakeHost, more: &Value) -> Result<Outcome, Failure> {
        let mut properties = json!({
            "number": "+13175550125", "recordset": "Caller", "table_variable": "table",
            "id_variable": "id",
        });
        let more = more.as_object().cloned().unwrap_or_default();
        properties.as_object_mut().unwrap().extend(more);
        testing::run::<FindCaller>(fake, properties)
    }

    #[test]
    fn one_record_is_known_with_its_table_and_id() {
        let fake = FakeHost::new().finds_caller(1, [json!({"accountid": "7", "name": "A"})]);
        let outcome = find(&fake, &json!({})).unwrap();
        assert_eq!(outcome.exit_taken(), "next");
        assert_eq!(outcome.variable("table"), Some(&json!("accounts")));
        assert_eq!(outcome.variable("id"), Some(&json!("7")));
        assert_eq!(outcome.recordset("Caller").unwrap().count(), 1);
    }

    #[test]
    fn several_records_have_no_one_id() {
        let rows = [json!({"contactid": "7"}), json!({"contactid": "8"})];
        let outcome = find(&FakeHost::new().finds_caller(0, rows), &json!({})).unwrap();
        assert_eq!(outcome.exit_taken(), "several_found");
        assert_eq!(outcome.variable("table"), Some(&json!("contacts")));
        assert_eq!(outcome.variable("id"), Some(&Value::Null));
        assert_eq!(outcome.recordset("Caller").unwrap().count(), 2);
    }

    #[test]
    fn nobody_and_a_withheld_number_leave_an_empty_recordset() {
        for fake in [FakeHost::new().finds_caller(0, []), FakeHost::new().finds_no_number()] {
            let outcome = find(&fake, &json!({})).unwrap();
            assert_eq!(outcome.exit_taken(), "not_found");
            assert_eq!(outcome.variable("table"), Some(&Value::Null));
            assert_eq!(outcome.variable("id"), Some(&Value::Null));
            assert_eq!(outcome.recordset("Caller").unwrap().count(), 0);
        }
    }

    #[test]
    fn looks_where_the_designer_says() {
        let fake = FakeHost::new().finds_caller(0, []);
        let look_in = json!([{"table": "new_visits", "columns": ["new_phone"]}]);
        let more = json!({"look_in": look_in, "active_only": true, "max_records": 5,
            "cache_seconds": 60, "stale_seconds": 600});
        assert_eq!(find(&fake, &more).unwrap().exit_taken(), "not_found");
        let [Call::Find { number, searches, top, read }] = &fake.calls()[..] else {
            panic!("{:?}", fake.calls())
        };
        assert_eq!((number.as_str(), searches.len(), *top), ("+13175550125", 1, 5));
        let shown = format!("{searches:?} {read:?}");
        for part in [
            "new_visits",
            "new_phone",
            "active_only: true",
            "max_age: Some(60s)",
            "stale_for: Some(600s)",
        ] {
            assert!(shown.contains(part), "{part}: {shown}");
        }
    }

    #[test]
    fn contacts_come_before_accounts_before_leads() {
        let fake = FakeHost::new().finds_caller(0, []);
        assert_eq!(find(&fake, &json!({})).unwrap().exit_taken(), "not_found");
        let shown = format!("{:?}", fake.calls());
        let at = |table| shown.find(table).unwrap();
        assert!(at("\"contacts\"") < at("\"accounts\"") && at("\"accounts\"") < at("\"leads\""));
    }

    #[test]
    fn a_table_without_an_id_column_cannot_fill_the_variable() {
        let fake = FakeHost::new().finds_caller(0, [json!({"new_visitid": "7"})]);
        let look_in = json!([{"table": "new_visits", "columns": ["new_phone"]}]);
        let failure = find(&fake, &json!({"look_in": look_in})).unwrap_err();
        assert!(
            matches!(&failure, Failure::InvalidProperties(text) if text.starts_with("`look_in`"))
        );
    }

    #[test]
    fn a_missing_table_is_no_unknown_caller() {
        let missing = Error::new(ErrorKind::NotFound, "no such table");
        let failure = find(&FakeHost::new().fails(missing), &json!({})).unwrap_err();
        assert!(
            matches!(&failure, Failure::InvalidProperties(text) if text.contains("no such table"))
        );
        let down = Error::new(ErrorKind::Unavailable, "down");
        let failure = find(&FakeHost::new().fails(down.clone()), &json!({})).unwrap_err();
        assert_eq!(failure, Failure::Dynamics(down));
    }
}
