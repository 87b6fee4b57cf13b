//! What differs between two documents, told as a designer thinks of it: this block was added, that property was changed,
//! that exit leads elsewhere.
//!
//! Documents are compared as JSON, so that a field which is added to the format is compared without being named here.
//! Where a block stands in the list says nothing about a run: only that the order differs is told. Where it stands on the
//! canvas is told of nobody: a block that was moved does what it did.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use crate::document::Scenario;
use crate::problem::child;

/// One difference. Without `old` something was added, without `new` it was removed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// What was changed.
    pub what: Part,
    /// Id of the block instance; none where it is the scenario's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub block: Option<String>,
    /// Name of the field, property or exit. A part of an object among the properties is named `fields/telephone1`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it was.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub old: Option<Value>,
    /// What it is.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub new: Option<Value>,
}

/// What a change is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// A field of the document itself, such as its title or its deadline.
    Scenario,
    /// A block instance as a whole: the instance as it stands in the document.
    Block,
    /// A field of a block instance, such as its title, its account or which block it is.
    Field,
    /// A property of a block instance.
    Property,
    /// An exit of a block instance: the id of the instance to which it leads.
    Exit,
    /// The order of the block instances, which no run notices: their ids.
    Order,
}

/// A value that stands there, `null` too.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

/// Every difference between two documents, in the order of the newer one; what was removed comes last.
pub fn diff(old: &Scenario, new: &Scenario) -> Vec<Difference> {
    let mut changes = Vec::new();
    let (old_fields, new_fields) = (without(old, &["blocks"]), without(new, &["blocks"]));
    compare(&old_fields, &new_fields, |name, old, new| {
        changes.push(Difference { what: Part::Scenario, block: None, name: Some(name), old, new });
    });
    let (before, after) = (instances(old), instances(new));
    let (known, kept) = (by_key(&before), by_key(&after));
    for (key, instance) in &after {
        match known.get(key) {
            Some(old) => within(&key.0, old, instance, &mut changes),
            None => changes.push(whole(&key.0, None, Some(instance))),
        }
    }
    let gone = before.iter().filter(|(key, _)| !kept.contains_key(key));
    changes.extend(gone.map(|(key, instance)| whole(&key.0, Some(instance), None)));
    changes.extend(order(&before, &after));
    changes
}

/// Id of an instance, and how many of the same id stand before it: a draft may name one twice.
type Key = (String, usize);
type Instances = Vec<(Key, Map<String, Value>)>;

fn by_key(instances: &Instances) -> HashMap<&Key, &Map<String, Value>> {
    instances.iter().map(|(key, instance)| (key, instance)).collect()
}

fn instances(scenario: &Scenario) -> Instances {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let key = |id| {
        let count = seen.entry(id).or_default();
        *count += 1;
        (id.to_owned(), *count)
    };
    let ids = scenario.blocks.iter().map(|instance| instance.id.as_str());
    let keys: Vec<Key> = ids.map(key).collect();
    keys.into_iter().zip(scenario.blocks.iter().map(|block| without(block, &[]))).collect()
}

fn without(value: &impl Serialize, left_out: &[&str]) -> Map<String, Value> {
    let Ok(Value::Object(mut fields)) = serde_json::to_value(value) else { return Map::new() };
    fields.retain(|name, _| !left_out.contains(&name.as_str()));
    fields
}

fn whole(
    id: &str,
    old: Option<&Map<String, Value>>,
    new: Option<&Map<String, Value>>,
) -> Difference {
    let value = |instance: &Map<String, Value>| Value::Object(instance.clone());
    let (old, new) = (old.map(value), new.map(value));
    Difference { what: Part::Block, block: Some(id.to_owned()), name: None, old, new }
}

/// The differences within a block instance that is in both.
fn within(
    id: &str,
    old: &Map<String, Value>,
    new: &Map<String, Value>,
    changes: &mut Vec<Difference>,
) {
    let none = Map::new();
    let part = |of: &Map<String, Value>, name: &str| {
        of.get(name).and_then(Value::as_object).unwrap_or(&none).clone()
    };
    let rest = |of: &Map<String, Value>| without(of, &["id", "position", "properties", "exits"]);
    let mut tell = |what, name: String, old, new| {
        changes.push(Difference { what, block: Some(id.to_owned()), name: Some(name), old, new });
    };
    compare(&rest(old), &rest(new), |name, old, new| tell(Part::Field, name, old, new));
    deep("", &part(old, "properties"), &part(new, "properties"), &mut |name, old, new| {
        tell(Part::Property, name, old, new)
    });
    compare(&part(old, "exits"), &part(new, "exits"), |name, old, new| {
        tell(Part::Exit, name, old, new);
    });
}

fn compare(
    old: &Map<String, Value>,
    new: &Map<String, Value>,
    mut tell: impl FnMut(String, Option<Value>, Option<Value>),
) {
    let names = new.keys().chain(old.keys().filter(|name| !new.contains_key(*name)));
    for name in names {
        let (old, new) = (old.get(name), new.get(name));
        if old != new {
            tell(name.clone(), old.cloned(), new.cloned());
        }
    }
}

