//! The requests that read definitions, and how their answers become one.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use futures::future::try_join_all;
use serde::de::DeserializeOwned;

use super::lookups::{Lookups, Relationship};
use super::tables::{Described, Detailed, Extra};
use crate::client::core::{Core, unreadable};
use crate::client::list::ListRequest;
use crate::error::Error;
use crate::query_options::encode_query_options;
use crate::resource_path::check_entity_set;
use crate::sent::Sent;

const OF_TABLES: &str = "$select=LogicalName,EntitySetName,DisplayName,PrimaryIdAttribute,\
    PrimaryNameAttribute,IsCustomEntity";
const OF_COLUMNS: &str = "$select=LogicalName,AttributeOf,AttributeTypeName,DisplayName,RequiredLevel,\
    IsValidForRead,IsValidForCreate,IsValidForUpdate";
const OF_KEYS: &str = "$select=LogicalName,DisplayName,KeyAttributes";
const OF_RELATIONSHIPS: &str =
    "$select=ReferencingAttribute,ReferencedEntity,ReferencingEntityNavigationPropertyName";

const LENGTH: &str = "$select=LogicalName,MaxLength";
const TARGETS: &str = "$select=LogicalName,Targets";
const CHOICES: &str =
    "$select=LogicalName&$expand=OptionSet($select=Options),GlobalOptionSet($select=Options)";
const YES_AND_NO: &str = "$select=LogicalName&$expand=OptionSet($select=TrueOption,FalseOption)";

/// What columns of a type have beside what all have.
const OF_TYPES: [(&str, &str); 8] = [
    ("String", LENGTH),
    ("Memo", LENGTH),
    ("Lookup", TARGETS),
    ("Picklist", CHOICES),
    ("MultiSelectPicklist", CHOICES),
    ("State", CHOICES),
    ("Status", CHOICES),
    ("Boolean", YES_AND_NO),
];

/// All tables whose records can be addressed.
pub(super) async fn tables(
    core: &Core,
    sent: &Sent,
    until: Instant,
) -> Result<Arc<[Described]>, Error> {
    let all: Vec<Described> = read(core, "EntityDefinitions", OF_TABLES, sent, until).await?;
    Ok(all.into_iter().filter_map(Described::addressable).collect())
}

/// Columns and keys of one table, all requests under way at once.
pub(super) async fn details(
    core: &Core,
    table: Described,
    sent: &Sent,
    until: Instant,
) -> Result<Arc<Detailed>, Error> {
    let root = address(&table.logical_name)?;
    let (columns, keys) = (format!("{root}/Attributes"), format!("{root}/Keys"));
    let of_types = OF_TYPES.map(|(kind, options)| {
        let path = format!("{root}/Attributes/Microsoft.Dynamics.CRM.{kind}AttributeMetadata");
        async move { read::<Extra>(core, &path, options, sent, until).await }
    });
    let (columns, keys, extras) = tokio::try_join!(
        read(core, &columns, OF_COLUMNS, sent, until),
        read(core, &keys, OF_KEYS, sent, until),
        try_join_all(of_types),
    )?;
    let extras: HashMap<_, _> =
        extras.into_iter().flatten().map(|extra| (extra.logical_name.clone(), extra)).collect();
    Ok(Arc::new(Detailed { table, columns, keys, extras }))
}

/// The lookups of one table.
pub(super) async fn lookups(
    core: &Core,
    logical_name: &str,
    tables: &[Described],
    sent: &Sent,
    until: Instant,
) -> Result<Arc<Lookups>, Error> {
    let path = format!("{}/ManyToOneRelationships", address(logical_name)?);
    let all: Vec<Relationship> = read(core, &path, OF_RELATIONSHIPS, sent, until).await?;
    let entity_set = |logical_name: &str| {
        let table = tables.iter().find(|table| table.logical_name == logical_name);
        table.map(|table| table.entity_set.clone())
    };
    Ok(Arc::new(Lookups::new(all, entity_set)))
}

fn address(logical_name: &str) -> Result<String, Error> {
    check_entity_set(logical_name)?;
    Ok(format!("EntityDefinitions(LogicalName='{logical_name}')"))
}

async fn read<T: DeserializeOwned>(
    core: &Core,
    path: &str,
    options: &str,
    sent: &Sent,
    until: Instant,
) -> Result<Vec<T>, Error> {
    let request = ListRequest::definitions(path, encode_query_options(options)?);
    let page = core.list(&request, sent, until).await?.value;
    let read = page.records.iter().map(|record| serde_json::from_str(record.get()));
    let all: Result<_, _> = read.collect();
    all.map_err(|_| unreadable("the definition of a table"))
}
