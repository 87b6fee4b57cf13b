//! Functions of text.

use regex::{Captures, Regex, RegexBuilder};
use serde_json::Value;

use super::{integer_at, text_at, wrong};
use crate::expression::MOST_TEXT;
use crate::value;

/// Most bytes of a text that a pattern is looked for in: going through all matches can take their square.
const MOST_SEARCHED: usize = 64 << 10;
/// Most characters of a pattern.
const MOST_PATTERN: usize = 1_000;
/// Most bytes of memory that a compiled pattern takes.
const PATTERN_BYTES: usize = 256 << 10;
/// Most groups within each other in a pattern.
const PATTERN_LEVELS: u32 = 50;

pub(super) fn length(arguments: &[Value]) -> Result<Value, String> {
    match &arguments[0] {
        Value::String(text) => Ok(text.chars().count().into()),
        Value::Array(items) => Ok(items.len().into()),
        other => Err(wrong(0, other, "text or a list")),
    }
}

pub(super) fn lowercase(arguments: &[Value]) -> Result<Value, String> {
    Ok(text_at(arguments, 0)?.to_lowercase().into())
}

pub(super) fn uppercase(arguments: &[Value]) -> Result<Value, String> {
    Ok(text_at(arguments, 0)?.to_uppercase().into())
}

pub(super) fn titlecase(arguments: &[Value]) -> Result<Value, String> {
    let text = text_at(arguments, 0)?;
    let (mut out, mut within) = (String::with_capacity(text.len()), false);
    for c in text.chars() {
        match within {
            true => out.extend(c.to_lowercase()),
            false => out.extend(c.to_uppercase()),
        }
        within = c.is_alphanumeric() || c == '\'';
    }
    Ok(out.into())
}

pub(super) fn trim(arguments: &[Value]) -> Result<Value, String> {
    Ok(text_at(arguments, 0)?.trim().into())
}

pub(super) fn substring(arguments: &[Value]) -> Result<Value, String> {
    let text = text_at(arguments, 0)?;
    let count = |index: usize| {
        usize::try_from(integer_at(arguments, index)?)
            .map_err(|_| format!("argument {} is negative", index + 1))
    };
    let from = count(1)?;
    let most = if arguments.len() > 2 { count(2)? } else { usize::MAX };
    Ok(text.chars().skip(from).take(most).collect::<String>().into())
}

pub(super) fn strip_non_digits(arguments: &[Value]) -> Result<Value, String> {
    let keeps = |c: &char| c.is_ascii_digit() || *c == '*' || *c == '#';
    Ok(text_at(arguments, 0)?.chars().filter(keeps).collect::<String>().into())
}

pub(super) fn contains(arguments: &[Value]) -> Result<Value, String> {
    let found = value::contains(&arguments[0], &arguments[1]);
    found.map(Value::Bool).ok_or_else(|| match &arguments[0] {
        Value::String(_) => wrong(1, &arguments[1], "text"),
        other => wrong(0, other, "text or a list"),
    })
}

pub(super) fn starts_with(arguments: &[Value]) -> Result<Value, String> {
    Ok(text_at(arguments, 0)?.starts_with(text_at(arguments, 1)?).into())
}

pub(super) fn ends_with(arguments: &[Value]) -> Result<Value, String> {
    Ok(text_at(arguments, 0)?.ends_with(text_at(arguments, 1)?).into())
}

pub(super) fn to_string(arguments: &[Value]) -> Result<Value, String> {
    Ok(value::plain(&arguments[0]).into())
}

pub(super) fn is_empty(arguments: &[Value]) -> Result<Value, String> {
    Ok(value::is_empty(&arguments[0]).into())
}

pub(super) fn type_name(arguments: &[Value]) -> Result<Value, String> {
    Ok(match &arguments[0] {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if value::integer(number).is_some() => "integer",
        Value::Number(_) => "number",
        Value::String(_) => "text",
        Value::Array(_) => "list",
        Value::Object(_) => "object",
    }
    .into())
}