/// As [`compare`], down into objects that are in both: of a record's fields only those are told that changed.
fn deep(
    path: &str,
    old: &Map<String, Value>,
    new: &Map<String, Value>,
    tell: &mut dyn FnMut(String, Option<Value>, Option<Value>),
) {
    compare(old, new, |name, old, new| {
        // A reference token of a JSON pointer, so that a `/` in a name is none of the path.
        let path = child(path, &name);
        match (old, new) {
            (Some(Value::Object(old)), Some(Value::Object(new))) => deep(&path, &old, &new, tell),
            (old, new) => tell(path.trim_start_matches('/').to_owned(), old, new),
        }
    });
}

/// Whether the instances that are in both stand in another order.
fn order(before: &Instances, after: &Instances) -> Option<Difference> {
    let common = |these: &Instances, those: &Instances| -> Vec<String> {
        let there: HashSet<&Key> = those.iter().map(|(key, _)| key).collect();
        let both = these.iter().filter(|(key, _)| there.contains(key));
        both.map(|((id, _), _)| id.clone()).collect()
    };
    let (old, new) = (common(before, after), common(after, before));
    (old != new).then(|| Difference {
        what: Part::Order,
        block: None,
        name: None,
        old: Some(old.into()),
        new: Some(new.into()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn document() -> Value {
        json!({
            "patchcord": "1.0", "name": "a", "title": "A", "start": "find",
            "blocks": [
                {
                    "id": "find", "block": "x.find",
                    "properties": { "query": "q", "fields": { "a": 1, "b": 2, "c/d": 3 } },
                    "exits": { "next": "end", "failed": "end" }
                },
                { "id": "end", "block": "core.exit", "properties": { "result": "done" } }
            ]
        })
    }

    /// The differences that a change of the document makes, each as `what block name old new`.
    fn told(change: impl FnOnce(&mut Value)) -> Vec<String> {
        let mut changed = document();
        change(&mut changed);
        let read = |value| serde_json::from_value::<Scenario>(value).unwrap();
        let changes = diff(&read(document()), &read(changed));
        let text = |value: &Option<Value>| value.as_ref().map_or("-".into(), Value::to_string);
        let line = |change: &Difference| {
            let what = json!(change.what).as_str().unwrap().to_owned();
            let named = |name: &Option<String>| name.clone().unwrap_or("-".into());
            let (block, name) = (named(&change.block), named(&change.name));
            format!("{what} {block} {name} {} {}", text(&change.old), text(&change.new))
        };
        changes.iter().map(line).collect()
    }

    #[test]
    fn what_is_the_same_has_no_difference() {
        assert_eq!(told(|_| {}), Vec::<String>::new());
    }

    #[test]
    fn fields_properties_and_exits_are_told_one_by_one() {
        let told = told(|document| {
            document["title"] = "B".into();
            document["deadline_ms"] = 5.into();
            let find = &mut document["blocks"][0];
            find["account"] = "Sales".into();
            find["properties"]["query"] = Value::Null;
            find["properties"]["fields"] = json!({ "a": 1, "b": 3, "c/d": 4 });
            find["exits"] = json!({ "next": "find" });
        });
        let expected = [
            r#"scenario - title "A" "B""#,
            "scenario - deadline_ms - 5",
            r#"field find account - "Sales""#,
            r#"property find query "q" null"#,
            "property find fields/b 2 3",
            "property find fields/c~1d 3 4",
            r#"exit find next "end" "find""#,
            r#"exit find failed "end" -"#,
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn blocks_come_and_go_whole() {
        let told = told(|document| document["blocks"][1]["id"] = "done".into());
        let instance =
            |id| json!({ "id": id, "block": "core.exit", "properties": { "result": "done" } });
        let expected = [
            format!("block done - - {}", instance("done")),
            format!("block end - {} -", instance("end")),
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn another_order_is_one_difference() {
        let told = told(|document| document["blocks"].as_array_mut().unwrap().reverse());
        assert_eq!(told, [r#"order - - ["find","end"] ["end","find"]"#]);
    }

    #[test]
    fn a_block_that_was_moved_on_the_canvas_has_not_changed() {
        let told = told(|document| {
            document["blocks"][0]["position"] = json!({ "x": 40.5, "y": -12 });
        });
        assert_eq!(told, Vec::<String>::new());
    }

    #[test]
    fn an_id_that_stands_twice_in_a_draft_is_no_obstacle() {
        let told = told(|document| {
            let again = document["blocks"][1].clone();
            document["blocks"].as_array_mut().unwrap().push(again);
        });
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].starts_with("block end - - {"), "{told:?}");
    }

    #[test]
    fn a_change_is_read_as_it_was_written() {
        let what = Part::Property;
        for (old, new) in [(Some(Value::Null), None), (None, Some(json!(1)))] {
            let name = Some("n".to_owned());
            let change = Difference { what, block: Some("b".into()), name, old, new };
            let read: Difference = serde_json::from_value(json!(change)).unwrap();
            assert_eq!(read, change);
        }
    }
}
