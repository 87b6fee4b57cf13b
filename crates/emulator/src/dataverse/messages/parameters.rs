//! What a message is called with: a function's arguments, in its parentheses or by `@` aliases, and the
//! members of an action's body. Names and types are checked against what the message takes.
//!
//! Sources: webapi/use-web-api-functions, webapi/use-web-api-actions.

use http::StatusCode;
use serde_json::{Map, Value as Json};
use sqlx::SqliteConnection;

use super::super::call::Call;
use super::super::errors::DataverseError;
use super::super::payload;
use super::super::query::expand::split;
use super::super::query::options::{aliases, pairs};
use super::super::resource::{self, Key};
use super::super::schema::Table;
use super::super::values::guid;
use super::super::write;

/// A row that a parameter refers to.
pub(super) struct Target<'a> {
    pub(super) table: &'a Table,
    pub(super) id: String,
}

/// The arguments of a function, as text.
pub(super) struct Arguments(Vec<(String, String)>);

impl Arguments {
    /// Reads `A='x',B=@p1`. A name that is none of `names` is refused.
    pub(super) fn read(
        call: &Call<'_>,
        text: Option<&str>,
        names: &[&str],
    ) -> Result<Self, DataverseError> {
        let pairs = pairs(call.query);
        let aliases = aliases(&pairs);
        let mut found = Vec::new();
        let parts = split(text.unwrap_or_default(), ',').ok_or_else(resource::query_syntax)?;
        for part in parts.into_iter().filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=').ok_or_else(resource::query_syntax)?;
            let (name, value) = (name.trim(), value.trim());
            if !names.contains(&name) {
                let message = format!("The function has no parameter '{name}'.");
                return Err(DataverseError::odata(message));
            }
            let value = match value.starts_with('@') {
                true => aliases.get(value).map(String::as_str).ok_or_else(|| no_alias(value))?,
                false => value,
            };
            found.push((name.to_owned(), value.to_owned()));
        }
        Ok(Self(found))
    }

    pub(super) fn raw(&self, name: &str) -> Result<&str, DataverseError> {
        let found = self.0.iter().find(|(known, _)| known == name);
        let missing = || DataverseError::odata(format!("The parameter '{name}' is missing."));
        found.map(|(_, value)| value.as_str()).ok_or_else(missing)
    }

    /// A text in single quotes.
    pub(super) fn text(&self, name: &str) -> Result<String, DataverseError> {
        let raw = self.raw(name)?;
        let bare = raw.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
        let bare = bare.ok_or_else(|| literal(raw, "Edm.String"))?;
        Ok(bare.replace("''", "'"))
    }

    /// The member of an enumeration: `Microsoft.Dynamics.CRM.EndpointAccessType'Default'`.
    pub(super) fn choice(
        &self,
        name: &str,
        kind: &str,
        known: &[&str],
    ) -> Result<String, DataverseError> {
        let raw = self.raw(name)?;
        let full = format!("Microsoft.Dynamics.CRM.{kind}");
        let quoted = raw.strip_prefix(full.as_str()).unwrap_or(raw);
        let bare = quoted.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
        let bare = bare.filter(|bare| known.contains(bare)).ok_or_else(|| literal(raw, &full))?;
        Ok(bare.to_owned())
    }

    /// A list of texts: `['account','contact']`, quotes of either kind.
    pub(super) fn texts(&self, name: &str) -> Result<Vec<String>, DataverseError> {
        let raw = self.raw(name)?;
        let list = raw.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
        let list = list.ok_or_else(|| literal(raw, "Collection(Edm.String)"))?;
        let items = split(list, ',').unwrap_or_default();
        let items = items.iter().map(|item| item.trim_matches(['\'', '"']).to_owned());
        Ok(items.filter(|item| !item.is_empty()).collect())
    }

    /// A row: `{"@odata.id":"accounts(guid)"}`, in Microsoft's samples also with single quotes.
    pub(super) async fn row<'a>(
        &self,
        call: &'a Call<'_>,
        connection: &mut SqliteConnection,
        name: &str,
    ) -> Result<Target<'a>, DataverseError> {
        let raw = self.raw(name)?;
        let wrong = || literal(raw, "Microsoft.Dynamics.CRM.crmbaseentity");
        let json = serde_json::from_str(raw).or_else(|_| serde_json::from_str(&requoted(raw)));
        let json: Json = json.map_err(|_| wrong())?;
        refer(call, connection, &json, None).await?.ok_or_else(wrong)
    }
}

/// JSON written with single quotes, with double ones.
fn requoted(text: &str) -> String {
    text.replace('\'', "\"")
}

fn no_alias(name: &str) -> DataverseError {
    DataverseError::odata(format!("The parameter alias '{name}' was not given a value."))
}

fn literal(text: &str, kind: &str) -> DataverseError {
    DataverseError::odata(format!(
        "Cannot convert the literal '{text}' to the expected type '{kind}'."
    ))
}

/// The body of an action.
pub(super) struct Body {
    members: Map<String, Json>,
}

impl Body {
    /// Reads the body of `action`. A member that is none of `names` is refused; no body is an empty one.
    pub(super) fn read(
        call: &Call<'_>,
        action: &str,
        names: &[&str],
    ) -> Result<Self, DataverseError> {
        if call.body.iter().all(u8::is_ascii_whitespace) {
            return Ok(Self { members: Map::new() });
        }
        let members: Map<String, Json> = serde_json::from_slice(call.body)
            .map_err(|error| wrong(&format!("the body is no JSON object: {error}")))?;
        let unknown =
            members.keys().find(|name| !name.contains('@') && !names.contains(&name.as_str()));
        match unknown {
            Some(name) => Err(wrong(&format!(
                "The parameter '{name}' in the request payload is not a valid parameter for the operation \
                 '{action}'."
            ))),
            None => Ok(Self { members }),
        }
    }

