//! `RetrieveMetadataChanges`: definitions asked for by an `EntityQueryExpression`.
//!
//! Unlike `EntityDefinitions` it answers members of each column's own type in one request. The
//! tables of a running emulator never change, so whoever sends the stamp of an earlier answer is told
//! that nothing has.

use http::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

use super::label::{LANGUAGE, keep_languages};
use super::node::{Linked, Node};
use crate::dataverse::errors::DataverseError;
use crate::dataverse::schema::Schema;

/// Members that are answered whatever is asked for.
const ALWAYS: [&str; 3] = ["MetadataId", "LogicalName", "HasChanged"];

const RELATIONSHIPS: [&str; 3] =
    ["OneToManyRelationships", "ManyToOneRelationships", "ManyToManyRelationships"];

/// An `EntityQueryExpression`, and the queries of other kinds in it.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Query {
    properties: Option<Properties>,
    criteria: Option<Criteria>,
    attribute_query: Option<Box<Query>>,
    relationship_query: Option<Box<Query>>,
    key_query: Option<Box<Query>>,
    label_query: Option<LabelQuery>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Properties {
    all_properties: bool,
    property_names: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Criteria {
    filter_operator: Joined,
    conditions: Vec<Condition>,
    filters: Vec<Criteria>,
}

#[derive(Debug, Default, Deserialize, Clone, Copy, PartialEq, Eq)]
enum Joined {
    #[default]
    And,
    Or,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Condition {
    property_name: String,
    condition_operator: Operator,
    value: Option<Object>,
}

#[derive(Debug, Deserialize, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Equals,
    NotEquals,
    In,
    NotIn,
    GreaterThan,
    LessThan,
}

/// A value with the name of its type, which is not needed to compare it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Object {
    value: Json,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct LabelQuery {
    filter_languages: Vec<u32>,
}

/// Answers the function called with the parameters `parameters`; `stamp` names the state of the
/// definitions.
pub(crate) fn answer(
    schema: &Schema,
    base: &str,
    parameters: &[(String, String)],
    stamp: &str,
) -> Result<Json, DataverseError> {
    let parameter = |name: &str| parameters.iter().find(|(known, _)| known == name);
    let query = match parameter("Query") {
        None => Query::default(),
        Some((_, text)) => serde_json::from_str(text).map_err(|error| {
            DataverseError::odata(format!("The parameter 'Query' can not be read: {error}."))
        })?,
    };
    let unchanged =
        parameter("ClientVersionStamp").is_some_and(|(_, known)| known.trim_matches('\'') == stamp);
    let tables = if unchanged { Vec::new() } else { tables(schema, &query)? };
    let context =
        format!("{base}/$metadata#Microsoft.Dynamics.CRM.RetrieveMetadataChangesResponse");
    Ok(json!({
        "@odata.context": context,
        "EntityMetadata": tables,
        "ServerVersionStamp": stamp,
        "DeletedMetadata": {"Count": 0, "IsReadOnly": false, "Keys": [], "Values": []},
    }))
}

fn tables(schema: &Schema, query: &Query) -> Result<Vec<Json>, DataverseError> {
    query.check()?;
    let nodes = schema.all().iter().map(Node::Entity).collect();
    let mut tables = query.apply(schema, nodes);
    let languages = query.label_query.as_ref().map(|labels| labels.filter_languages.as_slice());
    let languages = languages.filter(|languages| !languages.is_empty()).unwrap_or(&[LANGUAGE]);
    tables.iter_mut().for_each(|table| keep_languages(table, languages));
    Ok(tables)
}

impl Query {
    /// A query of columns, relationships or keys needs them to be asked for.
    fn check(&self) -> Result<(), DataverseError> {
        let missing = |names: &[&str]| !names.iter().any(|name| self.asks_for(name));
        let (code, message) = if self.attribute_query.is_some() && missing(&["Attributes"]) {
            (
                "0x80072527",
                "Attributes must be part of the requested EntityMetadata properties when an \
                 AttributeQuery is specified. Expect property = Attributes in requested entity \
                 properties list.",
            )
        } else if self.relationship_query.is_some() && missing(&RELATIONSHIPS) {
            (
                "0x80072528",
                "Atleast one of the relationship properties must be part of the requested \
                 EntityMetadata properties when a RelationshipQuery is specified.",
            )
        } else if self.key_query.is_some() && missing(&["Keys"]) {
            (
                "0x80072529",
                "Keys must be part of the requested EntityMetadata properties when a KeyQuery is \
                 specified. Expect property = Keys in requested entity properties list.",
            )
        } else {
            return Ok(());
        };
        Err(DataverseError::new(StatusCode::BAD_REQUEST, code, message))
    }

    fn asks_for(&self, name: &str) -> bool {
        self.properties.as_ref().is_some_and(|properties| {
            properties.all_properties || properties.property_names.iter().any(|one| one == name)
        })
    }

    /// Those of `nodes` that meet the criteria, with the members asked for.
    fn apply(&self, schema: &Schema, nodes: Vec<Node<'_>>) -> Vec<Json> {
        let found = nodes.into_iter().filter_map(|node| {
            let parts = node.members(schema);
            let mut all = parts.derived;
            all.extend(parts.base);
            let meets = self.criteria.as_ref().is_none_or(|criteria| criteria.met_by(&all));
            meets.then(|| self.cut(schema, &node, all))
        });
        found.collect()
    }

    fn cut(&self, schema: &Schema, node: &Node<'_>, all: Map<String, Json>) -> Json {
        let mut cut = Map::new();
        if node.class() != node.base_class() {
            let class = format!("#Microsoft.Dynamics.CRM.Complex{}", node.class());
            cut.insert("@odata.type".into(), json!(class));
        }
        let asked = |name: &str| ALWAYS.contains(&name) || self.asks_for(name);
        cut.extend(all.into_iter().filter(|(name, _)| asked(name)));
        let default = Query { properties: Some(Properties::all()), ..Query::default() };
        let relationships = self.relationship_query.as_deref().unwrap_or(&default);
        for (name, query) in [
            ("Attributes", self.attribute_query.as_deref().unwrap_or(&default)),
            ("OneToManyRelationships", relationships),
            ("ManyToOneRelationships", relationships),
            ("ManyToManyRelationships", relationships),
            ("Keys", self.key_query.as_deref().unwrap_or(&default)),
            ("OptionSet", &default),
        ] {
            let linked = if self.asks_for(name) { node.linked(schema, name, true) } else { None };
            match linked {
                Some(Linked::Many(nodes)) => {
                    cut.insert(name.into(), Json::Array(query.apply(schema, nodes)));
                }
                Some(Linked::One(node)) => {
                    let one = query.apply(schema, vec![node]).pop();
                    cut.insert(name.into(), one.unwrap_or_default());
                }
                None => {}
            }
        }
        Json::Object(cut)
    }
}

impl Properties {
    fn all() -> Self {
        Self { all_properties: true, property_names: Vec::new() }
    }
}

impl Criteria {
    fn met_by(&self, members: &Map<String, Json>) -> bool {
        let conditions = self.conditions.iter().map(|condition| condition.met_by(members));
        let filters = self.filters.iter().map(|filter| filter.met_by(members));
        let mut all = conditions.chain(filters);
        match self.filter_operator {
            Joined::And => all.all(|met| met),
            Joined::Or => all.any(|met| met),
        }
    }
}

impl Condition {
    fn met_by(&self, members: &Map<String, Json>) -> bool {
        let member = members.get(&self.property_name).unwrap_or(&Json::Null);
        let member = member.get("Value").unwrap_or(member);
        let value = self.value.as_ref().map_or(&Json::Null, |object| &object.value);
        let number = |value: &Json| text(value).and_then(|text| text.parse::<f64>().ok());
        match self.condition_operator {
            Operator::Equals => text(member) == text(value),
            Operator::NotEquals => text(member) != text(value),
            Operator::In => among(value).contains(&text(member)),
            Operator::NotIn => !among(value).contains(&text(member)),
            Operator::GreaterThan => number(member) > number(value),
            Operator::LessThan => number(member) < number(value),
        }
    }
}

/// Booleans and numbers are sent as text; `null` is none.
fn text(value: &Json) -> Option<String> {
    match value {
        Json::Null => None,
        Json::String(text) => Some(text.to_lowercase()),
        other => Some(other.to_string()),
    }
}

/// A list, as one or as the text of one.
fn among(value: &Json) -> Vec<Option<String>> {
    let read = value.as_str().and_then(|text| serde_json::from_str(text).ok());
    match read.as_ref().unwrap_or(value) {
        Json::Array(items) => items.iter().map(text).collect(),
        one => vec![text(one)],
    }
}

#[cfg(test)]
#[path = "changes_tests.rs"]
mod tests;
