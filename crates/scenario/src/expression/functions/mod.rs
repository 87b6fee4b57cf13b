//! The functions of expressions, by the names that the field gives them.

mod codes;
mod numbers;
mod text;
mod times;

use std::ops::RangeInclusive;

use serde_json::Value;

use crate::nearest::nearest;
use crate::value::type_of;

/// A function.
#[derive(Debug)]
pub(super) struct Function {
    pub(super) name: &'static str,
    /// How it is written, for messages.
    pub(super) usage: &'static str,
    /// How many arguments it takes.
    pub(super) takes: RangeInclusive<usize>,
    /// Whether it gives the same for the same arguments.
    pub(super) constant: bool,
    pub(super) body: Body,
    /// Looks at the arguments that are fixed text. A fault is the index of an argument and what is wrong with it.
    pub(super) check: Check,
}

pub(super) type Check = fn(&[Option<&str>]) -> Result<(), (usize, String)>;

/// What a function does.
#[derive(Debug)]
pub(super) enum Body {
    Plain(fn(&[Value]) -> Result<Value, String>),
    Special(Special),
}

/// Functions that do not look at all of their arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Special {
    Defined,
    Default,
    If,
}

/// There is one of each name.
impl PartialEq for Function {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Function {
    /// Whether its argument must be a variable.
    pub(super) fn wants_variable(&self) -> bool {
        matches!(self.body, Body::Special(Special::Defined))
    }

    const fn plain(
        name: &'static str,
        usage: &'static str,
        takes: RangeInclusive<usize>,
        body: fn(&[Value]) -> Result<Value, String>,
    ) -> Self {
        Self { name, usage, takes, constant: true, body: Body::Plain(body), check: |_| Ok(()) }
    }

    const fn special(name: &'static str, usage: &'static str, count: usize, body: Special) -> Self {
        let body = Body::Special(body);
        Self { name, usage, takes: count..=count, constant: true, body, check: |_| Ok(()) }
    }

    const fn checked(self, check: Check) -> Self {
        Self { check, ..self }
    }

