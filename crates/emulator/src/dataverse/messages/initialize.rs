//! `InitializeFrom`: the values with which a new row begins that is made out of another. Nothing is written.
//!
//! What is carried over are the mappings of a new organisation, in broad lines: addresses from customers,
//! columns of the same name along the chain from opportunity to invoice. Source:
//! webapi/create-entity-web-api, "Create a new row from another row".

use axum::response::Response;
use http::StatusCode;
use serde_json::{Map, Value as Json, json};
use sqlx::SqliteConnection;

use super::super::access::{Right, demand_row};
use super::super::call::Call;
use super::super::errors::DataverseError;
use super::super::query::options::Options;
use super::super::schema::{Column, Table};
use super::super::shape::{Annotations, TABLE};
use super::parameters::{Arguments, Target, invalid};

const FIELD_TYPES: [&str; 4] = ["All", "ValidForCreate", "ValidForRead", "ValidForUpdate"];

/// What goes over from one table to another.
enum Mapped {
    /// Columns whose names begin so, and the currency.
    Beginning(&'static [&'static str]),
    /// Every column of the same name.
    Same,
}

/// Pairs of tables with a mapping, with the lookup by which the new row points to the old.
const MAPPINGS: [(&str, &str, Mapped); 10] = [
    ("account", "account", Mapped::Beginning(&["address1_", "territorycode"])),
    ("account", "contact", Mapped::Beginning(&["address1_", "telephone1", "fax"])),
    ("account", "opportunity", Mapped::Beginning(&[])),
    ("account", "incident", Mapped::Beginning(&[])),
    ("contact", "opportunity", Mapped::Beginning(&[])),
    ("contact", "incident", Mapped::Beginning(&[])),
    ("incident", "incident", Mapped::Beginning(&["title"])),
    ("opportunity", "quote", Mapped::Same),
    ("quote", "salesorder", Mapped::Same),
    ("salesorder", "invoice", Mapped::Same),
];

pub(super) async fn from(
    call: &Call<'_>,
    connection: &mut SqliteConnection,
    arguments: Option<&str>,
) -> Result<Response, DataverseError> {
    let names = ["EntityMoniker", "TargetEntityName", "TargetFieldType"];
    let arguments = Arguments::read(call, arguments, &names)?;
    let source = arguments.row(call, connection, "EntityMoniker").await?;
    let target = arguments.text("TargetEntityName")?;
    arguments.choice("TargetFieldType", "TargetFieldType", &FIELD_TYPES)?;
    let schema = &call.dataverse().schema;
    let target = schema.by_logical(&target).ok_or_else(|| DataverseError::no_table(&target))?;
    demand_row(call.author(), connection, source.table, &source.id, Right::Read).await?;
    let mapping = MAPPINGS
        .iter()
        .find(|(from, to, _)| *from == source.table.logical && *to == target.logical);
    let Some((_, _, mapped)) = mapping else {
        let message = format!(
            "No mapping exists between entities {} and {}.",
            source.table.logical, target.logical
        );
        return Err(invalid(&message));
    };
    let values = mapped.values(call, connection, &source, target).await?;
    let mut body = Map::new();
    let context = format!("{}/$metadata#{}/$entity", call.caller.base, target.set);
    body.insert("@odata.context".to_owned(), json!(context));
    let kind = format!("#Microsoft.Dynamics.CRM.{}", target.logical);
    body.insert("@odata.type".to_owned(), json!(kind));
    body.extend(values);
    Ok(call.json(StatusCode::OK, &Json::Object(body)))
}

impl Mapped {
    fn holds(&self, column: &Column) -> bool {
        match self {
            Mapped::Same => column.logical != "ownerid",
            Mapped::Beginning(names) => {
                column.logical == "transactioncurrencyid"
                    || names.iter().any(|name| column.name.starts_with(name))
            }
        }
    }

    async fn values(
        &self,
        call: &Call<'_>,
        connection: &mut SqliteConnection,
        source: &Target<'_>,
        target: &Table,
    ) -> Result<Map<String, Json>, DataverseError> {
        let columns: Vec<&Column> =
            target.columns.iter().filter(|column| taken(column, source, target)).collect();
        let columns: Vec<&Column> =
            columns.into_iter().filter(|column| self.holds(column)).collect();
        let select = columns.iter().map(|column| column.name.clone()).collect();
        let mut options = Options { select: Some(select), ..Options::default() };
        options.annotate(&Annotations::parse(Some(TABLE)));
        let row = call.written(connection, source.table, &source.id, &options).await?;
        let mut values = Map::new();
        for column in columns {
            let value = row.get(&column.name).cloned().unwrap_or_default();
            let pointed = row.get(format!("{}@{TABLE}", column.name)).and_then(Json::as_str);
            match (column.is_lookup(), value.as_str(), pointed) {
                _ if value.is_null() => {}
                (true, Some(id), Some(table)) => {
                    bind(call, &mut values, target, column, (table, id))
                }
                (true, ..) => {}
                _ => {
                    values.insert(column.name.clone(), value);
                }
            }
        }
        if let Some(column) = parent(target, source.table) {
            let (table, id) = (source.table.logical.as_str(), source.id.as_str());
            bind(call, &mut values, target, column, (table, id));
        }
        Ok(values)
    }
}

/// Whether a new row can have this column from the old.
fn taken(column: &Column, source: &Target<'_>, target: &Table) -> bool {
    let own = source.table.column(&column.name);
    let fits = own.is_some_and(|own| own.kind.edm() == column.kind.edm());
    let state = ["statecode", "statuscode"].contains(&column.name.as_str());
    let key = column.name == target.key
        || target.keys.iter().any(|key| key.columns.contains(&column.name));
    let numbered = column.name.ends_with("number") && !source.table.name.is_empty();
    let id = column.name.ends_with("_addressid");
    fits && !column.readonly && !state && !key && !numbered && !id
}

/// The lookup by which rows of `target` belong to a row of `source`.
fn parent<'t>(target: &'t Table, source: &Table) -> Option<&'t Column> {
    let names = ["parentaccountid", "parentcustomerid", "customerid", "parentcaseid"];
    let own = format!("{}id", source.logical);
    let mut names = std::iter::once(own.as_str()).chain(names);
    names.find_map(|name| {
        let column = target.attribute(name).filter(|column| column.is_lookup())?;
        column.targets().contains(&source.logical).then_some(column)
    })
}

fn bind(
    call: &Call<'_>,
    values: &mut Map<String, Json>,
    target: &Table,
    column: &Column,
    (table, id): (&str, &str),
) {
    let navigation = target.navigation_to(column, table);
    let set = call.dataverse().schema.by_logical(table).map(|table| table.set.as_str());
    if let Some((navigation, set)) = navigation.zip(set) {
        values.insert(format!("{navigation}@odata.bind"), json!(format!("{set}({id})")));
    }
}
