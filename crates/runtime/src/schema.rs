//! Bounds what the schema of a block's properties can cost those who check values against it. A schema of one KiB can
//! stand for a tree that no machine ever walks through, by references that each occur twice, or for one that no stack is
//! deep enough for; who checks a scenario must not find that out.

use serde_json::Value;

/// Subschemas that a schema comes to once its references are followed: the largest of a block shipped with Patchcord comes
/// to some hundred.
const MOST_SUBSCHEMAS: usize = 20_000;
/// How deep they stand within each other.
const MOST_LEVELS: usize = 200;
/// Keywords whose values are data.
const DATA: [&str; 4] = ["const", "default", "enum", "examples"];

/// Says what is wrong with `schema`, with a JSON pointer to the place.
pub(crate) fn check_cost(schema: &Value) -> Result<(), (String, String)> {
    let mut walk = Walk { root: schema, entered: vec![("#", 0)], seen: 0 };
    walk.enter(schema, "", 0)
}

struct Walk<'a> {
    root: &'a Value,
    /// The references that are being followed, and how often each has been met again within itself.
    entered: Vec<(&'a str, usize)>,
    seen: usize,
}

type Cost = Result<(), (String, String)>;

impl<'a> Walk<'a> {
    fn enter(&mut self, value: &'a Value, at: &str, level: usize) -> Cost {
        self.seen += 1;
        if self.seen > MOST_SUBSCHEMAS {
            return wrong(at, "the schema is too large once its references are followed");
        }
        if level > MOST_LEVELS {
            return wrong(at, "the schema is nested too deeply once its references are followed");
        }
        match value {
            Value::Object(members) => {
                for (name, member) in members {
                    let at = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
                    match (name.as_str(), member) {
                        ("$ref", Value::String(target)) => self.follow(target, &at, level)?,
                        ("$dynamicRef" | "$recursiveRef", Value::String(_)) => {
                            return wrong(&at, "only `$ref` can be followed here");
                        }
                        ("$id", Value::String(_)) if level > 0 => {
                            return wrong(&at, "only the whole schema can have an `$id`");
                        }
                        // What is defined counts where it is referred to.
                        ("$defs" | "definitions", _) => {}
                        (name, _) if DATA.contains(&name) => {}
                        _ => self.enter(member, &at, level + 1)?,
                    }
                }
                Ok(())
            }
            Value::Array(items) => items.iter().enumerate().try_for_each(|(index, item)| {
                self.enter(item, &format!("{at}/{index}"), level + 1)
            }),
            _ => Ok(()),
        }
    }

    fn follow(&mut self, target: &'a str, at: &str, level: usize) -> Cost {
        if let Some((_, met)) = self.entered.iter_mut().find(|(entered, _)| *entered == target) {
            *met += 1;
            // Once is a list or a chain; twice is a tree, as large as two to the power of what is checked against it.
            return match met {
                1 => Ok(()),
                _ => wrong(at, &format!("`{target}` refers to itself more than once")),
            };
        }
        let Some(schema) = target.strip_prefix('#').and_then(|path| self.root.pointer(path)) else {
            return wrong(at, &format!("{target:?} does not lead to a part of this schema"));
        };
        self.entered.push((target, 0));
        self.enter(schema, at, level + 1)?;
        self.entered.pop();
        Ok(())
    }
}

fn wrong(at: &str, problem: &str) -> Cost {
    Err((at.to_owned(), problem.to_owned()))
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, json};

    use super::*;

    /// `count` definitions, each made of the next one by `made`, and a property of the first.
    fn chain(count: usize, made: impl Fn(Value) -> Value) -> Value {
        let mut defs = Map::new();
        for index in 0..count {
            let next = json!({ "$ref": format!("#/$defs/d{}", index + 1) });
            defs.insert(format!("d{index}"), made(next));
        }
        defs.insert(format!("d{count}"), json!({ "type": "string" }));
        json!({ "type": "object", "$defs": defs, "properties": { "a": { "$ref": "#/$defs/d0" } } })
    }

    fn problem(schema: &Value) -> String {
        let (at, problem) = check_cost(schema).unwrap_err();
        format!("{at}: {problem}")
    }

    #[test]
    fn what_authors_write_is_let_through() {
        let list = json!({
            "type": "object",
            "$defs": {
                "value": { "anyOf": [{ "type": "string" }, { "type": "null" }] },
                "list": { "properties": { "head": { "$ref": "#/$defs/value" }, "tail": { "$ref": "#/$defs/list" } } }
            },
            "properties": {
                "a": { "$ref": "#/$defs/value" }, "b": { "$ref": "#/$defs/value" },
                "c": { "$ref": "#/$defs/list" }, "d": { "$ref": "#/$defs/list" },
                "$ref": { "type": "string", "default": { "$ref": "nowhere" } }
            }
        });
        check_cost(&list).unwrap();
        check_cost(&chain(10, |next| json!({ "allOf": [next] }))).unwrap();
    }

    #[test]
    fn what_grows_without_end_is_refused() {
        let doubled = chain(40, |next| json!({ "allOf": [next, next] }));
        assert!(problem(&doubled).contains("too large once its references are followed"));
        let deep = chain(20_000, |next| next);
        assert!(problem(&deep).contains("nested too deeply"));
        let tree = json!({
            "type": "object",
            "$defs": { "t": { "anyOf": [
                { "properties": { "a": { "$ref": "#/$defs/t" } } },
                { "properties": { "a": { "$ref": "#/$defs/t" } } }
            ] } },
            "properties": { "a": { "$ref": "#/$defs/t" } }
        });
        assert!(problem(&tree).contains("`#/$defs/t` refers to itself more than once"));
        for (member, place) in [
            (json!({ "$ref": "https://example.com/schema" }), "/properties/a/$ref"),
            (json!({ "$ref": "#/nowhere" }), "/properties/a/$ref"),
            (json!({ "$dynamicRef": "#a" }), "/properties/a/$dynamicRef"),
            (json!({ "$id": "https://example.com/" }), "/properties/a/$id"),
        ] {
            let schema = json!({ "type": "object", "properties": { "a": member } });
            assert_eq!(check_cost(&schema).unwrap_err().0, place);
        }
    }

    #[test]
    fn what_is_let_through_can_be_checked_against() {
        // As deep and as large as may be: neither the stack nor the patience of a thread is exhausted.
        let deepest = chain((MOST_LEVELS - 4) / 3, |next| json!({ "allOf": [next] }));
        let largest = chain(11, |next| json!({ "allOf": [next, next] }));
        for schema in [deepest, largest] {
            check_cost(&schema).unwrap();
            let validator = jsonschema::draft202012::new(&schema).unwrap();
            assert!(validator.is_valid(&json!({ "a": "text" })));
            assert!(!validator.is_valid(&json!({ "a": 1 })));
        }
    }
}
