//! Which tables a step may reach: those that the block's manifest lists, and those that the designer chose in a property
//! of the kind `entity-set`. A block whose manifest lists none may reach any.

use serde_json::Value;

/// The keyword at the root of a manifest's schema that lists tables.
pub(crate) const KEYWORD: &str = "x-patchcord-tables";

/// Most parts of a schema that are looked at: a block writes its schema itself, and `$ref` can go round.
const MOST_LOOKED_AT: u32 = 1_000;

/// Where in the properties of a block tables are chosen, and which it uses by itself.
#[derive(Debug, Default)]
pub(crate) struct TableRule {
    /// None lets every table pass.
    listed: Option<Vec<String>>,
    chosen_at: Vec<Vec<Segment>>,
}

/// One step on the way from the properties to a value.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    Member(String),
    /// Every element of an array, every value of an object.
    Each,
}

impl TableRule {
    /// The rule of a manifest, whose `schema` has been checked.
    pub(crate) fn new(listed: Option<&[String]>, schema: &Value) -> Self {
        let Some(listed) = listed else {
            return Self::default();
        };
        let mut walk = Walk { root: schema, left: MOST_LOOKED_AT, found: Vec::new() };
        walk.look(schema, &mut Vec::new());
        Self { listed: Some(listed.to_vec()), chosen_at: walk.found }
    }

    /// The tables that a step with these properties may reach; none are all.
    pub(crate) fn reach(&self, properties: &Value) -> Option<Vec<String>> {
        let mut tables = self.listed.clone()?;
        for path in &self.chosen_at {
            choose(properties, path, &mut tables);
        }
        Some(tables)
    }
}

fn choose(value: &Value, path: &[Segment], tables: &mut Vec<String>) {
    match path.split_first() {
        None => tables.extend(value.as_str().map(str::to_owned)),
        Some((Segment::Member(name), rest)) => {
            if let Some(member) = value.get(name) {
                choose(member, rest, tables);
            }
        }
        Some((Segment::Each, rest)) => match value {
            Value::Array(elements) => {
                elements.iter().for_each(|element| choose(element, rest, tables));
            }
            Value::Object(members) => {
                members.values().for_each(|member| choose(member, rest, tables));
            }
            _ => {}
        },
    }
}

struct Walk<'a> {
    root: &'a Value,
    left: u32,
    found: Vec<Vec<Segment>>,
}

impl Walk<'_> {
    fn look(&mut self, schema: &Value, path: &mut Vec<Segment>) {
        let Some(left) = self.left.checked_sub(1) else { return };
        self.left = left;
        if schema.get("x-patchcord-kind").is_some_and(|kind| kind == "entity-set") {
            self.found.push(path.clone());
            return;
        }
        let target = schema.get("$ref").and_then(Value::as_str).and_then(|to| to.strip_prefix('#'));
        if let Some(target) = target.and_then(|pointer| self.root.pointer(pointer)) {
            self.look(target, path);
        }
        for key in ["anyOf", "oneOf", "allOf"] {
            for member in schema.get(key).and_then(Value::as_array).into_iter().flatten() {
                self.look(member, path);
            }
        }
        for (name, member) in
            schema.get("properties").and_then(Value::as_object).into_iter().flatten()
        {
            self.below(member, Segment::Member(name.clone()), path);
        }
        for key in ["items", "additionalProperties"] {
            if let Some(each) = schema.get(key).filter(|each| each.is_object()) {
                self.below(each, Segment::Each, path);
            }
        }
    }

    fn below(&mut self, schema: &Value, segment: Segment, path: &mut Vec<Segment>) {
        path.push(segment);
        self.look(schema, path);
        path.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn schema() -> Value {
        json!({
            "$defs": {
                "Table": {"type": "string", "x-patchcord-kind": "entity-set"},
                "Search": {"type": "object", "properties": {
                    "table": {"$ref": "#/$defs/Table"}, "columns": {"type": "array"}
                }},
            },
            "type": "object",
            "properties": {
                "object_type": {"anyOf": [{"$ref": "#/$defs/Table"}, {"type": "null"}]},
                "look_in": {"type": "array", "items": {"$ref": "#/$defs/Search"}},
                "text": {"type": "string"},
            }
        })
    }

    #[test]
    fn what_the_designer_chose_is_added_to_what_is_listed() {
        let rule = TableRule::new(Some(&["contacts".to_owned()]), &schema());
        let properties = json!({
            "object_type": "accounts",
            "look_in": [{"table": "leads", "columns": ["x"]}, {"table": "new_visits"}],
            "text": "systemusers"
        });
        let reach = rule.reach(&properties).unwrap();
        assert_eq!(reach, ["contacts", "accounts", "leads", "new_visits"]);
        assert_eq!(rule.reach(&json!({"object_type": null, "look_in": 5})).unwrap(), ["contacts"]);
    }

    #[test]
    fn a_block_that_lists_nothing_reaches_everything() {
        assert_eq!(TableRule::new(None, &schema()).reach(&json!({})), None);
    }

    #[test]
    fn a_schema_that_goes_round_comes_to_an_end() {
        let round = json!({
            "$defs": {"A": {"properties": {"a": {"$ref": "#/$defs/A"}, "b": {"$ref": "#/$defs/A"}}}},
            "$ref": "#/$defs/A"
        });
        assert_eq!(TableRule::new(Some(&[]), &round).reach(&json!({"a": {}})), Some(Vec::new()));
    }
}