    fn given(&self, name: &str) -> Option<&Json> {
        self.members.get(name).filter(|value| !value.is_null())
    }

    fn required(&self, name: &str) -> Result<&Json, DataverseError> {
        self.given(name).ok_or_else(|| missing(name))
    }

    pub(super) fn truth(&self, name: &str) -> Result<bool, DataverseError> {
        let value = self.required(name)?;
        value.as_bool().ok_or_else(|| converted(value, "Edm.Boolean"))
    }

    /// A truth that may be left out.
    pub(super) fn optional_truth(&self, name: &str) -> Result<bool, DataverseError> {
        if self.given(name).is_some() { self.truth(name) } else { Ok(false) }
    }

    pub(super) fn number(&self, name: &str) -> Result<i64, DataverseError> {
        let value = self.required(name)?;
        let number = value.as_i64().filter(|number| i32::try_from(*number).is_ok());
        number.ok_or_else(|| converted(value, "Edm.Int32"))
    }

    pub(super) fn text(&self, name: &str) -> Result<&str, DataverseError> {
        let value = self.required(name)?;
        value.as_str().ok_or_else(|| converted(value, "Edm.String"))
    }

    pub(super) fn object(&self, name: &str) -> Result<&Map<String, Json>, DataverseError> {
        let value = self.required(name)?;
        value.as_object().ok_or_else(|| no_object(name))
    }

    pub(super) fn optional_object(
        &self,
        name: &str,
    ) -> Result<Option<&Map<String, Json>>, DataverseError> {
        if self.given(name).is_some() { self.object(name).map(Some) } else { Ok(None) }
    }

    pub(super) fn list(&self, name: &str) -> Result<&Vec<Json>, DataverseError> {
        let value = self.required(name)?;
        let not = || wrong(&format!("A node of type 'StartArray' was expected for '{name}'."));
        value.as_array().ok_or_else(not)
    }

    /// A row that exists; `table` where only rows of one table fit.
    pub(super) async fn row<'a>(
        &self,
        call: &'a Call<'_>,
        connection: &mut SqliteConnection,
        name: &str,
        table: Option<&str>,
    ) -> Result<Target<'a>, DataverseError> {
        let found = self.optional_row(call, connection, name, table).await?;
        found.ok_or_else(|| missing(name))
    }

    /// As [`Body::row`], or `None` where the parameter is left out.
    pub(super) async fn optional_row<'a>(
        &self,
        call: &'a Call<'_>,
        connection: &mut SqliteConnection,
        name: &str,
        table: Option<&str>,
    ) -> Result<Option<Target<'a>>, DataverseError> {
        let Some(value) = self.given(name) else {
            return Ok(None);
        };
        let found = refer(call, connection, value, table).await?;
        found.map(Some).ok_or_else(|| no_object(name))
    }
}

/// The row that `{"@odata.id": address}` or `{"@odata.type": type, key: guid}` refers to.
pub(super) async fn refer<'a>(
    call: &'a Call<'_>,
    connection: &mut SqliteConnection,
    value: &Json,
    table: Option<&str>,
) -> Result<Option<Target<'a>>, DataverseError> {
    let dataverse = call.dataverse();
    let Some(object) = value.as_object() else {
        return Ok(None);
    };
    let (found, key) = match object.get("@odata.id").and_then(Json::as_str) {
        Some(address) => payload::reference(&dataverse.schema, address)?,
        None => {
            let typed = object.get("@odata.type").and_then(Json::as_str);
            let named = typed.and_then(|name| name.rsplit(['.', '#']).next()).or(table);
            let Some(found) = named.and_then(|name| dataverse.schema.by_logical(name)) else {
                let name = typed.unwrap_or_default();
                return Err(wrong(&format!("'{name}' is not the type of a table.")));
            };
            let own = ["ownerid", &*found.key].iter().find_map(|key| object.get(*key));
            let Some(id) = own.and_then(Json::as_str).and_then(guid) else {
                return Err(missing(&found.key));
            };
            (found, Key::Id(id))
        }
    };
    if table.is_some_and(|wanted| wanted != found.logical) {
        let wanted = table.unwrap_or_default();
        let reason =
            format!("A row of '{wanted}' was expected, and this is a '{}'.", found.logical);
        return Err(wrong(&reason));
    }
    let id = write::need(connection, found, &key).await?;
    Ok(Some(Target { table: found, id }))
}

/// A fault of an action's body, which belongs to no entity set.
pub(super) fn wrong(reason: &str) -> DataverseError {
    DataverseError::payload("", &format!("Microsoft.OData.ODataException: {reason}"))
}

fn converted(value: &Json, kind: &str) -> DataverseError {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    wrong(&format!("Cannot convert the literal '{text}' to the expected type '{kind}'."))
}

fn no_object(name: &str) -> DataverseError {
    wrong(&format!("A 'StartObject' node was expected when reading the parameter '{name}'."))
}

fn missing(name: &str) -> DataverseError {
    invalid(&format!("Required field '{name}' is missing"))
}

/// 400 `0x80040203`, InvalidArgument.
pub(super) fn invalid(message: &str) -> DataverseError {
    refused("0x80040203", message)
}

/// A rule of the message that the request breaks.
pub(super) fn refused(code: &'static str, message: &str) -> DataverseError {
    DataverseError::new(StatusCode::BAD_REQUEST, code, message)
}
