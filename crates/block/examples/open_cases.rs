//! Open Cases: counts the open cases of a caller, so that a scenario can send the worried ones ahead.

use patchcord_block::{
    Block, Failure, Manifest, Operation, Outcome, RecordId, VariableName, dynamics, log, odata,
};

/// Counts the open cases of a contact.
#[derive(serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenCases {
    /// The caller: primary key of the contact, such as `$(Caller.contactid)`.
    contact: RecordId,
    /// The variable that receives the number of open cases.
    count: VariableName,
    /// Cases that count as many; three where it is left out.
    many: Option<u32>,
}

impl Block for OpenCases {
    fn manifest() -> Manifest {
        Manifest::new("example.open-cases", env!("CARGO_PKG_VERSION"), "Open Cases")
            .category("Examples")
            .icon("case")
            .operation(Operation::Query)
            .exit("many", "Many", "The caller has many open cases.")
            .variable("count", "Number of open cases.")
    }

    fn run(self) -> Result<Outcome, Failure> {
        let contact = odata::literal(&self.contact);
        let open = odata::Query::new()
            .select(["title"])
            .filter(&format!("_customerid_value eq {contact} and statecode eq 0"));
        let cases = dynamics::query("incidents", open)?;
        if let Some(title) = cases.column(0, "title") {
            log::info(format!("one of them: {title}"));
        }
        let outcome = match cases.count() >= self.many.unwrap_or(3) {
            true => Outcome::exit("many"),
            false => Outcome::next(),
        };
        Ok(outcome.set_variable(&self.count, cases.count()))
    }
}

patchcord_block::export!(OpenCases);

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
