//! What the real host checks in an outcome before it does any of it.

use serde_json::Value;

use crate::{Effect, Failure, Manifest, Outcome, OutputKind};

/// Refuses an outcome that goes beyond the manifest.
pub(super) fn check(
    outcome: &Outcome,
    manifest: &Manifest,
    properties: &Value,
) -> Result<(), Failure> {
    let exit = outcome.exit_taken();
    if !matches!(exit, "next" | "failed") && manifest.exits.iter().all(|known| known.id != exit) {
        return Err(undeclared(format!("the exit `{exit}`")));
    }
    let named = |kind, name: &str| {
        manifest.outputs.iter().any(|output| {
            output.kind == kind
                && properties.get(&output.property).and_then(Value::as_str) == Some(name)
        })
    };
    for effect in outcome.effects() {
        let (declared, what) = match effect {
            Effect::SetVariable(name, _) => {
                (named(OutputKind::Variable, name.as_str()), format!("the variable `{name}`"))
            }
            Effect::SetRecordset(name, _) => {
                (named(OutputKind::Recordset, name.as_str()), format!("the recordset `{name}`"))
            }
            Effect::SelectAccount(_) => (manifest.selects_account, "selecting an account".into()),
            Effect::PopScreen(..) => (manifest.pops_screen, "popping a screen".into()),
        };
        if !declared {
            return Err(undeclared(what));
        }
    }
    Ok(())
}

