//! Fetch URL: asks a web server that the operator allows.
//!
//! What it answers with success and says nothing is *no data*: an empty body, or `null`, `[]` or `{}` where JSON is asked
//! for.

use patchcord_runtime::{Manifest, Output, OutputKind};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{About, Context, CoreBlock, CoreFailure, CoreOutcome, exit_of};
use crate::fetch::{FetchRequest, Fetched};
use crate::trace::FailureKind;

/// Status of the last answer; null where there was none.
const RESULT_CODE: &str = "fetchURLResultCode";
/// Body of the last answer, or the message of the failure where there was none.
const RESULT_BODY: &str = "fetchURLResultBody";
const NO_DATA: &str = "no_data";
/// Whose repetition a server can recognise by it, as the draft of the IETF names it.
const IDEMPOTENCY_KEY: &str = "Idempotency-Key";

/// Properties of Fetch URL.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Properties {
    /// What to do there.
    #[serde(default)]
    method: Method,
    /// The address. A value within it is percent-encoded; one that is the whole address is taken as it is.
    #[schemars(extend("x-patchcord-kind" = "url"))]
    url: String,
    /// Parameters of the address: name and value. They are encoded.
    #[serde(default)]
    parameters: Map<String, Value>,
    /// Headers: name and value.
    #[serde(default)]
    headers: Map<String, Value>,
    /// The body: text, or any JSON.
    #[serde(default)]
    body: Value,
    /// What the body is; `application/json` for JSON, `text/plain; charset=utf-8` for text where nothing is said.
    #[serde(default)]
    content_type: Option<String>,
    /// The variable that gets the answer, which must be JSON then.
    #[serde(default)]
    #[schemars(extend("x-patchcord-kind" = "variable-name"))]
    result_variable: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
enum Method {
    #[default]
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

impl Method {
    fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

pub(crate) fn manifest() -> Manifest {
    About {
        block: CoreBlock::FetchUrl,
        title: "Fetch URL",
        description: "Asks a web server that the operator of this host allows.",
        icon: "globe",
        exits: vec![exit_of(NO_DATA, "No Data", "The server answered, and had nothing to say.")],
        outputs: vec![Output {
            property: "result_variable".into(),
            kind: OutputKind::Variable,
            description: "The JSON that the server answered.".into(),
        }],
    }
    .manifest::<Properties>()
}

/// Whether a request whose property `method` is this one may change anything.
pub(crate) fn writes(method: &Value) -> bool {
    method != Method::Get.name()
}

pub(crate) async fn run(
    properties: Properties,
    context: &mut Context<'_>,
) -> Result<CoreOutcome, CoreFailure> {
    let reads = properties.method == Method::Get;
    let result_variable = properties.result_variable.clone();
    let asking = context.fetch(request(properties, context)?);
    let fetched = tokio::select! {
        biased;
        fetched = asking => fetched,
        () = context.cancelled.cancelled(), if reads => return Err(CoreFailure::cancelled()),
    };
    let fetched = match fetched {
        Ok(fetched) => fetched,
        Err(error) => {
            context.variables.set(RESULT_CODE, Value::Null);
            context.variables.set(RESULT_BODY, error.message.clone().into());
            return Err(CoreFailure { kind: error.kind, message: error.message });
        }
    };
    let Fetched { status, body } = fetched;
    context.variables.set(RESULT_CODE, status.into());
    context.variables.set_text(RESULT_BODY, body.as_str().into());
    let answered = answered(status, &body, result_variable.is_some())?;
    let exit = if answered.is_none() { NO_DATA } else { "next" };
    if let (Some(name), Some(answer)) = (result_variable, answered) {
        context.variables.set(&name, answer);
    }
    Ok(CoreOutcome::Leave(exit))
}

fn request(properties: Properties, context: &Context<'_>) -> Result<FetchRequest, String> {
    let Properties { method, url, parameters, headers, body, content_type, .. } = properties;
    let mut headers = pairs("headers", headers)?;
    let mut add = |name: &str, value: String| {
        if !headers.iter().any(|(there, _)| there.eq_ignore_ascii_case(name)) {
            headers.push((name.to_owned(), value));
        }
    };
    let (body, usual) = match body {
        Value::Null => (None, None),
        Value::String(text) => (Some(text), Some("text/plain; charset=utf-8")),
        json => (Some(json.to_string()), Some("application/json")),
    };
    if let Some(content_type) = content_type.or_else(|| usual.map(str::to_owned)) {
        add("Content-Type", content_type);
    }
    if method != Method::Get {
        add(IDEMPOTENCY_KEY, context.key.to_string());
    }
    Ok(FetchRequest {
        method: method.name().to_owned(),
        url,
        parameters: pairs("parameters", parameters)?,
        headers,
        body,
        deadline: context.deadline,
    })
}

fn pairs(property: &str, entries: Map<String, Value>) -> Result<Vec<(String, String)>, String> {
    let pair = |(name, value): (String, Value)| match value {
        Value::String(text) => Ok((name, text)),
        Value::Bool(_) | Value::Number(_) => Ok((name, value.to_string())),
        Value::Null | Value::Array(_) | Value::Object(_) => {
            Err(format!("property `{property}`: `{name}` is no text, number or boolean"))
        }
    };
    entries.into_iter().map(pair).collect()
}

/// What a server said; none where that was nothing. Parsed where JSON is asked for.
fn answered(status: u16, body: &str, as_json: bool) -> Result<Option<Value>, CoreFailure> {
    let failed = |kind, message| CoreFailure { kind, message };
    let unfit = match status {
        200..=299 => None,
        429 => Some(FailureKind::Throttled),
        404 => Some(FailureKind::NotFound),
        500..=599 => Some(FailureKind::Unavailable),
        _ => Some(FailureKind::Failed),
    };
    if let Some(kind) = unfit {
        return Err(failed(kind, format!("the server answered with the status {status}")));
    }
    if body.trim().is_empty() {
        return Ok(None);
    }
    if !as_json {
        return Ok(Some(Value::Null));
    }
    let answer: Value = serde_json::from_str(body).map_err(|error| {
        // Where, and not what: the body may hold what nobody here should read.
        let (line, column) = (error.line(), error.column());
        let message = format!("the answer is no JSON, at line {line}, column {column}");
        failed(FailureKind::Failed, message)
    })?;
    let is_nothing = match &answer {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(entries) => entries.is_empty(),
        _ => false,
    };
    Ok((!is_nothing).then_some(answer))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_counts_as_nothing() {
        for body in ["", " \n", "null", "[]", "{}"] {
            assert_eq!(answered(200, body, true), Ok(None), "{body}");
        }
        assert_eq!(answered(200, "[]", false), Ok(Some(Value::Null)), "text is text");
        assert_eq!(answered(201, "0", true), Ok(Some(json!(0))));
        assert!(!answered(200, "secret", true).unwrap_err().message.contains("secret"));
    }

    #[test]
    fn a_status_that_is_no_success_is_a_failure_of_its_kind() {
        for (status, kind) in [
            (304, FailureKind::Failed),
            (401, FailureKind::Failed),
            (404, FailureKind::NotFound),
            (429, FailureKind::Throttled),
            (503, FailureKind::Unavailable),
        ] {
            assert_eq!(answered(status, "{\"a\":1}", true).unwrap_err().kind, kind);
        }
    }
}
