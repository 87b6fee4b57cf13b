//! Definitions cut to what `$select`, `$filter` and `$expand` ask for.
//!
//! A definition is declared as the type that all of its kind share, unless the address names its own
//! type. Members of its own type can be selected and filtered by only in the second case; without
//! `$select` all are there, and `@odata.type` names the type.

use serde_json::{Map, Value as Json, json};

use super::node::{Linked, Members, Node};
use super::options::Options;
use crate::dataverse::errors::DataverseError;
use crate::dataverse::schema::Schema;

pub(crate) struct Shape<'a> {
    pub(crate) schema: &'a Schema,
    /// The address names the definitions' own type.
    pub(crate) own: bool,
}

impl<'a> Shape<'a> {
    /// Those that pass the filter.
    pub(crate) fn all(
        &self,
        nodes: &[Node<'a>],
        options: &Options,
    ) -> Result<Vec<Json>, DataverseError> {
        let mut found = Vec::new();
        for node in nodes {
            let members = node.members(self.schema);
            if let Some(filter) = &options.filter
                && !filter.holds(&|name: &str| self.member(node, &members, name))?
            {
                continue;
            }
            found.push(Json::Object(self.cut(node, members, options)?));
        }
        Ok(found)
    }

    pub(crate) fn one(
        &self,
        node: &Node<'a>,
        options: &Options,
    ) -> Result<Map<String, Json>, DataverseError> {
        self.cut(node, node.members(self.schema), options)
    }

    /// A member of the declared type.
    pub(crate) fn member(
        &self,
        node: &Node<'_>,
        members: &Members,
        name: &str,
    ) -> Result<Json, DataverseError> {
        let found = members.base.get(name);
        let found = found.or_else(|| members.derived.get(name).filter(|_| self.own));
        found.cloned().ok_or_else(|| self.missing(node, name))
    }

    fn missing(&self, node: &Node<'_>, name: &str) -> DataverseError {
        let class = if self.own { node.class() } else { node.base_class() };
        DataverseError::no_property(name, class)
    }

    fn cut(
        &self,
        node: &Node<'a>,
        mut members: Members,
        options: &Options,
    ) -> Result<Map<String, Json>, DataverseError> {
        let mut cut = Map::new();
        if !self.own && node.class() != node.base_class() {
            let class = format!("#Microsoft.Dynamics.CRM.{}", node.class());
            cut.insert("@odata.type".into(), json!(class));
        }
        if options.select.is_empty() {
            cut.append(&mut members.derived);
            cut.append(&mut members.base);
        } else {
            for name in &options.select {
                cut.insert(name.clone(), self.member(node, &members, name)?);
            }
            cut.insert("MetadataId".into(), json!(node.id()));
        }
        for (name, inner) in &options.expand {
            cut.insert(name.clone(), self.expanded(node, name, inner)?);
        }
        Ok(cut)
    }

    fn expanded(
        &self,
        node: &Node<'a>,
        name: &str,
        options: &Options,
    ) -> Result<Json, DataverseError> {
        let linked = node.linked(self.schema, name, self.own);
        let shape = Shape { schema: self.schema, own: declares_own_type(name) };
        match linked.ok_or_else(|| self.missing(node, name))? {
            Linked::Many(nodes) => Ok(Json::Array(shape.all(&nodes, options)?)),
            Linked::One(node) => Ok(Json::Object(shape.one(&node, options)?)),
        }
    }
}

/// Only the columns of a table are declared as what all columns share.
pub(crate) fn declares_own_type(navigation: &str) -> bool {
    navigation != "Attributes"
}

/// `(LogicalName,OptionSet(Options))`, as it stands in `@odata.context`.
pub(crate) fn selected(options: &Options) -> String {
    let mut names = options.select.clone();
    names.extend(options.expand.iter().map(|(name, inner)| {
        let inner = selected(inner);
        if inner.is_empty() { format!("{name}()") } else { format!("{name}{inner}") }
    }));
    if names.is_empty() { String::new() } else { format!("({})", names.join(",")) }
}