fn undeclared(what: String) -> Failure {
    Failure::other(format!(
        "the host would refuse this outcome: the manifest does not declare {what}"
    ))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use crate::dynamics::{self, ErrorKind, Read, Reference, Write};
    use crate::testing::{self, Call, FakeHost};
    use crate::{
        AccountRef, Block, EntitySet, Failure, Manifest, Operation, Outcome, RecordId,
        RecordsetName, VariableName,
    };

    const ID: &str = "5531d753-95af-e711-a94e-000d3a11e605";

    /// Does what it is told, declared or not.
    #[derive(serde::Deserialize, schemars::JsonSchema)]
    struct Told {
        what: String,
        variable: VariableName,
        recordset: RecordsetName,
    }

    impl Block for Told {
        fn manifest() -> Manifest {
            Manifest::new("test.told", "1.0.0", "Told")
                .operation(Operation::Query)
                .exit("known", "Known", "Always.")
                .variable("variable", "A value.")
        }

        fn run(self) -> Result<Outcome, Failure> {
            let id = RecordId::new(ID).map_err(|error| Failure::other(error.to_string()))?;
            let next = Outcome::next();
            Ok(match self.what.as_str() {
                "known" => Outcome::exit("known"),
                "variable" => next.set_variable(&self.variable, 1).set_variable(&self.variable, 2),
                "recordset" => {
                    next.set_recordset(&self.recordset, dynamics::query("contacts", "$top=1")?)
                }
                "account" => next.select_account(&AccountRef::new("7").unwrap()),
                "screen" => next.pop_screen(&EntitySet::new("contacts").unwrap(), &id),
                "delete" => dynamics::delete("contacts", &id).map(|()| next)?,
                other => Outcome::exit(other),
            })
        }
    }

    fn told(fake: &FakeHost, what: &str) -> Result<Outcome, Failure> {
        testing::run::<Told>(fake, json!({"what": what, "variable": "v", "recordset": "r"}))
    }

    #[test]
    fn what_is_declared_is_let_through() {
        let fake = FakeHost::new();
        assert_eq!(told(&fake, "known").unwrap().exit_taken(), "known");
        let outcome = told(&fake, "variable").unwrap();
        assert_eq!(outcome.variable("v"), Some(&json!(2)));
        assert_eq!(outcome.effects().len(), 2);
    }

    #[test]
    fn what_is_not_declared_is_refused() {
        let fake = FakeHost::new().finds([]);
        for what in ["recordset", "account", "screen", "nowhere"] {
            let failure = told(&fake, what).unwrap_err().to_string();
            assert!(failure.starts_with("the host would refuse this outcome"), "{what}: {failure}");
        }
        match told(&fake, "delete").unwrap_err() {
            Failure::Dynamics(error) => assert_eq!(error.kind, ErrorKind::PolicyDenied),
            other => panic!("{other:?}"),
        }
        let options = "$top=1".into();
        assert_eq!(fake.calls(), [Call::Query { entity_set: "contacts".into(), options }]);
    }

    #[test]
    fn a_call_without_a_fitting_answer_fails() {
        let failure = told(&FakeHost::new(), "recordset").unwrap_err().to_string();
        assert!(failure.contains("no answer left for Query"), "{failure}");
        let failure = told(&FakeHost::new().succeeds(), "recordset").unwrap_err().to_string();
        assert!(failure.contains("does not fit Query"), "{failure}");
    }

    #[test]
    fn clock_and_randomness_are_the_tests_own() {
        let bytes = crate::call::random(5000);
        assert_eq!(bytes.len(), 4096);
        assert_ne!(crate::call::random(8), crate::call::random(8));
        assert_eq!(crate::odata::literal(crate::call::now()), "2026-01-31T10:00:00Z");
    }

    /// Calls what 1.1 has added, with a manifest that lists too little.
    #[derive(serde::Deserialize, schemars::JsonSchema)]
    struct Newer {
        what: String,
    }

    impl Block for Newer {
        fn manifest() -> Manifest {
            let manifest = Manifest::new("test.newer", "1.0.0", "Newer");
            manifest.operation(Operation::Query).operation(Operation::Update)
        }

        fn run(self) -> Result<Outcome, Failure> {
            let record = Reference::by("accounts", [("accountnumber", "A'1")]);
            let columns = json!({"name": "A"});
            match self.what.as_str() {
                "upsert" => drop(dynamics::upsert(&record, &columns, &Write::new())?),
                "delete" => dynamics::delete_with(&record, Some("W/\"1\""))?,
                "update" => {
                    let write = Write::new().if_unchanged("W/\"1\"").returning(["name"]);
                    let row = dynamics::update_with(&record, &columns, &write)?;
                    assert_eq!(row.and_then(|row| row.column(0, "name")), Some(json!("B")));
                }
                "associate" => dynamics::associate(&record, "contact_customer_accounts", &record)?,
                "count" => assert_eq!(dynamics::count("contacts", "statecode eq 0")?, 3),
                "execute" => {
                    let answer: serde_json::Value = dynamics::execute(None, "WinQuote", &columns)?;
                    assert_eq!(answer, json!({"done": true}));
                }
                _ => {
                    let read = Read::new().max_records(200).annotations();
                    let found = dynamics::fetch_xml("contacts", "<fetch/>", &read)?;
                    assert!(found.stale() && found.age() == Some(Duration::from_secs(90)));
                }
            }
            Ok(Outcome::next())
        }
    }

    fn newer(fake: &FakeHost, what: &str) -> Result<Outcome, Failure> {
        testing::run::<Newer>(fake, json!({ "what": what }))
    }

    #[test]
    fn what_is_newer_goes_by_the_operations_of_the_manifest() {
        for what in ["upsert", "delete"] {
            match newer(&FakeHost::new().succeeds(), what).unwrap_err() {
                Failure::Dynamics(error) => assert_eq!(error.kind, ErrorKind::PolicyDenied),
                other => panic!("{other:?}"),
            }
        }
        let fake = FakeHost::new()
            .answers(json!({"name": "B"}))
            .succeeds()
            .counts(3)
            .answers(json!({"done": true}))
            .finds_aged([], Duration::from_secs(90), true);
        for what in ["update", "associate", "count", "execute", "fetch"] {
            assert!(newer(&fake, what).is_ok(), "{what}: {:?}", fake.calls());
        }
        let record = Reference::by("accounts", [("accountnumber", "A'1")]);
        let write = Write::new().if_unchanged("W/\"1\"").returning(["name"]);
        let columns = json!({"name": "A"});
        assert_eq!(fake.calls()[0], Call::UpdateWith { record, columns, write });
    }
}