pub(super) fn matches(arguments: &[Value]) -> Result<Value, String> {
    let flags =
        if arguments.len() > 2 { Flags::parse(text_at(arguments, 2)?)? } else { Flags::default() };
    let pattern = pattern(text_at(arguments, 1)?, flags)?;
    Ok(pattern.is_match(searched(arguments)?).into())
}

pub(super) fn replace(arguments: &[Value]) -> Result<Value, String> {
    let flags =
        if arguments.len() > 3 { Flags::parse(text_at(arguments, 3)?)? } else { Flags::default() };
    let pattern = pattern(text_at(arguments, 1)?, flags)?;
    let (text, replacement) = (searched(arguments)?, text_at(arguments, 2)?);
    let (mut out, mut from) = (String::new(), 0);
    for found in pattern.captures_iter(text).take(if flags.all { usize::MAX } else { 1 }) {
        let whole = found.get_match();
        out.push_str(&text[from..whole.start()]);
        write_replacement(replacement, &found, &mut out);
        if out.len() > MOST_TEXT {
            return Err("the text becomes larger than 1 MiB".into());
        }
        from = whole.end();
    }
    out.push_str(&text[from..]);
    Ok(out.into())
}

fn searched(arguments: &[Value]) -> Result<&str, String> {
    let text = text_at(arguments, 0)?;
    if text.len() > MOST_SEARCHED {
        return Err("a pattern is looked for in at most 64 KiB of text".into());
    }
    Ok(text)
}

/// `\0` is what was found, `\1` to `\9` its groups, `\\` a backslash.
fn write_replacement(replacement: &str, found: &Captures<'_>, out: &mut String) {
    let mut chars = replacement.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some(digit) if digit.is_ascii_digit() => {
                let group = digit.to_digit(10).and_then(|group| found.get(group as usize));
                out.push_str(group.map_or("", |group| group.as_str()));
            }
            Some(other) => out.push(other),
            None => out.push(c),
        }
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct Flags {
    ignore_case: bool,
    all: bool,
}

impl Flags {
    fn parse(text: &str) -> Result<Self, String> {
        let mut flags = Self::default();
        for c in text.chars() {
            match c {
                'i' => flags.ignore_case = true,
                'g' => flags.all = true,
                c => return Err(format!("`{c}` is no flag: `i` ignores case, `g` finds all")),
            }
        }
        Ok(flags)
    }
}

fn pattern(text: &str, flags: Flags) -> Result<Regex, String> {
    if text.chars().nth(MOST_PATTERN).is_some() {
        return Err(format!("a pattern has at most {MOST_PATTERN} characters"));
    }
    RegexBuilder::new(text)
        .case_insensitive(flags.ignore_case)
        .size_limit(PATTERN_BYTES)
        .nest_limit(PATTERN_LEVELS)
        .build()
        .map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => format!("the pattern `{text}` is too large"),
            error => {
                let error = error.to_string();
                let reason = error.lines().last().unwrap_or_default();
                format!("`{text}` is no pattern: {}", reason.trim_start_matches("error: "))
            }
        })
}

pub(super) fn check_matches(fixed: &[Option<&str>]) -> Result<(), (usize, String)> {
    check(fixed, 2)
}

pub(super) fn check_replace(fixed: &[Option<&str>]) -> Result<(), (usize, String)> {
    check(fixed, 3)
}

fn check(fixed: &[Option<&str>], flags: usize) -> Result<(), (usize, String)> {
    if let Some(Some(text)) = fixed.get(flags) {
        Flags::parse(text).map_err(|problem| (flags, problem))?;
    }
    match fixed.get(1) {
        Some(Some(text)) => {
            pattern(text, Flags::default()).map(drop).map_err(|problem| (1, problem))
        }
        _ => Ok(()),
    }
}
