//! What each operator asks of a column, and which columns it takes.

use std::collections::{BTreeMap, HashMap};

use super::super::super::schema::{Collection, Column};
use super::*;

fn column(logical: &str, kind: Kind) -> Column {
    let name = match kind {
        Kind::Lookup(_) => format!("_{logical}_value"),
        _ => logical.to_owned(),
    };
    Column {
        logical: logical.to_owned(),
        name,
        kind,
        schema: logical.to_owned(),
        label: String::new(),
        description: String::new(),
        required: Default::default(),
        readonly: false,
    }
}

fn table(logical: &str, columns: Vec<Column>) -> Table {
    let key = columns.first().unwrap().name.clone();
    let by_name =
        columns.iter().enumerate().map(|(at, column)| (column.name.clone(), at)).collect();
    Table { logical: logical.to_owned(), key, columns, by_name, ..Table::default() }
}

fn text() -> Kind {
    Kind::Text { max: None, memo: false }
}

fn lookup(target: &str) -> Kind {
    Kind::Lookup(vec![target.to_owned()])
}

fn schema() -> Schema {
    let account = table(
        "account",
        vec![
            column("accountid", Kind::Key),
            column("name", text()),
            column("address1_city", text()),
            column("numberofemployees", Kind::Integer),
            column("revenue", Kind::Money),
            column("createdon", Kind::DateTime),
            column("lastonholdtime", Kind::Date),
            column("statecode", Kind::State),
            column("donotemail", Kind::Boolean(["No".into(), "Yes".into()])),
            column("interests", Kind::Choices(BTreeMap::new())),
            column("masterid", lookup("account")),
            column("parentaccountid", lookup("account")),
            column("primarycontactid", lookup("contact")),
            column("ownerid", Kind::Lookup(vec!["systemuser".into(), "team".into()])),
            column("languagecode", Kind::Integer),
        ],
    );
    let mut user = table(
        "systemuser",
        vec![
            column("systemuserid", Kind::Key),
            column("parentsystemuserid", lookup("systemuser")),
            column("businessunitid", lookup("businessunit")),
        ],
    );
    let teams = Collection::ManyToMany {
        table: "team".into(),
        key: "teamid".into(),
        relation: "teammembership".into(),
        here: "systemuserid".into(),
        there: "teamid".into(),
    };
    user.collections = HashMap::from([("teammembership_association".to_owned(), teams)]);
    let contact = table("contact", vec![column("contactid", Kind::Key)]);
    Schema::new(vec![account, user, contact], String::new())
}

const USER: &str = "11111111-0000-4000-8000-000000000001";
const UNIT: &str = "22222222-0000-4000-8000-000000000002";
const ROOT: &str = "33333333-0000-4000-8000-000000000003";

fn try_expr(name: &str, operator: &str, values: &[&str]) -> Result<Expr, DataverseError> {
    let schema = schema();
    let found = schema.all().iter().find(|table| table.attribute(name).is_some());
    let table = found.unwrap();
    let column = table.attribute(name).unwrap();
    let (name, kind) = (column.name.clone(), column.kind.clone());
    let column = ColumnRef { alias: "t".into(), hops: Vec::new(), name, kind };
    let now = "2026-02-17T15:30:45Z".parse().unwrap();
    let context = Context { now, user: USER.into(), business_unit: UNIT.into() };
    let values: Vec<String> = values.iter().map(|value| (*value).to_owned()).collect();
    let operator = Operator::from_fetch(operator).or_else(|| Operator::from_function(operator));
    condition(&schema, table, column, operator.unwrap(), &values, &context)
}

/// The values that a condition compares with, in order.
fn bounds(name: &str, operator: &str, values: &[&str]) -> Vec<(Comparison, String)> {
    let parts = match try_expr(name, operator, values).unwrap() {
        Expr::And(parts) => parts,
        one => vec![one],
    };
    let bound = |part| match part {
        Expr::Compare { op, right: Operand::Value(Value::Text(text)), .. } => (op, text),
        other => panic!("{other:?}"),
    };
    parts.into_iter().map(bound).collect()
}

fn error(name: &str, operator: &str, values: &[&str]) -> (&'static str, String) {
    let error = try_expr(name, operator, values).unwrap_err();
    assert_eq!(error.status.as_u16(), 400);
    (error.code, error.message)
}

