//! `Microsoft.Dynamics.CRM.*` query functions: their parameters read and handed to the operators, which
//! FetchXML has in common with them.

use serde_json::Value as Json;

use super::super::errors::DataverseError;
use super::ast::Expr;
use super::conditions::condition;
use super::operators::{Operator, Parameters};
use super::scope::{NAMESPACE, Row, Scope};

/// A text as a parameter value: the form in which it would have been sent between double quotes.
pub(crate) fn quoted(text: &str) -> String {
    Json::from(text).to_string()
}

/// A call with its parameters as they were sent, each a literal, a JSON value or a list.
pub(crate) fn call(
    scope: Scope<'_>,
    row: Row<'_>,
    name: &str,
    parameters: &[(String, String)],
) -> Result<Expr, DataverseError> {
    let unknown =
        || DataverseError::odata(format!("An unknown function with name '{name}' was found."));
    let bare = name.strip_prefix(NAMESPACE).unwrap_or(name);
    let operator = Operator::from_function(bare).ok_or_else(unknown)?;
    let expected: &[&str] = match operator.parameters() {
        Parameters::None => &[],
        Parameters::One => &["PropertyValue"],
        Parameters::Two => &["PropertyValue1", "PropertyValue2"],
        Parameters::Pair | Parameters::Many => &["PropertyValues"],
    };
    let fits = parameters.len() == expected.len() + 1
        && parameters
            .iter()
            .all(|(name, _)| name == "PropertyName" || expected.contains(&name.as_str()));
    if !fits {
        return Err(DataverseError::odata(format!(
            "Cannot find a suitable overload for function '{name}' that takes '{}' arguments.",
            parameters.len()
        )));
    }
    let value = |wanted: &str| {
        let found = parameters.iter().find(|(name, _)| name == wanted);
        found.map(|(_, value)| value.as_str()).unwrap_or_default()
    };
    let column = scope.column(row, &scalar(value("PropertyName")))?;
    let mut values = Vec::new();
    for name in expected {
        match *name {
            "PropertyValues" => values.extend(list(value(name))?),
            name => values.push(scalar(value(name))),
        }
    }
    condition(scope.schema, row.table, column, operator, &values, scope.context)
}

/// One value: `'text'`, `"text"`, `5`, `true`.
fn scalar(text: &str) -> String {
    let text = text.trim();
    if let Some(inner) = text.strip_prefix('\'').and_then(|text| text.strip_suffix('\'')) {
        return inner.replace("''", "'");
    }
    match serde_json::from_str(text) {
        Ok(Json::String(text)) => text,
        _ => text.to_owned(),
    }
}

/// `["a","b"]`, also with single quotes, within which there is then no apostrophe.
fn list(text: &str) -> Result<Vec<String>, DataverseError> {
    let comma = || {
        DataverseError::odata(
            "Invalid JSON. A comma character ',' was expected in scope 'Array'. Every two elements in an \
             array and properties of an object must be separated by commas.",
        )
    };
    let inner = text.trim().strip_prefix('[').and_then(|text| text.strip_suffix(']'));
    let inner = inner.ok_or_else(comma)?.trim();
    if let Ok(values) = serde_json::from_str::<Vec<Json>>(text.trim()) {
        let as_text =
            |value: &Json| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        return Ok(values.iter().map(as_text).collect());
    }
    let mut values = Vec::new();
    let mut rest = inner;
    while !rest.is_empty() {
        let (value, after) = match rest.strip_prefix('\'') {
            Some(text) => text.split_once('\'').ok_or_else(comma)?,
            None => rest.split_at(rest.find(',').unwrap_or(rest.len())),
        };
        values.push(value.trim().to_owned());
        rest = match after.trim_start() {
            "" => "",
            after => after.strip_prefix(',').ok_or_else(comma)?.trim_start(),
        };
    }
    Ok(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_take_both_quotes_and_the_documented_error() {
        assert_eq!(list("[\"O'Brian\",\"b\"]").unwrap(), ["O'Brian", "b"]);
        assert_eq!(list("['a', 'b,c']").unwrap(), ["a", "b,c"]);
        assert_eq!(list("[1,2]").unwrap(), ["1", "2"]);
        // Source: webapi/query/filter-rows, "Manage single quotes".
        let error = list("['OBrian','O'Brian']").unwrap_err();
        assert!(error.message.starts_with("Invalid JSON. A comma character ','"));
    }

    #[test]
    fn one_value_is_read_in_each_of_its_forms() {
        assert_eq!(scalar("'O''Brien'"), "O'Brien");
        assert_eq!(scalar("\"5\""), "5");
        assert_eq!(scalar("5"), "5");
    }
}
