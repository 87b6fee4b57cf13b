//! Microsoft Dynamics Delete Object: removes a record.

use patchcord_block::prelude::*;

/// Removes a record from a table of Dynamics 365.
#[block(
    id = "microsoft-dynamics.delete-object",
    title = "Microsoft Dynamics Delete Object",
    category = "Microsoft Dynamics 365",
    icon = "delete",
    operations(delete),
    tables(),
    exit(no_data, "No Data", "There is no record with this identifier.")
)]
struct DeleteObject {
    /// The kind of record to remove: a table of the list, or the entity set name of any other.
    object_type: EntitySet,
    /// The record: its primary key, such as `$(Caller.contactid)`.
    #[schemars(title = "Object identifier")]
    object_id: RecordId,
}

impl DeleteObject {
    fn run(self) -> Result<Outcome> {
        match dynamics::delete(&self.object_type, &self.object_id) {
            Err(error) if error.is_missing_record() => Ok(Outcome::exit("no_data")),
            answer => Ok(answer.map(|()| Outcome::next())?),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::DeleteObject;
    use patchcord_block::dynamics::{Error, ErrorKind};
    use patchcord_block::testing::{self, Call, FakeHost};
    use patchcord_block::{Failure, Outcome};
    use serde_json::json;

    const ID: &str = "5531d753-95af-e711-a94e-000d3a11e605";

    fn delete(fake: &FakeHost, id: &str) -> Result<Outcome, Failure> {
        testing::run::<DeleteObject>(fake, json!({"object_type": "incidents", "object_id": id}))
    }

    #[test]
    fn removes_the_record() {
        let fake = FakeHost::new().succeeds();
        assert_eq!(delete(&fake, ID).unwrap().exit_taken(), "next");
        let (entity_set, id) = ("incidents".into(), ID.into());
        assert_eq!(fake.calls(), [Call::Delete { entity_set, id }]);
    }

    #[test]
    fn a_missing_record_is_no_data() {
        assert_eq!(delete(&FakeHost::new().misses(), ID).unwrap().exit_taken(), "no_data");
    }

    #[test]
    fn any_other_error_is_a_failure() {
        let error = Error::new(ErrorKind::NotFound, "no such table");
        let failure = delete(&FakeHost::new().fails(error.clone()), ID).unwrap_err();
        assert_eq!(failure, Failure::Dynamics(error));
    }

    #[test]
    fn what_is_no_id_never_reaches_dynamics() {
        let fake = FakeHost::new();
        let failure = delete(&fake, "1)/Microsoft.Dynamics.CRM.Evil(").unwrap_err();
        assert!(failure.to_string().starts_with("invalid properties: `object_id`: "));
        assert!(fake.calls().is_empty());
    }
}
