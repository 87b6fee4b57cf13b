//! FetchXML text to what it says. Names of tables and columns are left to be looked up; all else is
//! checked here, with Dataverse's own errors.
//!
//! Attributes that only tell how to carry the query out (`no-lock`, `hint`, `options`, …) are read
//! over, as are unknown attributes and the designer's notes (`uiname`, `uitype`).

use roxmltree::{Document, Node};

use super::super::errors::DataverseError;
use super::document::{
    Aggregate, Attribute, Columns, DatePart, Entity, Fetch, Link, LinkType, OrderBy,
};
use super::fault;
use super::parse_filter;

/// Source: fetchxml/join-tables, "Limitations".
const MAX_LINKS: usize = 15;

/// Elements in elements: what no query needs, and no thread's stack should be asked for.
pub(super) const MAX_DEPTH: usize = 60;

/// Counts over the whole document.
#[derive(Default)]
pub(super) struct Tally {
    links: usize,
    pub(super) conditions: usize,
    pub(super) values: usize,
}

pub(crate) fn parse(xml: &str) -> Result<Fetch, DataverseError> {
    let document = Document::parse(xml);
    let document = document.map_err(|_| fault("0x80040201", "Invalid XML."))?;
    let root = document.root_element();
    if !root.has_tag_name("fetch") {
        return Err(invalid_node(root, "fetch"));
    }
    if root
        .attribute("mapping")
        .is_some_and(|mapping| mapping != "logical" && mapping != "internal")
    {
        let message =
            "The only valid values for mapping are 'logical' or 'internal' which is deprecated.";
        return Err(fault("0x80041116", message));
    }
    flag(root, "no-lock", "0x80041118")?;
    let mut tally = Tally::default();
    let mut elements = elements(root);
    let entity = match (elements.next(), elements.next()) {
        (Some(entity), None) if entity.has_tag_name("entity") => entity,
        (Some(other), None) => return Err(invalid_node(other, "entity")),
        (_, Some(second)) => return Err(invalid_node(second, "entity")),
        (None, None) => return Err(fault("0x80041123", "A required element was not specified.")),
    };
    let fetch = Fetch {
        top: number(root, "top")?,
        count: number(root, "count")?,
        page: number(root, "page")?,
        cookie: text(root, "paging-cookie"),
        total: flag(root, "returntotalrecordcount", "0x80041139")?,
        distinct: flag(root, "distinct", "0x80041115")?,
        aggregate: flag(root, "aggregate", "0x8004111a")?,
        aggregate_limit: number(root, "aggregatelimit")?,
        raw_order: flag(root, "useraworderby", "0x800410fd")?,
        entity: self::entity(entity, 0, &mut tally, 0)?,
        links: tally.links,
    };
    match root.attribute("datasource") {
        None | Some("") => check(fetch),
        Some(_) => Err(DataverseError::not_implemented("retained rows (datasource) in FetchXML")),
    }
}

/// What goes with what on `fetch`.
fn check(fetch: Fetch) -> Result<Fetch, DataverseError> {
    let paging = [
        ("page", fetch.page.is_some()),
        ("count", fetch.count.is_some()),
        ("paging-cookie", fetch.cookie.is_some()),
        ("returntotalrecordcount", fetch.total),
    ];
    if fetch.top.is_some()
        && let Some((name, _)) = paging.iter().find(|(_, given)| *given)
    {
        let message = format!("The top attribute can't be specified with paging attribute {name}");
        return Err(fault("0x80040203", message));
    }
    if fetch.distinct && matches!(fetch.entity.columns, Columns::None) {
        let message = "The no-attrs tag cannot be used in conjuction with Distinct set to true.";
        return Err(fault("0x8004112c", message));
    }
    if fetch.links > MAX_LINKS {
        let message = "Number of link entities in query exceeded maximum limit.";
        return Err(fault("0x8004430d", message));
    }
    Ok(fetch)
}

fn entity(
    node: Node<'_, '_>,
    id: usize,
    tally: &mut Tally,
    depth: usize,
) -> Result<Entity, DataverseError> {
    if depth > MAX_DEPTH {
        return Err(too_deep());
    }
    let mut entity = Entity { name: required(node, "name")?, id, ..Entity::default() };
    let mut named = Vec::new();
    for child in elements(node) {
        match child.tag_name().name() {
            "attribute" => named.push(attribute(child)?),
            "all-attributes" => entity.columns = Columns::All,
            "no-attrs" => entity.columns = Columns::None,
            "order" => entity.orders.push(order(child)?),
            "filter" => entity.filters.push(parse_filter::filter(child, tally, depth + 1)?),
            "link-entity" => {
                let link = link(child, tally, depth + 1)?;
                if matches!(link.kind, LinkType::Any | LinkType::NotAny | LinkType::All) {
                    return Err(invalid_link_type());
                }
                entity.links.push(link);
            }
            _ => {
                let valid = "filter, order, link-entity, attribute, all-attributes, no-attrs";
                return Err(invalid_node(child, valid));
            }
        }
    }
    if !named.is_empty() {
        // Attributes beside `all-attributes` only matter for their aliases.
        entity.columns = match entity.columns {
            Columns::All if named.iter().all(|attribute| attribute.alias.is_none()) => Columns::All,
            _ => Columns::Named(named),
        };
    }
    Ok(entity)
}