// Source: learn.microsoft.com/power-apps/developer/data-platform/fetchxml/filter-rows
#[test]
fn comparisons_take_values_of_the_columns_type() {
    let Expr::Compare { op, right, .. } = try_expr("address1_city", "eq", &["Redmond"]).unwrap()
    else {
        panic!();
    };
    assert_eq!((op, right), (Comparison::Eq, Operand::Value(Value::Text("Redmond".into()))));
    let value = |name, value| match try_expr(name, "eq", &[value]).unwrap() {
        Expr::Compare { right: Operand::Value(value), .. } => value,
        other => panic!("{other:?}"),
    };
    assert_eq!(value("statecode", "0"), Value::Integer(0));
    assert_eq!(value("donotemail", "true"), Value::Integer(1));
    assert_eq!(value("createdon", "2026-01-31"), Value::Text("2026-01-31T00:00:00Z".into()));
    assert_eq!(value("interests", "3, 1"), Value::Text("1,3".into()));
    let braces = format!("{{{}}}", ROOT.to_uppercase());
    assert_eq!(value("primarycontactid", &braces), Value::Text(ROOT.into()));
    assert_eq!(try_expr("name", "neq", &["a"]).unwrap(), try_expr("name", "ne", &["a"]).unwrap());
}

// Source: …/fetchxml/filter-rows (in, between, null) and …/fetchxml/reference/operators
#[test]
fn lists_ranges_and_texts() {
    let Expr::OneOf { values, .. } =
        try_expr("address1_city", "in", &["Redmond", "Seattle"]).unwrap()
    else {
        panic!();
    };
    assert_eq!(values, [Value::Text("Redmond".into()), Value::Text("Seattle".into())]);
    let between = try_expr("numberofemployees", "between", &["6", "20"]).unwrap();
    let function = try_expr("numberofemployees", "Between", &["6", "20"]).unwrap();
    assert_eq!(between, function);
    let Expr::And(parts) = between else { panic!() };
    for (part, bound) in parts.iter().zip([(Comparison::Ge, 6), (Comparison::Le, 20)]) {
        let Expr::Compare { op, right: Operand::Value(Value::Integer(value)), .. } = part else {
            panic!();
        };
        assert_eq!((*op, *value), bound);
    }
    let Expr::Match { kind, value, .. } = try_expr("name", "like", &["%a_"]).unwrap() else {
        panic!();
    };
    assert_eq!((kind, value.as_str()), (MatchKind::Like, "%a_"));
    for (operator, expected) in [
        ("begins-with", MatchKind::StartsWith),
        ("ends-with", MatchKind::EndsWith),
        ("Contains", MatchKind::Contains),
    ] {
        let Expr::Match { kind, .. } = try_expr("name", operator, &["a"]).unwrap() else {
            panic!()
        };
        assert_eq!(kind, expected);
    }
    let Expr::Holds { values, .. } = try_expr("interests", "contain-values", &["1", "2"]).unwrap()
    else {
        panic!();
    };
    assert_eq!(values, [1, 2]);
}

#[test]
fn opposites_hold_for_rows_without_a_value() {
    for (operator, values) in [
        ("not-in", vec!["a", "b"]),
        ("not-like", vec!["a%"]),
        ("not-begin-with", vec!["a"]),
        ("not-end-with", vec!["a"]),
        ("not-between", vec!["a", "b"]),
    ] {
        assert!(matches!(try_expr("name", operator, &values).unwrap(), Expr::Not(_)), "{operator}");
    }
    assert!(matches!(try_expr("interests", "not-contain-values", &["1"]).unwrap(), Expr::Not(_)));
    for (operator, expected) in [("null", Comparison::Eq), ("not-null", Comparison::Ne)] {
        let Expr::Compare { op, right, .. } = try_expr("name", operator, &[]).unwrap() else {
            panic!();
        };
        assert_eq!((op, right), (expected, Operand::Value(Value::Null)));
    }
}

