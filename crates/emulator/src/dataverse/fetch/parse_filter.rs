//! The `filter` and `condition` elements.

use roxmltree::Node;

use super::super::errors::DataverseError;
use super::super::query::operators::{Operator, Parameters};
use super::document::{Condition, Filter, LinkType, Part};
use super::fault;
use super::parse::{
    MAX_DEPTH, Tally, elements, flag, invalid_node, link, required, text, too_deep,
};

/// Source: fetchxml/reference/filter, "condition element: 0 to 500".
const MAX_CONDITIONS: usize = 500;

/// Below what a statement of the database can hold.
const MAX_VALUES: usize = 30_000;

pub(super) fn filter(
    node: Node<'_, '_>,
    tally: &mut Tally,
    depth: usize,
) -> Result<Filter, DataverseError> {
    if depth > MAX_DEPTH {
        return Err(too_deep());
    }
    let any = match node.attribute("type") {
        None | Some("" | "and") => false,
        Some("or") => true,
        Some(_) => {
            let message = "Unsupported filter type. Valid values are 'and', or 'or'.";
            return Err(fault("0x80041122", message));
        }
    };
    flag(node, "isquickfindfields", "0x80041138")?;
    let mut parts = Vec::new();
    for child in elements(node) {
        parts.push(match child.tag_name().name() {
            "condition" => Part::Condition(condition(child, tally)?),
            "filter" => Part::Filter(filter(child, tally, depth + 1)?),
            "link-entity" => {
                let link = link(child, tally, depth + 1)?;
                if !matches!(link.kind, LinkType::Any | LinkType::NotAny | LinkType::All) {
                    return Err(fault("0x80041121", "Unsupported join operator."));
                }
                Part::Link(link)
            }
            _ => return Err(invalid_node(child, "condition, filter, link-entity")),
        });
    }
    Ok(Filter { any, parts })
}

fn condition(node: Node<'_, '_>, tally: &mut Tally) -> Result<Condition, DataverseError> {
    tally.conditions += 1;
    if tally.conditions > MAX_CONDITIONS {
        let message = "Number of conditions in query exceeded maximum limit.";
        return Err(fault("0x8004430c", message));
    }
    let name = required(node, "operator")?;
    let operator = Operator::from_fetch(&name).ok_or_else(|| {
        fault("0x80041120", format!("Unsupported condition operator. Operator = {name}"))
    })?;
    let attribute = text(node, "attribute").or_else(|| text(node, "column"));
    let values = values(node, operator)?;
    tally.values += values.len();
    if tally.values > MAX_VALUES {
        let message = "Number of parameters in a condition exceeded maximum limit.";
        return Err(fault("0x8004430e", message));
    }
    Ok(Condition {
        entity: text(node, "entityname"),
        attribute: attribute
            .ok_or_else(|| fault("0x8004111e", "A required attribute was not specified."))?,
        operator,
        values,
        value_of: text(node, "valueof"),
    })
}

/// The `value` elements, or else the attribute `value`. Designers leave an empty or a stale attribute
/// where the operator takes none or several: it counts for nothing there.
fn values(node: Node<'_, '_>, operator: Operator) -> Result<Vec<String>, DataverseError> {
    let mut values = Vec::new();
    for child in elements(node) {
        if !child.has_tag_name("value") {
            return Err(invalid_node(child, "value"));
        }
        values.push(child.text().unwrap_or_default().to_owned());
    }
    let attribute = node.attribute("value").map(str::to_owned);
    Ok(match operator.parameters() {
        Parameters::None => Vec::new(),
        _ if !values.is_empty() => values,
        Parameters::One => attribute.into_iter().collect(),
        _ => attribute.filter(|text| !text.is_empty()).into_iter().collect(),
    })
}
