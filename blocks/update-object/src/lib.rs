//! Microsoft Dynamics Update Object: changes columns of an existing record.

use patchcord_block::prelude::*;

/// Changes a record of a table of Dynamics 365.
#[block(
    id = "microsoft-dynamics.update-object",
    title = "Microsoft Dynamics Update Object",
    category = "Microsoft Dynamics 365",
    icon = "update",
    operations(update),
    tables(),
    exit(no_data, "No Data", "There is no record with this identifier.")
)]
struct UpdateObject {
    /// The kind of record to change: a table of the list, or the entity set name of any other.
    object_type: EntitySet,
    /// The record: its primary key, such as `$(Caller.contactid)`.
    #[schemars(title = "Object identifier")]
    object_id: RecordId,
    /// The columns to change: name and value.
    #[serde(default)]
    #[schemars(title = "Fields to update")]
    fields: ColumnValues,
    /// The columns as a JSON object, for what rows cannot say. Where a row names the same column, the row counts.
    #[serde(default)]
    #[schemars(title = "Raw JSON")]
    raw_json: JsonText,
}

impl UpdateObject {
    fn run(self) -> Result<Outcome> {
        let columns = self.fields.over(self.raw_json);
        if columns.is_empty() {
            let problem = "neither it nor `raw_json` names a column to change";
            return Err(Failure::invalid("fields", problem));
        }
        match dynamics::update(&self.object_type, &self.object_id, &columns) {
            Err(error) if error.is_missing_record() => Ok(Outcome::exit("no_data")),
            answer => Ok(answer.map(|()| Outcome::next())?),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::UpdateObject;
    use patchcord_block::dynamics::{Error, ErrorKind};
    use patchcord_block::testing::{self, Call, FakeHost};
    use patchcord_block::{Failure, Outcome};
    use serde_json::json;

    const ID: &str = "5531d753-95af-e711-a94e-000d3a11e605";

    fn update(fake: &FakeHost) -> Result<Outcome, Failure> {
        let fields = json!({"jobtitle": null});
        let properties = json!({"object_type": "contacts", "object_id": ID, "fields": fields});
        testing::run::<UpdateObject>(fake, properties)
    }

    #[test]
    fn changes_the_columns_of_the_record() {
        let fake = FakeHost::new().succeeds();
        assert_eq!(update(&fake).unwrap().exit_taken(), "next");
        let (entity_set, id) = ("contacts".into(), ID.into());
        let columns = json!({"jobtitle": null});
        assert_eq!(fake.calls(), [Call::Update { entity_set, id, columns }]);
    }

    #[test]
    fn a_missing_record_is_no_data_and_a_missing_table_is_a_failure() {
        assert_eq!(update(&FakeHost::new().misses()).unwrap().exit_taken(), "no_data");
        let mut error =
            Error::new(ErrorKind::NotFound, "Resource not found for the segment 'contakts'");
        error.code = Some("0x8006088a".into());
        let failure = update(&FakeHost::new().fails(error.clone())).unwrap_err();
        assert_eq!(failure, Failure::Dynamics(error));
    }

    #[test]
    fn needs_a_record_and_a_column() {
        let fake = FakeHost::new();
        for (id, property) in [(ID, "`fields`"), ("", "`object_id`"), ("42", "`object_id`")] {
            let properties = json!({"object_type": "contacts", "object_id": id});
            let failure = testing::run::<UpdateObject>(&fake, properties).unwrap_err();
            assert!(
                matches!(&failure, Failure::InvalidProperties(text) if text.starts_with(property))
            );
        }
        assert!(fake.calls().is_empty());
    }

    #[test]
    fn asks_for_updates_only() {
        let manifest = testing::manifest::<UpdateObject>().unwrap();
        assert_eq!(manifest["operations"], json!(["update"]));
        assert_eq!(manifest["exits"][0]["id"], json!("no_data"));
        assert_eq!(manifest["properties"]["required"], json!(["object_type", "object_id"]));
    }
}
