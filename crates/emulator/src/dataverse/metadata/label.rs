//! Labels and managed properties: the two forms that most members of a definition have.

use serde_json::{Map, Value as Json, json};

use crate::dataverse::id_of;

/// The one language that the emulated organisation has.
pub(crate) const LANGUAGE: u32 = 1033;

/// `text` in the organisation's language; an empty one is no label. `owner` tells labels apart.
pub(crate) fn label(owner: &str, text: &str) -> Json {
    if text.is_empty() {
        return json!({"LocalizedLabels": [], "UserLocalizedLabel": null});
    }
    let localized = json!({
        "Label": text,
        "LanguageCode": LANGUAGE,
        "IsManaged": true,
        "MetadataId": id_of("label", owner),
        "HasChanged": null,
    });
    json!({"LocalizedLabels": [localized.clone()], "UserLocalizedLabel": localized})
}

/// Takes away the labels that are in none of `languages`.
pub(crate) fn keep_languages(json: &mut Json, languages: &[u32]) {
    if languages.contains(&LANGUAGE) {
        return;
    }
    match json {
        Json::Object(members) if members.contains_key("LocalizedLabels") => {
            members.insert("LocalizedLabels".into(), json!([]));
            members.insert("UserLocalizedLabel".into(), Json::Null);
        }
        Json::Object(members) => {
            members.values_mut().for_each(|value| keep_languages(value, languages));
        }
        Json::Array(items) => items.iter_mut().for_each(|item| keep_languages(item, languages)),
        _ => {}
    }
}

/// A `BooleanManagedProperty`.
pub(crate) fn managed(property: &str, value: bool) -> Json {
    managed_as(property, value, true)
}

pub(crate) fn managed_as(property: &str, value: bool, can_be_changed: bool) -> Json {
    json!({
        "Value": value,
        "CanBeChanged": can_be_changed,
        "ManagedPropertyLogicalName": property,
    })
}

/// An object of many members.
pub(crate) fn object<const N: usize>(members: [(&str, Json); N]) -> Map<String, Json> {
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// The members of an object that is written as a literal.
pub(crate) fn members(json: Json) -> Map<String, Json> {
    match json {
        Json::Object(members) => members,
        _ => Map::new(),
    }
}
