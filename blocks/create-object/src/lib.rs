//! Microsoft Dynamics Create Object: makes a record from rows of columns, raw JSON, or both.

use patchcord_block::prelude::*;

/// Makes a record in a table of Dynamics 365.
#[block(
    id = "microsoft-dynamics.create-object",
    title = "Microsoft Dynamics Create Object",
    category = "Microsoft Dynamics 365",
    icon = "create",
    operations(create),
    tables()
)]
struct CreateObject {
    /// The kind of record to make: a table of the list, or the entity set name of any other.
    object_type: EntitySet,
    /// The columns of the record: name and value.
    #[serde(default)]
    #[schemars(title = "Set fields")]
    fields: ColumnValues,
    /// The columns as a JSON object, for what rows cannot say. Where a row names the same column, the row counts.
    #[serde(default)]
    #[schemars(title = "Raw JSON")]
    raw_json: JsonText,
    /// The variable that receives the id of the new record. It is set only when the record was made.
    #[schemars(title = "Variable name of object ID")]
    #[variable("The id of the new record.")]
    id_variable: Option<VariableName>,
}

impl CreateObject {
    fn run(self) -> Result<Outcome> {
        let columns = self.fields.over(self.raw_json);
        if columns.is_empty() {
            let problem = "neither it nor `raw_json` names a column to set";
            return Err(Failure::invalid("fields", problem));
        }
        let id = dynamics::create(&self.object_type, &columns)?;
        Ok(Outcome::next().set_variable(&self.id_variable, id.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::CreateObject;
    use patchcord_block::Failure;
    use patchcord_block::dynamics::{Error, ErrorKind};
    use patchcord_block::testing::{self, Call, FakeHost};
    use serde_json::{Value, json};

    const ID: &str = "5531d753-95af-e711-a94e-000d3a11e605";

    #[test]
    fn makes_a_record_of_both_sources_and_keeps_its_id() {
        let fake = FakeHost::new().creates(ID);
        let properties = json!({
            "object_type": "contacts",
            "fields": {"lastname": "O'Neil", "donotphone": true},
            "raw_json": r#"{"lastname": "lost", "telephone1": "+1"}"#,
            "id_variable": "contact",
        });
        let outcome = testing::run::<CreateObject>(&fake, properties).unwrap();
        assert_eq!(outcome.exit_taken(), "next");
        assert_eq!(outcome.variable("contact"), Some(&json!(ID)));
        let columns = json!({"lastname": "O'Neil", "telephone1": "+1", "donotphone": true});
        assert_eq!(fake.calls(), [Call::Create { entity_set: "contacts".into(), columns }]);
    }

    #[test]
    fn the_id_may_go_unused() {
        let fake = FakeHost::new().creates(ID);
        let properties = json!({"object_type": "leads", "raw_json": r#"{"subject": "call"}"#});
        let outcome = testing::run::<CreateObject>(&fake, properties).unwrap();
        assert!(outcome.effects().is_empty());
    }

    #[test]
    fn a_record_without_columns_is_refused_before_dynamics_is_asked() {
        let fake = FakeHost::new();
        for columns in [Value::Null, json!(""), json!("{}")] {
            let mut properties = json!({"object_type": "leads"});
            if !columns.is_null() {
                properties["raw_json"] = columns;
            }
            let failure = testing::run::<CreateObject>(&fake, properties).unwrap_err();
            assert!(
                matches!(&failure, Failure::InvalidProperties(text) if text.starts_with("`fields`"))
            );
        }
        assert!(fake.calls().is_empty());
    }

    #[test]
    fn raw_json_that_is_none_is_named() {
        let properties = json!({"object_type": "leads", "raw_json": "{subject}"});
        let failure = testing::run::<CreateObject>(&FakeHost::new(), properties).unwrap_err();
        assert!(failure.to_string().starts_with("invalid properties: `raw_json`: no JSON object"));
    }

    #[test]
    fn fails_without_setting_the_id() {
        let error = Error::new(ErrorKind::Conflict, "a duplicate was found");
        let properties = json!({"object_type": "leads", "fields": {"a": 1}, "id_variable": "v"});
        let fake = FakeHost::new().fails(error.clone());
        let failure = testing::run::<CreateObject>(&fake, properties).unwrap_err();
        assert_eq!(failure, Failure::Dynamics(error));
    }
}
