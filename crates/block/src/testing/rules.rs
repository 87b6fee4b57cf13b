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
    use serde_json::json;

    use crate::dynamics::{self, ErrorKind};
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
}