    /// It gives something else each time.
    const fn changing(self) -> Self {
        Self { constant: false, ..self }
    }
}

static FUNCTIONS: [Function; 40] = [
    // Text.
    Function::plain("length", "length(text or list)", 1..=1, text::length),
    Function::plain("lowercase", "lowercase(text)", 1..=1, text::lowercase),
    Function::plain("uppercase", "uppercase(text)", 1..=1, text::uppercase),
    Function::plain("titlecase", "titlecase(text)", 1..=1, text::titlecase),
    Function::plain("trim", "trim(text)", 1..=1, text::trim),
    Function::plain("substring", "substring(text, from, count)", 2..=3, text::substring),
    Function::plain("stripnondigits", "stripnondigits(text)", 1..=1, text::strip_non_digits),
    Function::plain("contains", "contains(text or list, part)", 2..=2, text::contains),
    Function::plain("startswith", "startswith(text, beginning)", 2..=2, text::starts_with),
    Function::plain("endswith", "endswith(text, end)", 2..=2, text::ends_with),
    Function::plain("matches", "matches(text, pattern, flags)", 2..=3, text::matches)
        .checked(text::check_matches),
    Function::plain("replace", "replace(text, pattern, replacement, flags)", 3..=4, text::replace)
        .checked(text::check_replace),
    Function::plain("tostring", "tostring(value)", 1..=1, text::to_string),
    // Numbers.
    Function::plain("tonumber", "tonumber(text)", 1..=1, numbers::to_number),
    Function::plain("tointeger", "tointeger(text or number)", 1..=1, numbers::to_integer),
    Function::plain("round", "round(number, digits)", 1..=2, numbers::round),
    Function::plain("abs", "abs(number)", 1..=1, numbers::abs),
    Function::plain("min", "min(number, number, …)", 1..=100, numbers::min),
    Function::plain("max", "max(number, number, …)", 1..=100, numbers::max),
    Function::plain("random", "random(number)", 1..=1, numbers::random).changing(),
    // Times.
    Function::plain("now", "now(time zone)", 0..=1, times::now)
        .changing()
        .checked(times::check_now),
    Function::plain("applytimezone", "applytimezone(time, time zone)", 2..=2, times::apply_zone)
        .checked(times::check_zone),
    Function::plain(
        "formatdatetime",
        "formatdatetime(time, pattern, time zone)",
        2..=3,
        times::format,
    )
    .checked(times::check_pattern),
    Function::plain(
        "parsedatetime",
        "parsedatetime(text, pattern, time zone)",
        1..=3,
        times::parse,
    )
    .checked(times::check_pattern),
    Function::plain("formatduration", "formatduration(seconds)", 1..=1, times::format_duration),
    // Codes.
    Function::plain("base64encode", "base64encode(text)", 1..=1, codes::base64_encode),
    Function::plain("base64decode", "base64decode(text)", 1..=1, codes::base64_decode),
    Function::plain("hmac", "hmac(\"SHA-256\", key, text)", 3..=3, codes::hmac)
        .checked(codes::check_algorithm),
    Function::plain("hash", "hash(\"SHA-256\", text, \"hex\")", 2..=3, codes::hash)
        .checked(codes::check_algorithm),
    Function::plain("escapejson", "escapejson(text)", 1..=1, codes::escape_json),
    Function::plain("escapeurl", "escapeurl(text)", 1..=1, codes::escape_url),
    Function::plain("urlencode", "urlencode(text)", 1..=1, codes::escape_url),
    Function::plain("escapeodata", "escapeodata(text)", 1..=1, codes::escape_odata),
    Function::plain("parsejson", "parsejson(text)", 1..=1, codes::parse_json),
    Function::plain("tojson", "tojson(value)", 1..=1, codes::to_json),
    // Questions and choices.
    Function::special("defined", "defined($(name))", 1, Special::Defined),
    Function::special("default", "default($(name), value)", 2, Special::Default),
    Function::special("if", "if(condition, value, other value)", 3, Special::If),
    Function::plain("isempty", "isempty(value)", 1..=1, text::is_empty),
    Function::plain("typeof", "typeof(value)", 1..=1, text::type_name),
];

/// The function with this name, in upper or lower case.
///
/// # Errors
/// A sentence with the name that was probably meant, or all of them.
pub(super) fn find(name: &str) -> Result<&'static Function, String> {
    let named = |function: &&Function| function.name.eq_ignore_ascii_case(name);
    FUNCTIONS.iter().find(named).ok_or_else(|| {
        let names = || FUNCTIONS.iter().map(|function| function.name);
        match nearest(name, names()) {
            Some(near) => format!("there is no function `{name}`; did you mean `{near}`?"),
            None => format!(
                "there is no function `{name}`; there are {}",
                names().collect::<Vec<_>>().join(", ")
            ),
        }
    })
}

/// Every function with its usage, for the documentation's test.
#[cfg(test)]
pub(super) fn all() -> &'static [Function] {
    &FUNCTIONS
}

/// The argument with this index, which must be text.
fn text_at(arguments: &[Value], index: usize) -> Result<&str, String> {
    match &arguments[index] {
        Value::String(text) => Ok(text),
        other => Err(wrong(index, other, "text")),
    }
}

/// The argument with this index, which must be an integer.
fn integer_at(arguments: &[Value], index: usize) -> Result<i64, String> {
    arguments[index].as_i64().ok_or_else(|| wrong(index, &arguments[index], "an integer"))
}

fn wrong(index: usize, value: &Value, wanted: &str) -> String {
    // A number can be of the wrong kind as well.
    let found = match value {
        Value::Number(number) => number.to_string(),
        other => type_of(other).to_owned(),
    };
    format!("argument {} is {found}, not {wanted}", index + 1)
}
