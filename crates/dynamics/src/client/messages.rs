//! Actions and functions, bound to a record or not.
//!
//! "Use Web API actions" and "Use Web API functions" of Microsoft's documentation. What an action does is its own
//! affair, so one that may have been carried out is never sent again.

use std::time::Instant;

use http::Method;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::account::Operation;
use crate::client::Client;
use crate::client::answer::Answer;
use crate::client::columns::Columns;
use crate::client::core::unreadable;
use crate::client::record_key::RecordKey;
use crate::error::{Error, excerpt};
use crate::exchange::{Call, Repeat};
use crate::resource_path::{is_identifier, message_name};

type Target<'a> = Option<(&'a str, &'a RecordKey)>;

impl Client {
    /// Carries out an action with `parameters`, a JSON object. Its name may be qualified
    /// (`Microsoft.Dynamics.CRM.QualifyLead`) or not; an answer without a body is `null`.
    ///
    /// Where the policy names tables, an action that is bound to none is allowed if its own name is among them.
    ///
    /// # Errors
    /// Any [`crate::ErrorKind`]; after `Timeout` and `Unavailable` the action may have been carried out, and the
    /// message says so.
    pub async fn execute(
        &self,
        bound_to: Target<'_>,
        action: &str,
        parameters: &str,
        deadline: Instant,
    ) -> Result<Answer<Box<RawValue>>, Error> {
        let path = self.message(Operation::Execute, bound_to, action)?;
        let parameters = if parameters.trim().is_empty() { "{}" } else { parameters };
        let mut call = Call::new("execute", Method::POST, self.core.address(&path, ""));
        let body = Columns::read(parameters).map_err(|_| no_parameters())?.into_bytes();
        call.body = Some(body);
        call.repeat = Repeat::OnlyIfUnsent;
        // An action may write to any table.
        let _forgetting = (!self.core.rehearses()).then(|| ForgettingAll(self));
        self.core.perform(&call, deadline).await?.answer.try_map(|(), body| result(body))
    }

    /// Asks a function. `parameters` is a JSON object; text is sent in quotes unless it is a GUID or a member of an
    /// enumeration (`Microsoft.Dynamics.CRM.TargetFieldType'All'`), all else as it stands.
    ///
    /// # Errors
    /// Any [`crate::ErrorKind`] but `Conflict`.
    pub async fn call_function(
        &self,
        bound_to: Target<'_>,
        function: &str,
        parameters: &str,
        deadline: Instant,
    ) -> Result<Answer<Box<RawValue>>, Error> {
        let path = self.message(Operation::Query, bound_to, function)?;
        let (arguments, aliases) = arguments(parameters)?;
        let address = self.core.address(&format!("{path}({arguments})"), &aliases);
        let call = Call::new("function", Method::GET, address);
        let received = self.core.perform(&call, deadline).await?;
        received.answer.try_map(|(), body| result(body))
    }

    /// The path of an action or function that the policy allows.
    fn message(
        &self,
        operation: Operation,
        bound_to: Target<'_>,
        name: &str,
    ) -> Result<String, Error> {
        let message = message_name(name, bound_to.is_some())?;
        let Some((entity_set, key)) = bound_to else {
            self.core.allow(operation, &message)?;
            return Ok(message);
        };
        self.core.allow(operation, entity_set)?;
        Ok(format!("{entity_set}({})/{message}", key.in_address()))
    }
}

/// Forgets what was read when it is dropped: at the end of an action, however it ended.
struct ForgettingAll<'a>(&'a Client);

impl Drop for ForgettingAll<'_> {
    fn drop(&mut self) {
        self.0.forget_answers();
    }
}

fn result(body: &str) -> Result<Box<RawValue>, Error> {
    let body = if body.trim().is_empty() { "null" } else { body };
    serde_json::from_str(body).map_err(|_| unreadable("the answer of an action or function"))
}

fn no_parameters() -> Error {
    Error::invalid("the parameters are no JSON object, such as {\"Status\": 3}")
}

/// `A=@p1,B=@p2`, and the query that says what they are.
fn arguments(parameters: &str) -> Result<(String, String), Error> {
    let parameters = if parameters.trim().is_empty() { "{}" } else { parameters };
    let members: Map<String, Value> =
        serde_json::from_str(parameters).map_err(|_| no_parameters())?;
    let (mut names, mut aliases) = (Vec::new(), Vec::new());
    for (at, (name, value)) in members.iter().enumerate() {
        if !is_identifier(name) {
            let shown = excerpt(name);
            return Err(Error::invalid(format!("'{shown}' is no name of a parameter")));
        }
        let literal = literal(value);
        names.push(format!("{name}=@p{}", at + 1));
        let encoded = utf8_percent_encode(&literal, NON_ALPHANUMERIC);
        aliases.push(format!("@p{}={encoded}", at + 1));
    }
    Ok((names.join(","), aliases.join("&")))
}

/// A value as OData writes it.
fn literal(value: &Value) -> String {
    match value {
        Value::String(text) if is_bare(text) => text.clone(),
        Value::String(text) => format!("'{}'", text.replace('\'', "''")),
        other => other.to_string(),
    }
}

fn is_bare(text: &str) -> bool {
    let is_guid = text.len() == 36 && Uuid::try_parse(text).is_ok();
    let member =
        text.strip_prefix("Microsoft.Dynamics.CRM.").and_then(|rest| rest.split_once('\''));
    let is_member = member.is_some_and(|(kind, member)| {
        is_identifier(kind) && member.strip_suffix('\'').is_some_and(is_identifier)
    });
    is_guid || is_member
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_written_as_aliases() {
        let (names, aliases) = arguments(
            r#"{"A": "O'Neill", "B": "00aa0000-0000-0000-0000-00000000000f", "C": ["x"], "D": true,
                "E": "Microsoft.Dynamics.CRM.TargetFieldType'All'", "F": {"@odata.id": "accounts(1)"}}"#,
        )
        .unwrap();
        assert_eq!(names, "A=@p1,B=@p2,C=@p3,D=@p4,E=@p5,F=@p6");
        let sent: Vec<_> =
            url::form_urlencoded::parse(aliases.as_bytes()).map(|(_, v)| v.into_owned()).collect();
        assert_eq!(
            sent,
            [
                "'O''Neill'",
                "00aa0000-0000-0000-0000-00000000000f",
                r#"["x"]"#,
                "true",
                "Microsoft.Dynamics.CRM.TargetFieldType'All'",
                r#"{"@odata.id":"accounts(1)"}"#,
            ]
        );
        assert_eq!(arguments(" ").unwrap(), (String::new(), String::new()));
        assert!(arguments(r#"{"a b": 1}"#).is_err());
        assert!(arguments("[1]").is_err());
    }
}