// Source: …/fetchxml/reference/operators: on, on-or-after, on-or-before
#[test]
fn on_a_day_is_the_whole_day() {
    use Comparison::{Ge, Le, Lt};
    let day = |op, day: &str| (op, format!("{day}T00:00:00Z"));
    let expected = [day(Ge, "2026-01-31"), day(Lt, "2026-02-01")];
    assert_eq!(bounds("createdon", "on", &["2026-01-31"]), expected);
    assert_eq!(bounds("createdon", "on", &["2026-01-31T10:00:00Z"]), expected);
    assert_eq!(bounds("createdon", "on-or-after", &["2026-01-31"]), [day(Ge, "2026-01-31")]);
    assert_eq!(bounds("createdon", "on-or-before", &["2026-01-31"]), [day(Lt, "2026-02-01")]);
    let dates = bounds("lastonholdtime", "on", &["2026-01-31"]);
    assert_eq!(dates, [(Ge, "2026-01-31".into()), (Lt, "2026-02-01".into())]);
    let last = bounds("lastonholdtime", "last-x-days", &["1"]);
    assert_eq!(last, [(Ge, "2026-02-16".into()), (Le, "2026-02-17".into())]);
    let next = bounds("lastonholdtime", "next-x-days", &["1"]);
    assert_eq!(next, [(Comparison::Gt, "2026-02-17".into()), (Lt, "2026-02-19".into())]);
}

// Source: …/use-fetchxml-fiscal-date-older-datetime-query-operators
#[test]
fn fiscal_and_older_operators() {
    use Comparison::{Ge, Lt};
    let expected = [(Ge, "2013-01-01T00:00:00Z".into()), (Lt, "2014-01-01T00:00:00Z".into())];
    assert_eq!(bounds("createdon", "in-fiscal-year", &["2013"]), expected);
    let older = bounds("createdon", "olderthan-x-minutes", &["15"]);
    assert_eq!(older, [(Lt, "2026-02-17T15:15:45Z".into())]);
    let next = bounds("createdon", "next-x-fiscal-years", &["3"]);
    assert_eq!(next, [(Ge, "2027-01-01T00:00:00Z".into()), (Lt, "2030-01-01T00:00:00Z".into())]);
    let Expr::Or(months) = try_expr("createdon", "in-fiscal-period", &["4"]).unwrap() else {
        panic!()
    };
    let patterns: Vec<&str> = months
        .iter()
        .map(|month| if let Expr::Match { value, .. } = month { value.as_str() } else { "" })
        .collect();
    assert_eq!(patterns, ["____-10-%", "____-11-%", "____-12-%"]);
}

// Source: …/fetchxml/filter-rows: "eq-userid … any unique identifier"
#[test]
fn the_caller_the_business_unit_and_the_language() {
    assert_eq!(bounds("ownerid", "eq-userid", &[]), [(Comparison::Eq, USER.to_owned())]);
    assert_eq!(bounds("ownerid", "ne-userid", &[]), [(Comparison::Ne, USER.to_owned())]);
    assert_eq!(bounds("businessunitid", "eq-businessid", &[]), [(Comparison::Eq, UNIT.to_owned())]);
    assert_eq!(bounds("businessunitid", "ne-businessid", &[]), [(Comparison::Ne, UNIT.to_owned())]);
    let language = try_expr("languagecode", "eq-userlanguage", &[]).unwrap();
    assert_eq!(language, try_expr("languagecode", "eq", &["1033"]).unwrap());
}

// Source: …/fetchxml/reference/operators: eq-userteams, eq-useroruserteams
#[test]
fn teams_come_from_the_membership() {
    let Expr::Subquery { sql, value, .. } = try_expr("ownerid", "eq-userteams", &[]).unwrap()
    else {
        panic!();
    };
    assert_eq!(sql, "SELECT \"teamid\" FROM \"teammembership\" WHERE \"systemuserid\" = ?");
    assert_eq!(value, Value::Text(USER.into()));
    let Expr::Or(parts) = try_expr("ownerid", "eq-useroruserteams", &[]).unwrap() else { panic!() };
    assert!(matches!(parts.as_slice(), [Expr::Compare { .. }, Expr::Subquery { .. }]));
    let reports = try_expr("ownerid", "eq-useroruserhierarchy", &[]).unwrap();
    let Expr::Hierarchy { table, parent, root, below, with_root, .. } = &reports else { panic!() };
    assert_eq!((table.as_str(), parent.as_str()), ("systemuser", "_parentsystemuserid_value"));
    assert!(*below && *with_root && root == USER);
    let Expr::Or(parts) = try_expr("ownerid", "eq-useroruserhierarchyandteams", &[]).unwrap()
    else {
        panic!();
    };
    assert_eq!(parts[0], reports);
    assert!(matches!(&parts[1], Expr::Subquery { sql, .. } if sql.contains("RECURSIVE")));
}

