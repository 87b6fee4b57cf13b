//! Microsoft Dynamics Find Caller: looks a phone number up in the tables that know phone numbers, whatever notation it
//! is stored in, and tells nobody, one and several apart.

use std::time::Duration;

use patchcord_block::dynamics::{ErrorKind, Read};
use patchcord_block::phone::{self, Found, Search, Verdict};
use patchcord_block::{
    Block, EntitySet, Failure, InvalidValue, Manifest, Operation, Outcome, RecordsetName,
    VariableName,
};

/// Looks for the record of a caller by phone number, table by table until one knows it.
#[derive(serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FindCaller {
    /// The number, in any notation, such as `$(item.from)`.
    number: String,
    /// Where to look, in this order; contacts, then accounts, then leads where it is left out.
    #[serde(default)]
    look_in: Vec<Table>,
    /// Name of the recordset that receives what was found: `$(NAME.column)`, `$(NAME.__count__)`.
    #[schemars(title = "Recordset name")]
    recordset: RecordsetName,
    /// The variable that receives the entity set name of the table that knew the number; null where none did.
    table_variable: Option<VariableName>,
    /// The variable that receives the id of the one record found; null unless it is exactly one.
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

/// A table that knows phone numbers.
#[derive(Clone, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Its entity set name, such as `contacts`.
    table: EntitySet,
    /// The columns that hold phone numbers, such as `telephone1`.
    columns: Vec<String>,
    /// The columns to read; all where it is left out.
    #[serde(default)]
    select: Vec<String>,
    /// The column of its primary key, such as `contactid`; needed for `id_variable` only.
    id: Option<String>,
}

/// Tables, phone columns and keys as Dynamics 365's own record identification for incoming calls has them.
const USUAL: [(&str, &str, &[&str], &[&str]); 3] = [
    (
        "contacts",
        "contactid",
        &["telephone1", "telephone2", "telephone3", "mobilephone"],
        &["fullname", "jobtitle", "emailaddress1", "telephone1", "_parentcustomerid_value"],
    ),
    (
        "accounts",
        "accountid",
        &["telephone1", "telephone2"],
        &["name", "accountnumber", "telephone1"],
    ),
    (
        "leads",
        "leadid",
        &["telephone1", "telephone2", "telephone3", "mobilephone"],
        &["fullname", "companyname", "subject", "telephone1"],
    ),
];

impl Block for FindCaller {
    fn manifest() -> Manifest {
        let (id, title) = ("microsoft-dynamics.find-caller", "Microsoft Dynamics Find Caller");
        Manifest::new(id, env!("CARGO_PKG_VERSION"), title)
            .category("Microsoft Dynamics 365")
            .icon("search")
            .operation(Operation::Query)
            .exit("several_found", "Several Found", "Several records of a table have the number.")
            .exit("not_found", "Not Found", "No record has the number, or the caller withheld it.")
            .recordset("recordset", "The records found; empty when nobody has the number.")
            .variable("table_variable", "Entity set name of the table that knew the number.")
            .variable("id_variable", "Id of the one record found.")
    }

    fn run(self) -> Result<Outcome, Failure> {
        let tables = if self.look_in.is_empty() { usual()? } else { self.look_in.clone() };
        let searches: Vec<Search> = tables.iter().map(|table| self.search(table)).collect();
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
        self.leave(outcome, &tables, found)
    }
}

impl FindCaller {
    fn search(&self, table: &Table) -> Search {
        Search::new(&table.table, table.columns.iter().map(String::as_str))
            .select(table.select.iter().map(String::as_str))
            .active_only(self.active_only)
    }

    fn read(&self) -> Read {
        let seconds = |count: u32| Duration::from_secs(count.into());
        let mut read = Read::new().share();
        if let Some(count) = self.cache_seconds {
            read = read.max_age(seconds(count));
        }
        if let Some(count) = self.stale_seconds {
            read = read.stale_for(seconds(count));
        }
        read
    }

    fn leave(
        &self,
        mut outcome: Outcome,
        tables: &[Table],
        found: Found,
    ) -> Result<Outcome, Failure> {
        let table = found.search.and_then(|at| tables.get(at));
        if let Some(name) = &self.table_variable {
            outcome = outcome.set_variable(name, table.map(|table| table.table.as_str()));
        }
        if let Some(name) = &self.id_variable {
            let one = table.filter(|_| found.verdict == Verdict::One);
            let id = one.map(|table| id_of(table, &found)).transpose()?;
            outcome = outcome.set_variable(name, id);
        }
        Ok(outcome.set_recordset(&self.recordset, found.records))
    }
}

fn id_of(table: &Table, found: &Found) -> Result<serde_json::Value, Failure> {
    let id = table.id.as_ref().and_then(|column| found.records.column(0, column));
    id.ok_or_else(|| {
        let problem = format!("`id` names no column of {}; `id_variable` needs it", table.table);
        Failure::invalid("look_in", problem)
    })
}

fn usual() -> Result<Vec<Table>, Failure> {
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let table = |(table, id, columns, select): &(&str, &str, &[&str], &[&str])| {
        Ok::<_, InvalidValue>(Table {
            table: EntitySet::new(*table)?,
            columns: owned(columns),
            select: owned(select),
            id: Some((*id).to_owned()),
        })
    };
    let tables: Result<_, _> = USUAL.iter().map(table).collect();
    tables.map_err(|error| Failure::invalid("look_in", error))
}

patchcord_block::export!(FindCaller);

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
