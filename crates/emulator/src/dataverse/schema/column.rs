//! Makes the columns of a table out of a type's properties and the details of them.

use super::build::{Model, is_lookup};
use super::csdl::{EntityType, Problem, Property};
use super::details::{ColumnDetails, Refined};
use super::{Column, Kind, Required, Table};

/// Columns that the platform sets, in whatever table they are.
const SET_BY_PLATFORM: [&str; 10] = [
    "activitytypecode",
    "createdby",
    "createdon",
    "createdonbehalfby",
    "modifiedby",
    "modifiedon",
    "modifiedonbehalfby",
    "owningbusinessunit",
    "owningteam",
    "owninguser",
];

/// Adds the columns of `kind` and of the types it derives from, theirs first.
pub(crate) fn add_all<'a>(
    model: &Model<'a>,
    kind: &'a EntityType,
    table: &mut Table,
) -> Result<(), Problem> {
    let mut chain: Vec<&EntityType> = model.chain(kind).collect();
    let names: Vec<&str> = chain.iter().map(|kind| kind.name.as_str()).collect();
    chain.reverse();
    let properties: Vec<&Property> = chain.iter().flat_map(|kind| &kind.properties).collect();
    for property in &properties {
        // An owner's own key is a second name of a user's or team's; in addresses it is never used.
        let second_key = property.name == "ownerid" && table.key != "ownerid";
        if second_key || table.by_name.contains_key(&property.name) {
            continue;
        }
        let logical = logical(&property.name);
        let details = model.details.column(names.iter().copied(), logical);
        let Some(column) = column(model, &names, property, &properties, details, table) else {
            continue;
        };
        table.by_name.insert(column.name.clone(), table.columns.len());
        table.columns.push(column);
    }
    match table.by_name.contains_key(&table.key) {
        true => Ok(()),
        false => {
            let text = format!("the key of {} is {}, which it has not", kind.name, table.key);
            Err(Problem::new(kind.at, text))
        }
    }
}

/// The logical name: `customerid` of `_customerid_value`.
fn logical(property: &str) -> &str {
    match is_lookup(property) {
        true => property.strip_prefix('_').and_then(|name| name.strip_suffix("_value")),
        false => None,
    }
    .unwrap_or(property)
}

/// `None` for what is no column of the database, such as a value with parts of its own.
fn column(
    model: &Model,
    chain: &[&str],
    property: &Property,
    all: &[&Property],
    details: Option<&ColumnDetails>,
    table: &Table,
) -> Option<Column> {
    let nothing = ColumnDetails::default();
    let details = details.unwrap_or(&nothing);
    let logical = logical(&property.name);
    let kind = match () {
        () if property.name == table.key => Kind::Key,
        () if is_lookup(&property.name) => {
            Kind::Lookup(targets(model, chain, &property.name, details))
        }
        () => kind(property, all, details)?,
    };
    let or = |text: &str, other: &str| if text.is_empty() { other } else { text }.to_owned();
    let schema = or(&details.schema, logical);
    let required = match details.required {
        Required::None if !property.nullable && kind != Kind::Key => Required::System,
        required => required,
    };
    let computed = match property.name.as_str() {
        "versionnumber" => true,
        // A row has it from its currency; a currency has its own.
        "exchangerate" => all.iter().any(|other| other.name == "_transactioncurrencyid_value"),
        name => is_base_amount(name, all),
    };
    Some(Column {
        logical: logical.to_owned(),
        name: property.name.clone(),
        label: or(&details.label, &schema),
        description: or(&details.description, &property.description),
        required,
        readonly: details.readonly
            || property.readonly
            || computed
            || SET_BY_PLATFORM.contains(&logical),
        kind,
        schema,
    })
}

fn kind(property: &Property, all: &[&Property], details: &ColumnDetails) -> Option<Kind> {
    let options = details.options.clone();
    Some(match property.kind.as_str() {
        "Edm.String" if details.kind == Some(Refined::Choices) => {
            Kind::Choices(options.unwrap_or_default())
        }
        "Edm.String" => Kind::Text { max: property.max_length.or(details.max), memo: details.memo },
        "Edm.Int32" | "Edm.Int16" | "Edm.Byte" => match property.name.as_str() {
            "statecode" => Kind::State,
            "statuscode" => Kind::Status,
            _ => options.map_or(Kind::Integer, Kind::Choice),
        },
        "Edm.Int64" => Kind::BigInteger,
        "Edm.Decimal" if details.kind == Some(Refined::Money) => Kind::Money,
        "Edm.Decimal" if is_amount(&property.name, all) => Kind::Money,
        "Edm.Decimal" => Kind::Decimal,
        "Edm.Double" | "Edm.Single" => Kind::Double,
        "Edm.Boolean" => {
            let label = |value, other: &str| {
                let label = options.as_ref().and_then(|all| all.get(&value)).cloned();
                label.unwrap_or_else(|| other.to_owned())
            };
            Kind::Boolean([label(0, "No"), label(1, "Yes")])
        }
        "Edm.DateTimeOffset" => Kind::DateTime,
        "Edm.Date" => Kind::Date,
        "Edm.Guid" => Kind::Guid,
        "Edm.Binary" => Kind::Binary,
        _ => return None,
    })
}

/// Money is a decimal in CSDL, but every amount has one beside it in the organisation's currency.
fn is_amount(name: &str, all: &[&Property]) -> bool {
    let base = format!("{name}_base");
    is_base_amount(name, all) || all.iter().any(|other| other.name == base)
}

fn is_base_amount(name: &str, all: &[&Property]) -> bool {
    let Some(amount) = name.strip_suffix("_base") else {
        return false;
    };
    all.iter().any(|other| other.kind == "Edm.Decimal" && other.name == amount)
}

fn targets(model: &Model, chain: &[&str], property: &str, details: &ColumnDetails) -> Vec<String> {
    let mut targets = Vec::new();
    let kinds = chain.iter().filter_map(|name| model.kind(name));
    for way in kinds.flat_map(|kind| &kind.navigations) {
        if !way.collection && way.property.as_deref() == Some(property) {
            let new = model.targets(&way.target).into_iter();
            let new: Vec<String> = new.filter(|target| !targets.contains(target)).collect();
            targets.extend(new);
        }
    }
    match targets.is_empty() {
        true => details.targets.clone(),
        false => targets,
    }
}