// Source: …/query-hierarchical-data
#[test]
fn hierarchies_follow_the_parent_lookup() {
    for (operator, expected) in [
        ("above", (false, false)),
        ("eq-or-above", (false, true)),
        ("under", (true, false)),
        ("eq-or-under", (true, true)),
    ] {
        for name in ["accountid", "parentaccountid"] {
            let Expr::Hierarchy { table, parent, below, with_root, .. } =
                try_expr(name, operator, &[ROOT]).unwrap()
            else {
                panic!();
            };
            assert_eq!((table.as_str(), parent.as_str()), ("account", "_parentaccountid_value"));
            assert_eq!((below, with_root), expected);
        }
    }
    let Expr::Not(inner) = try_expr("accountid", "not-under", &[ROOT]).unwrap() else { panic!() };
    assert!(matches!(*inner, Expr::Hierarchy { below: true, with_root: false, .. }));
    let (code, message) = error("primarycontactid", "under", &[ROOT]);
    assert_eq!(code, "0x80047020");
    assert!(message.contains("the contact entity doesn't have a hierarchical relationship"));
}

#[test]
fn what_does_not_fit_is_refused_in_dataverses_words() {
    let (code, message) = error("primarycontactid", "eq", &["2"]);
    assert_eq!(code, "0x80040203");
    assert_eq!(
        message,
        "Condition for attribute 'account.primarycontactid': expected argument(s) of type \
         'System.Guid' but received 'System.String'."
    );
    let (code, message) = error("name", "like", &[]);
    assert_eq!(code, "0x80040203");
    assert_eq!(
        message,
        "The ConditionOperator.Like requires 1 value/s, not 0. Parameter Name: name"
    );
    assert!(error("name", "in", &[]).1.contains("requires at least 1 value/s"));
    assert!(error("numberofemployees", "between", &["1"]).1.contains("requires 2 value/s, not 1"));
    assert_eq!(error("numberofemployees", "eq", &["1.5"]).0, "0x80040203");
    assert_eq!(error("createdon", "last-x-days", &["0"]).0, "0x8004110c");
    assert_eq!(error("createdon", "last-x-days", &["x"]).0, "0x80040203");
    assert_eq!(error("createdon", "last-x-years", &["9999"]).0, "0x80040203");
    assert_eq!(error("createdon", "in-fiscal-period", &["5"]).0, "0x80040203");
    for (name, operator, values) in [
        ("name", "today", vec![]),
        ("name", "eq-userid", vec![]),
        ("name", "eq-userlanguage", vec![]),
        ("name", "under", vec![ROOT]),
        ("statecode", "contain-values", vec!["1"]),
        ("statecode", "between", vec!["1", "2"]),
        ("numberofemployees", "like", vec!["1%"]),
        ("lastonholdtime", "last-x-hours", vec!["1"]),
        ("lastonholdtime", "olderthan-x-minutes", vec!["1"]),
    ] {
        assert_eq!(error(name, operator, &values).0, "0x80041120", "{name} {operator}");
    }
}

// Source: …/fetchxml/filter-rows: "Limitations on column comparison filters"
#[test]
fn columns_are_compared_with_columns_of_their_type() {
    let schema = schema();
    let table = schema.by_logical("account").unwrap();
    let column = |name: &str| {
        let column = table.attribute(name).unwrap();
        let (name, kind) = (column.name.clone(), column.kind.clone());
        ColumnRef { alias: "t".into(), hops: Vec::new(), name, kind }
    };
    let operator = |name| Operator::from_fetch(name).unwrap();
    let compare =
        |left, name, right| column_comparison((table, column(left)), operator(name), column(right));
    assert!(compare("name", "eq", "address1_city").is_ok());
    assert_eq!(compare("name", "eq", "revenue").unwrap_err().code, "0x80040203");
    assert_eq!(compare("name", "like", "address1_city").unwrap_err().code, "0x80041120");
}
