//! The options of a query and the lists in them.

use super::lexer::split;
use super::{Fault, Looked, filter};
use crate::check::glyphs::{Glyph, HOLE, text, trim};
use crate::nearest::nearest;

/// Options that Dataverse knows ("Query data using the Web API").
const KNOWN: [&str; 7] = ["$select", "$filter", "$orderby", "$top", "$count", "$expand", "$apply"];
/// Options of OData that it does not know.
const REFUSED: [&str; 3] = ["$skip", "$search", "$format"];
/// What an expanded table takes besides.
const NESTED: [&str; 3] = ["$levels", "$ref", "$compute"];
/// Most expanded tables within each other that are looked into.
const MOST_LEVELS: usize = 20;

/// Reads all options.
pub(super) fn read(glyphs: &[Glyph], looked: &mut Looked) {
    let glyphs = trim(glyphs);
    let glyphs = match glyphs.first() {
        Some(Glyph { c: '?', .. }) => &glyphs[1..],
        _ => glyphs,
    };
    list(split(glyphs, '&'), 0, looked);
}

/// Reads options of the table itself, or, further in, of one that is expanded.
fn list(options: Vec<&[Glyph]>, level: usize, looked: &mut Looked) {
    let mut seen: Vec<String> = Vec::new();
    for option in options {
        let option = trim(option);
        let Some(first) = option.first() else { continue };
        let sign = option.iter().position(|glyph| glyph.c == '=');
        let (name, value) = option.split_at(sign.unwrap_or(option.len()));
        let name = text(trim(name));
        let is_name = name.starts_with(['$', '@']) && sign.is_some();
        if !is_name {
            looked.faults.push(unnamed(first.at, &name));
            continue;
        }
        if seen.contains(&name) {
            let problem = format!("the option `{name}` stands here twice");
            looked.faults.push(Fault::error(first.at, problem));
        }
        let value = trim(value.get(1..).unwrap_or_default());
        if value.is_empty() {
            let problem = format!("the option `{name}` has no value");
            looked.faults.push(Fault::error(first.at, problem));
        } else {
            one(&name, first.at, value, level, looked);
        }
        seen.push(name);
    }
}

fn unnamed(at: usize, name: &str) -> Fault {
    let shown: String = name.chars().filter(|c| *c != HOLE).take(40).collect();
    let bare = |known: &&&str| known.trim_start_matches('$').eq_ignore_ascii_case(name);
    match KNOWN.iter().find(bare) {
        Some(known) => Fault::warning(at, format!("`{shown}` is no option; write `{known}`")),
        None => Fault::warning(
            at,
            format!("`{shown}` is no option of a query: one is written as `$filter=…` is"),
        ),
    }
}

fn one(name: &str, at: usize, value: &[Glyph], level: usize, looked: &mut Looked) {
    let result = match name {
        "$select" => select(value, level, looked),
        "$orderby" => order(value, level, looked),
        "$filter" => filter::read(value, level == 0, looked),
        "$expand" => expand(value, level, looked),
        "$top" => fits(value, "a whole number", |text| text.chars().all(|c| c.is_ascii_digit())),
        "$count" => fits(value, "true or false", |text| matches!(text, "true" | "false")),
        // What it says depends on what it is applied to; its parentheses do not.
        "$apply" => filter::balanced(value),
        _ => {
            looked.faults.extend(unknown(name, at, level));
            Ok(())
        }
    };
    looked.faults.extend(result.err());
}

fn unknown(name: &str, at: usize, level: usize) -> Option<Fault> {
    if name.starts_with('@') || name.contains(HOLE) || (level > 0 && NESTED.contains(&name)) {
        return None;
    }
    if REFUSED.contains(&name) {
        return Some(Fault::warning(at, format!("Dataverse does not know the option `{name}`")));
    }
    let meant = nearest(name, KNOWN).map(|near| format!("; did you mean `{near}`?"));
    let meant = meant.unwrap_or_default();
    Some(Fault::warning(
        at,
        format!("`{name}` is no option of a query that Dataverse knows{meant}"),
    ))
}

