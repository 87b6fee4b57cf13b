//! The way into a value: by the names of an object, the indexes of a list, to an annotation, and to a label.

use std::borrow::Cow;

use serde_json::Value;

/// The annotation that holds the text of a choice, a lookup or a date ("Request formatted values", Web API).
const FORMATTED: &str = "@OData.Community.Display.V1.FormattedValue";
/// The last name of a path that asks for it.
pub(crate) const LABEL: &str = "label";

/// What stands in `value` where `rest` leads; none where nothing does.
pub(crate) fn walk<'a>(value: &'a Value, rest: &[String]) -> Option<Cow<'a, Value>> {
    match (value, rest) {
        (value, []) => Some(Cow::Borrowed(value)),
        (Value::Array(items), [index, rest @ ..]) => {
            walk(items.get(index.parse::<usize>().ok()?)?, rest)
        }
        (Value::Object(entries), rest) => column(|name| entries.get(name).map(Cow::Borrowed), rest),
        _ => None,
    }
}

/// What stands in a record where `rest` leads. `get` gives a column by its name.
pub(crate) fn column<'a>(
    get: impl Fn(&str) -> Option<Cow<'a, Value>>,
    rest: &[String],
) -> Option<Cow<'a, Value>> {
    let (name, rest) = rest.split_first()?;
    // The name of an annotation has dots in it: `status@OData.Community.Display.V1.FormattedValue`.
    if name.contains('@') {
        let name = rest.iter().fold(name.clone(), |name, part| format!("{name}.{part}"));
        return get(&name);
    }
    let value = get(name)?;
    let nothing = value.is_null();
    let found = match value {
        Cow::Borrowed(value) => walk(value, rest),
        Cow::Owned(value) => walk(&value, rest).map(|found| Cow::Owned(found.into_owned())),
    };
    match rest {
        [label] if found.is_none() && label == LABEL => match nothing {
            // Nothing has no text; whatever else has one only where the record was read with it.
            true => Some(Cow::Owned(Value::Null)),
            false => get(&format!("{name}{FORMATTED}")),
        },
        _ => found,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn of(value: &Value, path: &str) -> Option<Value> {
        let rest: Vec<String> = path.split('.').map(str::to_owned).collect();
        walk(value, &rest).map(Cow::into_owned)
    }

    #[test]
    fn a_label_is_the_formatted_value_of_the_same_object() {
        let record = json!({
            "prioritycode": 1,
            "prioritycode@OData.Community.Display.V1.FormattedValue": "High",
            "_customerid_value": "5531d753-95af-e711-a94e-000d3a11e605",
            "_customerid_value@OData.Community.Display.V1.FormattedValue": "Ann",
            "statuscode": null,
            "bare": 7,
            "customerid_contact": {
                "label": "own",
                "fullname": "Ann O'Neil",
                "gendercode": 2,
                "gendercode@OData.Community.Display.V1.FormattedValue": "Female",
            },
            "tasks": [{"statecode": 0, "statecode@OData.Community.Display.V1.FormattedValue": "Open"}],
        });
        assert_eq!(of(&record, "prioritycode.label"), Some(json!("High")));
        assert_eq!(of(&record, "_customerid_value.label"), Some(json!("Ann")));
        assert_eq!(of(&record, "customerid_contact.fullname"), Some(json!("Ann O'Neil")));
        assert_eq!(of(&record, "customerid_contact.gendercode.label"), Some(json!("Female")));
        let annotation = "customerid_contact.gendercode@OData.Community.Display.V1.FormattedValue";
        assert_eq!(of(&record, annotation), Some(json!("Female")));
        assert_eq!(of(&record, "tasks.0.statecode.label"), Some(json!("Open")));
        assert_eq!(
            of(&record, "customerid_contact.label"),
            Some(json!("own")),
            "a column of its own"
        );
        assert_eq!(of(&record, "statuscode.label"), Some(Value::Null));
        assert_eq!(of(&record, "bare.label"), None, "read without formatted values");
        assert_eq!(of(&record, "missing.label"), None);
        assert_eq!(of(&record, "label"), None);
    }
}
