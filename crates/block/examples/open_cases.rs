//! Open Cases: counts the open cases of a caller, so that a scenario can send the worried ones ahead.

use patchcord_block::prelude::*;

/// Counts the open cases of a contact.
#[block(
    id = "example.open-cases",
    title = "Open Cases",
    category = "Examples",
    icon = "case",
    operations(query),
    tables("incidents"),
    exit(many, "Many", "The caller has many open cases.")
)]
struct OpenCases {
    /// The caller: primary key of the contact, such as `$(Caller.contactid)`.
    contact: RecordId,
    /// The variable that receives the number of open cases.
    #[variable("Number of open cases.")]
    count: VariableName,
    /// Cases that count as many; three where it is left out.
    many: Option<u32>,
}

impl OpenCases {
    fn run(self) -> Result<Outcome> {
        let cases = dynamics::Query::table("incidents")
            .filter(column("_customerid_value").eq(&self.contact))
            .filter(column("statecode").eq(0))
            .select(["title"])
            .fetch()?;
        if let Some(title) = cases.column(0, "title") {
            log::info!("one of them: {title}");
        }
        let outcome = match cases.count() >= self.many.unwrap_or(3) {
            true => Outcome::exit("many"),
            false => Outcome::next(),
        };
        Ok(outcome.set_variable(&self.count, cases.count()))
    }
}

#[cfg(test)]
mod tests {
    use super::OpenCases;
    use patchcord_block::Failure;
    use patchcord_block::testing::{self, FakeHost};
    use serde_json::json;

    const CONTACT: &str = "5531d753-95af-e711-a94e-000d3a11e605";

    #[test]
    fn two_cases_are_many_where_two_are_said_to_be() -> Result<(), Failure> {
        let fake = FakeHost::new().finds([json!({"title": "No tone"}), json!({"title": "Echo"})]);
        let properties = json!({"contact": CONTACT, "count": "cases", "many": 2});
        let outcome = testing::run::<OpenCases>(&fake, properties)?;
        assert_eq!(outcome.exit_taken(), "many");
        assert_eq!(outcome.variable("cases"), Some(&json!(2)));
        Ok(())
    }
}