fn fits(value: &[Glyph], wanted: &str, test: impl Fn(&str) -> bool) -> Result<(), Fault> {
    let written = text(value);
    if written.contains(HOLE) || test(&written) {
        return Ok(());
    }
    let shown: String = written.chars().take(40).collect();
    Err(Fault::error(value[0].at, format!("`{shown}` stands where {wanted} is wanted")))
}

/// The items between commas, none of which may be empty.
fn items(value: &[Glyph]) -> Result<Vec<&[Glyph]>, Fault> {
    let items: Vec<&[Glyph]> = split(value, ',').into_iter().map(trim).collect();
    match items.iter().position(|item| item.is_empty()) {
        None => Ok(items),
        Some(empty) => {
            // The comma at which nothing stands: the one before it, or the first one.
            let before = items[..empty].iter().rev().find_map(|item| item.last());
            let at = before.map_or(value[0].at, |glyph| glyph.at + 1);
            Err(Fault::error(at, "a name is missing between commas"))
        }
    }
}

fn select(value: &[Glyph], level: usize, looked: &mut Looked) -> Result<(), Fault> {
    for item in items(value)? {
        if let Some(odd) = item.iter().find(|glyph| !in_name(glyph.c)) {
            let shown = odd.c;
            let problem = match shown.is_whitespace() {
                true => "a comma is missing between two columns".to_owned(),
                false => format!("`{shown}` stands in a list of columns"),
            };
            return Err(Fault::error(odd.at, problem));
        }
        column(item, level, looked);
    }
    Ok(())
}

fn in_name(c: char) -> bool {
    c.is_alphanumeric() || c == HOLE || "_./*@-".contains(c)
}

fn order(value: &[Glyph], level: usize, looked: &mut Looked) -> Result<(), Fault> {
    for item in items(value)? {
        let words: Vec<&[Glyph]> =
            item.split(|glyph| glyph.c.is_whitespace()).filter(|word| !word.is_empty()).collect();
        match words.as_slice() {
            [name] => column(name, level, looked),
            [name, direction] => {
                let written = text(direction);
                if !written.contains(HOLE) && !matches!(written.as_str(), "asc" | "desc") {
                    let problem = format!("`{written}` stands where `asc` or `desc` is wanted");
                    return Err(Fault::error(direction[0].at, problem));
                }
                column(name, level, looked);
            }
            // A function with blanks in it.
            _ => filter::balanced(item)?,
        }
    }
    Ok(())
}

/// Remembers a column of the table itself.
fn column(name: &[Glyph], level: usize, looked: &mut Looked) {
    if level == 0
        && let Some(first) = name.first()
    {
        looked.columns.extend(filter::own_column(&text(name)).map(|name| (name, first.at)));
    }
}

fn expand(value: &[Glyph], level: usize, looked: &mut Looked) -> Result<(), Fault> {
    filter::balanced(value)?;
    for item in items(value)? {
        let opened = item.iter().position(|glyph| glyph.c == '(');
        let (name, inner) = item.split_at(opened.unwrap_or(item.len()));
        let name = trim(name);
        let odd = name.iter().find(|glyph| !in_name(glyph.c) && glyph.c != '$');
        if let Some(odd) = odd.or(if name.is_empty() { item.first() } else { None }) {
            let problem = format!("`{}` stands where a navigation property is wanted", odd.c);
            return Err(Fault::error(odd.at, problem));
        }
        if let ([_, options @ ..], true) = (inner, level < MOST_LEVELS) {
            let end = options.iter().rposition(|glyph| glyph.c == ')').unwrap_or(options.len());
            list(split(&options[..end], ';'), level + 1, looked);
        }
    }
    Ok(())
}
