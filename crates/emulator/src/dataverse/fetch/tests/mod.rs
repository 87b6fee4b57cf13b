//! FetchXML against a database: the documented examples on the documented sample rows.

mod aggregate;
mod errors;
mod filter;
mod join;
mod page;

use super::super::query::ast::Value;
use super::super::query::sql::{Builder, push_value};
use super::super::storage;
use super::*;
use sqlx::SqlitePool;

pub(super) const USER: &str = "00000000-0000-4000-8000-000000000901";
pub(super) const UNIT: &str = "00000000-0000-4000-8000-000000000902";

type Sample = (&'static str, Option<i64>, Option<&'static str>, Option<&'static str>);

/// Account (name, employees, city) and its primary contact, after fetchxml/aggregate-data and
/// fetchxml/join-tables.
const ACCOUNTS: [Sample; 10] = [
    ("Example Account", None, None, None),
    ("Contoso Pharmaceuticals (sample)", Some(1500), Some("Redmond"), Some("Robert Lyon (sample)")),
    ("Fabrikam, Inc. (sample)", Some(2700), Some("Lynnwood"), Some("Maria Campbell (sample)")),
    (
        "Blue Yonder Airlines (sample)",
        Some(2900),
        Some("Los Angeles"),
        Some("Sidney Higa (sample)"),
    ),
    ("City Power & Light (sample)", Some(2900), Some("Redmond"), Some("Scott Konersmann (sample)")),
    ("Coho Winery (sample)", Some(3900), Some("Phoenix"), Some("Jim Glynn (sample)")),
    ("Adventure Works (sample)", Some(4300), Some("Santa Cruz"), Some("Nancy Anderson (sample)")),
    ("Alpine Ski House (sample)", Some(4800), Some("Missoula"), Some("Paul Cannon (sample)")),
    ("Litware, Inc. (sample)", Some(6000), Some("Dallas"), Some("Susanna Stubberod (sample)")),
    ("A. Datum Corporation (sample)", Some(6200), Some("Redmond"), Some("Rene Valdes (sample)")),
];

pub(super) struct World {
    pub(super) pool: SqlitePool,
    pub(super) schema: Schema,
}

pub(super) fn id(number: usize) -> String {
    format!("00000000-0000-4000-8000-{number:012}")
}

/// The id of an account of the sample, and of its contact.
pub(super) fn account(at: usize) -> String {
    id(100 + at)
}

pub(super) fn contact(at: usize) -> String {
    id(200 + at)
}

pub(super) async fn empty() -> World {
    let schema = Schema::load(None).unwrap();
    let pool = storage::connect(None).await.unwrap();
    storage::prepare(&pool, &schema).await.unwrap();
    World { pool, schema }
}

/// The sample rows.
pub(super) async fn world() -> World {
    let world = empty().await;
    for (at, (name, employees, city, person)) in ACCOUNTS.iter().enumerate() {
        let day = if at == 0 { "2023-08-27" } else { "2023-03-25" };
        let mut row = vec![
            ("accountid", text(&account(at))),
            ("name", text(name)),
            ("createdon", text(&format!("{day}T17:42:{at:02}Z"))),
            ("versionnumber", Value::Integer(1000 + at as i64)),
            ("statecode", Value::Integer(0)),
        ];
        row.extend(employees.map(|count| ("numberofemployees", Value::Integer(count))));
        row.extend(city.map(|city| ("address1_city", text(city))));
        if let Some(person) = person {
            row.push(("_primarycontactid_value", text(&contact(at))));
            row.push(("_primarycontactid_value__table", text("contact")));
            let (first, last) = person.split_once(' ').unwrap();
            let person = [
                ("contactid", text(&contact(at))),
                ("fullname", text(person)),
                ("firstname", text(first)),
                ("lastname", text(last)),
                ("_parentcustomerid_value", text(&account(at))),
                ("_parentcustomerid_value__table", text("account")),
                ("versionnumber", Value::Integer(2000 + at as i64)),
                ("statecode", Value::Integer(0)),
            ];
            world.add("contact", &person).await;
        }
        world.add("account", &row).await;
    }
    world
}

pub(super) fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

impl World {
    pub(super) async fn add(&self, table: &str, row: &[(&str, Value)]) {
        let names: Vec<String> = row.iter().map(|(name, _)| format!("\"{name}\"")).collect();
        let mut builder =
            Builder::new(format!("INSERT INTO \"{table}\" ({}) VALUES (", names.join(", ")));
        for (at, (_, value)) in row.iter().enumerate() {
            builder.push(if at > 0 { ", " } else { "" });
            push_value(&mut builder, value);
        }
        builder.push(")");
        builder.build().execute(&self.pool).await.unwrap();
    }

    pub(super) async fn set(&self, table: &str, id: &str, column: &str, value: Value) {
        let key = self.schema.by_logical(table).unwrap().key.clone();
        let mut builder = Builder::new(format!("UPDATE \"{table}\" SET \"{column}\" = "));
        push_value(&mut builder, &value);
        builder.push(format!(" WHERE \"{key}\" = ")).push_bind(id.to_owned());
        builder.build().execute(&self.pool).await.unwrap();
    }

    pub(super) async fn ask(
        &self,
        xml: &str,
        annotations: Option<&str>,
    ) -> Result<Answer, DataverseError> {
        let rest = xml.split_once("<entity name='").map(|(_, rest)| rest).unwrap_or("account'");
        let table = rest.split_once('\'').and_then(|(name, _)| self.schema.by_logical(name));
        let table = table.or(self.schema.by_logical("account")).unwrap();
        let now = "2023-08-27T20:00:00Z".parse().unwrap();
        let context = Context { now, user: USER.into(), business_unit: UNIT.into() };
        let annotations = Annotations::parse(annotations);
        let asked = Asked {
            schema: &self.schema,
            table,
            context: &context,
            annotations: &annotations,
            page_size: None,
            total: false,
        };
        let mut connection = self.pool.acquire().await.unwrap();
        run(&mut connection, &asked, xml, &|_| Ok(Vec::new())).await
    }

    pub(super) async fn rows(&self, xml: &str) -> Vec<Json> {
        self.ask(xml, None).await.unwrap().rows
    }

    /// One member of each row; empty where it is left out.
    pub(super) async fn column(&self, xml: &str, name: &str) -> Vec<String> {
        let rows = self.rows(xml).await;
        let value = |row: &Json| match row.get(name) {
            None => String::new(),
            Some(Json::String(text)) => text.clone(),
            Some(other) => other.to_string(),
        };
        rows.iter().map(value).collect()
    }

    /// The names of the accounts or contacts that a filter leaves, up to the first word.
    pub(super) async fn left(&self, entity: &str, name: &str, filter: &str) -> Vec<String> {
        let xml = format!(
            "<fetch><entity name='{entity}'><attribute name='{name}'/>{filter}\
             <order attribute='{name}'/></entity></fetch>"
        );
        let names = self.column(&xml, name).await;
        names.iter().map(|name| name.split([' ', ',']).next().unwrap().to_owned()).collect()
    }

    pub(super) async fn error(&self, xml: &str) -> (&'static str, String) {
        match self.ask(xml, None).await {
            Ok(_) => panic!("no error: {xml}"),
            Err(error) => (error.code, error.message),
        }
    }
}