pub(super) fn link(
    node: Node<'_, '_>,
    tally: &mut Tally,
    depth: usize,
) -> Result<Link, DataverseError> {
    tally.links += 1;
    let kind = match node.attribute("link-type").unwrap_or("inner") {
        "inner" | "natural" => LinkType::Inner,
        "outer" => LinkType::Outer,
        "matchfirstrowusingcrossapply" => LinkType::First,
        "exists" | "in" => LinkType::Exists,
        // "not all" is another name of "any", as the reference says.
        "any" | "not all" => LinkType::Any,
        "not any" => LinkType::NotAny,
        "all" => LinkType::All,
        _ => return Err(invalid_link_type()),
    };
    let between = match (text(node, "from"), text(node, "to")) {
        (Some(from), Some(to)) => Some((from, to)),
        (None, None) => None,
        _ => {
            let message =
                "AttributeFrom and AttributeTo must be either both specified or both omitted.";
            return Err(fault("0x80041111", message));
        }
    };
    let entity = entity(node, tally.links, tally, depth)?;
    let selects = matches!(entity.columns, Columns::All | Columns::Named(_));
    if selects && !matches!(kind, LinkType::Inner | LinkType::Outer | LinkType::First) {
        let message = "Columns of a link-entity can not be selected with this link-type.";
        return Err(fault("0x80040203", message));
    }
    Ok(Link { entity, alias: text(node, "alias"), kind, between })
}

fn attribute(node: Node<'_, '_>) -> Result<Attribute, DataverseError> {
    let aggregate = match node.attribute("aggregate") {
        None | Some("") => None,
        Some("count") => Some(Aggregate::Count),
        Some("countcolumn") => Some(Aggregate::CountColumn),
        Some("sum") => Some(Aggregate::Sum),
        Some("avg") => Some(Aggregate::Average),
        Some("min") => Some(Aggregate::Min),
        Some("max") => Some(Aggregate::Max),
        Some(_) => {
            let message = "An error occurred while processing Aggregates in Query";
            return Err(fault("0x8004111a", message));
        }
    };
    let part = match node.attribute("dategrouping") {
        None | Some("") => None,
        Some("day") => Some(DatePart::Day),
        Some("week") => Some(DatePart::Week),
        Some("month") => Some(DatePart::Month),
        Some("quarter") => Some(DatePart::Quarter),
        Some("year") => Some(DatePart::Year),
        Some("fiscal-period") => Some(DatePart::FiscalPeriod),
        Some("fiscal-year") => Some(DatePart::FiscalYear),
        Some(_) => return Err(invalid_date_part()),
    };
    let count_children = match node.attribute("rowaggregate") {
        None | Some("") => false,
        Some("CountChildren") => true,
        Some(_) => return Err(fault("0x80041139", "The attribute value provided is invalid.")),
    };
    Ok(Attribute {
        name: required(node, "name")?,
        alias: text(node, "alias"),
        group: flag(node, "groupby", "0x8004112e")?,
        aggregate,
        distinct: flag(node, "distinct", "0x80041115")?,
        part,
        count_children,
    })
}

fn order(node: Node<'_, '_>) -> Result<OrderBy, DataverseError> {
    Ok(OrderBy {
        attribute: text(node, "attribute"),
        alias: text(node, "alias"),
        entity: text(node, "entityname"),
        descending: flag(node, "descending", "0x80041119")?,
    })
}

pub(super) fn elements<'a, 'i>(node: Node<'a, 'i>) -> impl Iterator<Item = Node<'a, 'i>> {
    node.children().filter(Node::is_element)
}

/// An attribute that says something; an empty one says nothing.
pub(super) fn text(node: Node<'_, '_>, name: &str) -> Option<String> {
    node.attribute(name).filter(|text| !text.is_empty()).map(str::to_owned)
}

pub(super) fn required(node: Node<'_, '_>, name: &str) -> Result<String, DataverseError> {
    text(node, name).ok_or_else(|| fault("0x8004111e", "A required attribute was not specified."))
}

pub(super) fn flag(
    node: Node<'_, '_>,
    name: &str,
    code: &'static str,
) -> Result<bool, DataverseError> {
    match node.attribute(name) {
        None | Some("" | "false" | "0" | "False") => Ok(false),
        Some("true" | "1" | "True") => Ok(true),
        Some(_) => {
            let message = format!(
                "The only valid values for {name} attribute are 'true', 'false', '1', and '0'."
            );
            Err(fault(code, message))
        }
    }
}

fn number(node: Node<'_, '_>, name: &str) -> Result<Option<u32>, DataverseError> {
    let Some(text) = text(node, name) else {
        return Ok(None);
    };
    let number = text.trim().parse().ok().filter(|number| *number > 0);
    number.map(Some).ok_or_else(|| {
        let message = format!("A value greater than zero must be specified for {name}.");
        fault("0x8004110c", message)
    })
}

fn invalid_link_type() -> DataverseError {
    let message = "The only valid values for link-type attribute are 'natural', 'inner','in','exists',\
                   'matchfirstrowusingcrossapply' and 'outer'.";
    fault("0x80041117", message)
}

pub(super) fn invalid_date_part() -> DataverseError {
    fault("0x80041135", "An invalid value was specified for dategrouping.")
}

pub(super) fn too_deep() -> DataverseError {
    fault("0x80041101", "The query is nested too deeply.")
}

pub(super) fn invalid_node(node: Node<'_, '_>, valid: &str) -> DataverseError {
    let name = node.tag_name().name();
    let xml = node.document().input_text().get(node.range()).unwrap_or_default();
    let message =
        format!("Invalid Child Node, valid nodes are {valid}. NodeName = {name} NodeXml = {xml}");
    fault("0x8004111c", message)
}

#[cfg(test)]
#[path = "parse_tests.rs"]
mod tests;
