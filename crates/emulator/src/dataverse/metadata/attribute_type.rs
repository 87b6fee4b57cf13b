//! The types of attributes and the members that only one type has.
//!
//! Limits that the tables do not know (least and greatest number, precision) are those that
//! Dataverse gives a new column of the type.

use serde_json::{Map, Value as Json, json};

use super::label::members;
use crate::dataverse::schema::{Column, Kind};

/// A type of attribute under its three names.
pub(crate) struct Type {
    /// `AttributeType`, `String`.
    pub(crate) attribute_type: &'static str,
    /// `AttributeTypeName`, `StringType`.
    pub(crate) name: &'static str,
    /// The type in OData, without its namespace.
    pub(crate) class: &'static str,
}

const fn named(attribute_type: &'static str, name: &'static str, class: &'static str) -> Type {
    Type { attribute_type, name, class }
}

pub(crate) const STRING: Type = named("String", "StringType", "StringAttributeMetadata");
pub(crate) const VIRTUAL: Type = named("Virtual", "VirtualType", "AttributeMetadata");
pub(crate) const ENTITY_NAME: Type =
    named("EntityName", "EntityNameType", "EntityNameAttributeMetadata");

pub(crate) fn of(column: &Column) -> Type {
    let lookup = "LookupAttributeMetadata";
    match (&column.kind, column.kind.attribute_type(&column.logical)) {
        (Kind::Choices(_), _) => {
            named("Virtual", "MultiSelectPicklistType", "MultiSelectPicklistAttributeMetadata")
        }
        (Kind::Binary, _) if column.logical == "entityimage" => {
            named("Virtual", "ImageType", "ImageAttributeMetadata")
        }
        (Kind::Binary, _) => named("Virtual", "FileType", "FileAttributeMetadata"),
        (_, "Uniqueidentifier") => {
            named("Uniqueidentifier", "UniqueidentifierType", "UniqueIdentifierAttributeMetadata")
        }
        (_, "Owner") => named("Owner", "OwnerType", lookup),
        (_, "Customer") => named("Customer", "CustomerType", lookup),
        (_, "Lookup") => named("Lookup", "LookupType", lookup),
        (_, "Memo") => named("Memo", "MemoType", "MemoAttributeMetadata"),
        (_, "Integer") => named("Integer", "IntegerType", "IntegerAttributeMetadata"),
        (_, "BigInt") => named("BigInt", "BigIntType", "BigIntAttributeMetadata"),
        (_, "Decimal") => named("Decimal", "DecimalType", "DecimalAttributeMetadata"),
        (_, "Double") => named("Double", "DoubleType", "DoubleAttributeMetadata"),
        (_, "Money") => named("Money", "MoneyType", "MoneyAttributeMetadata"),
        (_, "Boolean") => named("Boolean", "BooleanType", "BooleanAttributeMetadata"),
        (_, "DateTime") => named("DateTime", "DateTimeType", "DateTimeAttributeMetadata"),
        (_, "Picklist") => named("Picklist", "PicklistType", "PicklistAttributeMetadata"),
        (_, "State") => named("State", "StateType", "StateAttributeMetadata"),
        (_, "Status") => named("Status", "StatusType", "StatusAttributeMetadata"),
        _ => STRING,
    }
}

/// The members that the column's type has beside those of every attribute.
pub(crate) fn members_of(column: &Column) -> Map<String, Json> {
    members(match &column.kind {
        Kind::Text { max, memo: false } => text(column, *max),
        Kind::Text { max, memo: true } => json!({
            "Format": "TextArea",
            "ImeMode": "Auto",
            "MaxLength": max,
            "IsLocalizable": false,
            "FormatName": {"Value": "TextArea"},
        }),
        Kind::Integer => json!({
            "Format": "None",
            "MaxValue": i32::MAX,
            "MinValue": i32::MIN,
            "FormulaDefinition": "",
            "SourceTypeMask": 0,
        }),
        Kind::BigInteger => json!({"MaxValue": i64::MAX, "MinValue": i64::MIN}),
        Kind::Decimal => number(100_000_000_000.0, 2),
        Kind::Double => number(100_000_000_000.0, 2),
        Kind::Money => money(column),
        Kind::Boolean(_) => json!({
            "DefaultValue": false,
            "FormulaDefinition": "",
            "SourceTypeMask": 0,
        }),
        Kind::DateTime => time("DateAndTime", "UserLocal"),
        Kind::Date => time("DateOnly", "DateOnly"),
        Kind::Choice(_) | Kind::Choices(_) => json!({
            "DefaultFormValue": -1,
            "FormulaDefinition": "",
            "SourceTypeMask": 0,
            "ParentPicklistLogicalName": null,
            "ChildPicklistLogicalNames": [],
        }),
        Kind::State | Kind::Status => json!({"DefaultFormValue": null}),
        Kind::Lookup(targets) => json!({"Targets": targets, "Format": "None"}),
        Kind::Binary => json!({"MaxSizeInKB": 10_240}),
        Kind::Key | Kind::Guid => Json::Null,
    })
}

/// Of the virtual column that holds the name of a lookup's row.
pub(crate) fn name_members() -> Map<String, Json> {
    members(json!({
        "Format": "Text",
        "ImeMode": "Auto",
        "MaxLength": 100,
        "YomiOf": null,
        "IsLocalizable": false,
        "DatabaseLength": 320,
        "FormulaDefinition": "",
        "SourceTypeMask": 0,
        "FormatName": {"Value": "Text"},
    }))
}

fn text(column: &Column, max: Option<usize>) -> Json {
    let format = format(&column.logical);
    json!({
        "Format": format,
        "ImeMode": "Auto",
        "MaxLength": max,
        "YomiOf": null,
        "IsLocalizable": false,
        "DatabaseLength": max.map(|max| max * 2),
        "FormulaDefinition": "",
        "SourceTypeMask": 0,
        "FormatName": {"Value": format},
    })
}

/// What a text is, told from its name: tables do not say it.
fn format(logical: &str) -> &'static str {
    let is = |word: &str| logical.contains(word);
    match () {
        () if is("emailaddress") => "Email",
        () if is("telephone") || is("phone") => "Phone",
        () if is("websiteurl") || is("ftpsiteurl") => "Url",
        () if is("tickersymbol") => "TickerSymbol",
        () => "Text",
    }
}

fn number(limit: f64, precision: u8) -> Json {
    json!({
        "MaxValue": limit,
        "MinValue": -limit,
        "Precision": precision,
        "ImeMode": "Auto",
        "FormulaDefinition": "",
        "SourceTypeMask": 0,
    })
}

fn money(column: &Column) -> Json {
    let of = column.logical.strip_suffix("_base");
    json!({
        "MaxValue": 922_337_203_685_477.0,
        "MinValue": -922_337_203_685_477.0,
        "Precision": 2,
        "PrecisionSource": 2,
        "CalculationOf": of,
        "IsBaseCurrency": of.is_some(),
        "ImeMode": "Auto",
        "FormulaDefinition": "",
        "SourceTypeMask": 0,
    })
}

fn time(format: &str, behavior: &str) -> Json {
    json!({
        "MinSupportedValue": "1753-01-01T00:00:00Z",
        "MaxSupportedValue": "9999-12-30T23:59:59Z",
        "Format": format,
        "ImeMode": "Auto",
        "SourceTypeMask": 0,
        "FormulaDefinition": "",
        "DateTimeBehavior": {"Value": behavior},
        "CanChangeDateTimeBehavior": {
            "Value": false,
            "CanBeChanged": true,
            "ManagedPropertyLogicalName": "canchangedatetimebehavior",
        },
    })
}
