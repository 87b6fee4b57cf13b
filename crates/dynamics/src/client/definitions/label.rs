//! A label in all the languages that the organisation has it in.

use serde::Deserialize;

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Label {
    #[serde(default)]
    localized_labels: Option<Vec<Localized>>,
    /// In the language of the consenting user.
    #[serde(default)]
    user_localized_label: Option<Localized>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Localized {
    #[serde(default)]
    label: Option<String>,
    /// LCID, such as 1033.
    #[serde(default)]
    language_code: u32,
}

impl Label {
    /// The text in `language` where there is one, else in the consenting user's, else in any.
    pub(super) fn text(&self, language: Option<u32>) -> Option<&str> {
        let all = || self.localized_labels.iter().flatten();
        let wanted = all().find(|label| Some(label.language_code) == language);
        let choices = wanted.into_iter().chain(&self.user_localized_label).chain(all());
        choices.filter_map(|label| label.label.as_deref()).find(|text| !text.trim().is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_asked_for_comes_first() {
        let label: Label = serde_json::from_str(
            r#"{"LocalizedLabels":[{"Label":"Account","LanguageCode":1033},{"Label":"Firma","LanguageCode":1031}],
                "UserLocalizedLabel":{"Label":"Account","LanguageCode":1033}}"#,
        )
        .unwrap();
        assert_eq!(label.text(Some(1031)), Some("Firma"));
        assert_eq!(label.text(Some(1036)), Some("Account"));
        assert_eq!(label.text(None), Some("Account"));
        let empty: Label =
            serde_json::from_str(r#"{"LocalizedLabels":[],"UserLocalizedLabel":null}"#).unwrap();
        assert_eq!(empty.text(None), None);
    }
}
