//! A query says what it was told to say: whatever text comes in, it stays within its literal. Read back by a small reader of
//! OData that knows nothing of how the SDK writes it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::time::Duration;

use patchcord_block::RecordId;
use patchcord_block::dynamics::{ErrorKind, Expansion, Query, Read};
use patchcord_block::odata::{Condition, column, date, not};
use patchcord_block::testing::{self, Call, FakeHost};
use patchcord_block::{Failure, Outcome, block};
use proptest::prelude::*;
use serde_json::json;

/// What a condition means.
#[derive(Debug, Clone, PartialEq)]
enum Meaning {
    Compares(String, &'static str, Value),
    Matches(&'static str, String, String),
    Not(Box<Meaning>),
    And(Box<Meaning>, Box<Meaning>),
    Or(Box<Meaning>, Box<Meaning>),
}

#[derive(Debug, Clone, PartialEq)]
enum Value {
    Text(String),
    Bare(String),
}

const OPERATORS: [&str; 6] = ["eq", "ne", "lt", "le", "gt", "ge"];
const FUNCTIONS: [&str; 3] = ["contains", "startswith", "endswith"];

/// Reads a `$filter` by the grammar of OData 4.01: `not` binds most tightly, then `and`, then `or`.
struct Reader<'a>(&'a str);

impl Reader<'_> {
    fn read(text: &str) -> Option<Meaning> {
        let mut reader = Reader(text);
        let meaning = reader.or()?;
        reader.0.is_empty().then_some(meaning)
    }

    fn takes(&mut self, word: &str) -> bool {
        let rest = self.0.strip_prefix(word);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    fn or(&mut self) -> Option<Meaning> {
        let mut left = self.and()?;
        while self.takes(" or ") {
            left = Meaning::Or(left.into(), self.and()?.into());
        }
        Some(left)
    }

    fn and(&mut self) -> Option<Meaning> {
        let mut left = self.unary()?;
        while self.takes(" and ") {
            left = Meaning::And(left.into(), self.unary()?.into());
        }
        Some(left)
    }

    fn unary(&mut self) -> Option<Meaning> {
        if self.takes("not ") {
            return Some(Meaning::Not(self.unary()?.into()));
        }
        if self.takes("(") {
            let inner = self.or()?;
            return self.takes(")").then_some(inner);
        }
        for function in FUNCTIONS {
            if self.takes(&format!("{function}(")) {
                let column = self.name();
                let Value::Text(text) = self.takes(",").then(|| self.value())?? else {
                    return None;
                };
                return self.takes(")").then_some(Meaning::Matches(
                    function,
                    column,
                    unbracketed(&text)?,
                ));
            }
        }
        let column = self.name();
        let operator =
            OPERATORS.into_iter().find(|operator| self.takes(&format!(" {operator} ")))?;
        Some(Meaning::Compares(column, operator, self.value()?))
    }

    fn name(&mut self) -> String {
        self.run_of(|c| c.is_ascii_alphanumeric() || "_/".contains(c))
    }

    fn run_of(&mut self, of: impl Fn(char) -> bool) -> String {
        let end = self.0.find(|c| !of(c)).unwrap_or(self.0.len());
        let (run, rest) = self.0.split_at(end);
        self.0 = rest;
        run.to_owned()
    }

    fn value(&mut self) -> Option<Value> {
        if !self.takes("'") {
            let bare = self.run_of(|c| c.is_ascii_alphanumeric() || "-:.+".contains(c));
            return (!bare.is_empty()).then_some(Value::Bare(bare));
        }
        let mut text = String::new();
        loop {
            text.push_str(&self.run_of(|c| c != '\''));
            match (self.takes("''"), self.0.is_empty()) {
                (true, _) => text.push('\''),
                (false, true) => return None,
                (false, false) => break,
            }
        }
        self.takes("'").then_some(Value::Text(text))
    }
}

/// What Dataverse would look for: `[%]` is a per cent sign, and a bare one would be a wildcard.
fn unbracketed(pattern: &str) -> Option<String> {
    let mut rest = pattern;
    let mut text = String::new();
    while let Some(c) = rest.chars().next() {
        if "%_".contains(c) {
            return None;
        }
        let (plain, length) = match c {
            '[' => (rest.get(1..2)?, rest.get(2..3).filter(|close| *close == "]").map(|_| 3)?),
            _ => (&rest[..c.len_utf8()], c.len_utf8()),
        };
        text.push_str(plain);
        rest = &rest[length..];
    }
    Some(text)
}

/// Text such as a caller might send to be taken for syntax.
fn nasty() -> impl Strategy<Value = String> {
    prop_oneof![
        "[' a()=,&$%_\\[\\]]{0,12}",
        ".{0,12}",
        Just("' or 1 eq 1 or 'a' eq '".to_owned()),
        Just("x') or contains(fullname,'".to_owned()),
    ]
}

fn name() -> impl Strategy<Value = String> {
    "[a-z_][a-z0-9_]{0,6}(/[a-z]{1,4})?"
        .prop_filter("`not` before a column is no name", |name| name != "not")
}

fn test() -> impl Strategy<Value = (Condition, Meaning)> {
    let compares = (name(), 0..6_usize, nasty()).prop_map(|(name, operator, text)| {
        let of = column(name.clone());
        let condition = match operator {
            0 => of.eq(&text),
            1 => of.ne(&text),
            2 => of.lt(&text),
            3 => of.le(&text),
            4 => of.gt(&text),
            _ => of.ge(&text),
        };
        (condition, Meaning::Compares(name, OPERATORS[operator], Value::Text(text)))
    });
    let matches = (name(), 0..3_usize, nasty()).prop_map(|(name, function, text)| {
        let of = column(name.clone());
        let condition = match function {
            0 => of.contains(&text),
            1 => of.starts_with(&text),
            _ => of.ends_with(&text),
        };
        (condition, Meaning::Matches(FUNCTIONS[function], name, text))
    });
    let numbers = (name(), any::<i64>()).prop_map(|(name, number)| {
        let meaning = Meaning::Compares(name.clone(), "eq", Value::Bare(number.to_string()));
        (column(name).eq(number), meaning)
    });
    prop_oneof![compares, matches, numbers]
}

/// A condition of any shape, and what it means.
fn condition() -> impl Strategy<Value = (Condition, Meaning)> {
    test().prop_recursive(5, 24, 2, |inner| {
        let pair = (inner.clone(), inner.clone());
        prop_oneof![
            inner.prop_map(|(of, meaning)| (not(of), Meaning::Not(meaning.into()))),
            pair.clone().prop_map(|((a, left), (b, right))| {
                (a.and(b), Meaning::And(left.into(), right.into()))
            }),
            pair.prop_map(|((a, left), (b, right))| {
                (a.or(b), Meaning::Or(left.into(), right.into()))
            }),
        ]
    })
}

/// The same, with what is joined by the same word joined from the left: `a and (b and c)` means what `a and b and c` does.
fn from_the_left(meaning: Meaning) -> Meaning {
    fn parts(meaning: Meaning, out: &mut Vec<Meaning>, and: bool) {
        match (meaning, and) {
            (Meaning::And(a, b), true) | (Meaning::Or(a, b), false) => {
                parts(*a, out, and);
                parts(*b, out, and);
            }
            (other, _) => out.push(from_the_left(other)),
        }
    }
    let and = matches!(meaning, Meaning::And(..));
    match meaning {
        Meaning::Not(inner) => Meaning::Not(from_the_left(*inner).into()),
        Meaning::And(..) | Meaning::Or(..) => {
            let mut each = Vec::new();
            parts(meaning, &mut each, and);
            let joined = each.into_iter().reduce(|a, b| match and {
                true => Meaning::And(a.into(), b.into()),
                false => Meaning::Or(a.into(), b.into()),
            });
            joined.unwrap()
        }
        leaf => leaf,
    }
}

proptest! {
    #[test]
    fn a_condition_is_read_as_it_was_meant((condition, meaning) in condition()) {
        let text = condition.to_odata().unwrap();
        prop_assert_eq!(Reader::read(text), Some(from_the_left(meaning)), "{}", text);
    }

    #[test]
    fn no_name_is_syntax(text in ".{0,12}") {
        let plain = |part: &str| {
            !part.is_empty()
                && !part.starts_with(|c: char| c.is_ascii_digit())
                && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        };
        let path = text.split('/').all(plain);
        prop_assert_eq!(column(text.clone()).eq(1).to_odata().is_ok(), path);
        let selected = Query::table("contacts").select([text.clone()]).options();
        prop_assert_eq!(selected.is_ok(), plain(&text));
        let expanded = Query::table("contacts").expand(text.as_str()).options();
        prop_assert_eq!(expanded.is_ok(), plain(&text));
        let ordered = Query::table("contacts").order_by(text.as_str()).options();
        prop_assert_eq!(ordered.is_ok(), path);
    }
}

#[test]
fn the_reader_does_not_take_everything() {
    for wrong in [
        "",
        "a eq 'b",
        "a eq 'b'c'",
        "a eq 'b' or",
        "(a eq 1",
        "a eq 1)",
        "a is 1",
        "contains(a,'%')",
    ] {
        assert_eq!(Reader::read(wrong), None, "{wrong}");
    }
}

#[test]
fn values_of_every_kind_have_their_conditions() {
    let id = RecordId::new("5531d753-95af-e711-a94e-000d3a11e605").unwrap();
    let says = |condition: Condition| condition.to_odata().unwrap().to_owned();
    assert_eq!(says(column("_x_value").eq(&id)), format!("_x_value eq {id}"));
    assert_eq!(says(column("a").ge(date("2026-01-31").unwrap())), "a ge 2026-01-31");
    assert_eq!(says(column("a").eq(true)), "a eq true");
    assert_eq!(says(column("a").eq(None::<&str>)), "a eq null");
    assert_eq!(says(column("a").is_null()), "a eq null");
    assert_eq!(says(column("a").is_not_null()), "a ne null");
    assert_eq!(says(column("a").is_any_of([1])), "a eq 1");
    let two = column("a").is_any_of(["x", "y"]);
    assert_eq!(says(column("b").eq(1).and(two)), "b eq 1 and (a eq 'x' or a eq 'y')");
    assert_eq!(says(column("a").is_any_of([0; 0])), "a eq null and a ne null");
    let raw = Condition::raw("a eq 1 or b eq 2");
    assert_eq!(says(column("c").eq(3).and(raw.clone())), "c eq 3 and (a eq 1 or b eq 2)");
    assert_eq!(says(!raw), "not (a eq 1 or b eq 2)");
}

#[test]
fn all_options_are_written_in_one_order() {
    let query = Query::table("contacts")
        .top(2)
        .order_by("lastname")
        .order_by(column("createdon").descending())
        .expand("owninguser")
        .expand(Expansion::of("primarycontactid").select(["fullname", "jobtitle"]))
        .filter(column("a").eq(1).or(column("b").eq(2)))
        .filter(column("c").eq(3))
        .select(["fullname"])
        .select(vec!["jobtitle".to_owned()]);
    assert_eq!(
        query.options().unwrap(),
        "$select=fullname,jobtitle&$filter=(a eq 1 or b eq 2) and c eq 3\
         &$orderby=lastname,createdon desc&$top=2\
         &$expand=owninguser,primarycontactid($select=fullname,jobtitle)"
    );
    assert_eq!(Query::table("contacts").options().unwrap(), "");
}

/// Asks for contacts in the way that it is told.
#[block(id = "example.asks", title = "Asks", operations(query))]
struct Asks {
    how: String,
}

impl Asks {
    fn run(self) -> Result<Outcome, Failure> {
        let seconds = Duration::from_secs;
        let query = Query::table("contacts").filter(column("statecode").eq(0));
        match self.how.as_str() {
            "fetch" => {
                let query = query.max_records(200).page_size(50).annotations().share();
                let found = query.max_age(seconds(60)).stale_for(None).fetch()?;
                assert_eq!(found.count(), 1);
            }
            "first" => {
                let first = query.top(9).first()?.unwrap();
                assert_eq!(first.text("fullname").as_deref(), Some("Ann"));
                assert_eq!(first.text("age"), None);
                assert_eq!(first.column("age"), Some(json!(7)));
                assert!(first.id("contactid").is_ok() && first.id("fullname").is_err());
                assert_eq!(first.read::<serde_json::Value>()?["age"], json!(7));
                assert!(first.read::<Vec<u8>>().is_err());
                assert_eq!(first.into_set().count(), 1);
            }
            "nobody" => assert!(query.first()?.is_none()),
            "count" => assert_eq!(query.select(["a"]).count()?, 3),
            "all" => assert_eq!(Query::table("contacts").count()?, 4),
            "column" => drop(query.filter(column("a b").eq(1)).fetch()?),
            "count column" => drop(query.filter(column("a b").eq(1)).count()?),
            _ => drop(Query::table(self.how).fetch()?),
        }
        Ok(Outcome::next())
    }
}

#[test]
fn a_query_is_fetched_as_it_says() {
    let ann = json!({
        "contactid": "5531d753-95af-e711-a94e-000d3a11e605", "fullname": "Ann", "age": 7,
    });
    let fake = FakeHost::new().finds([ann.clone()]).finds([ann]).finds([]).counts(3).counts(4);
    for how in ["fetch", "first", "nobody", "count", "all"] {
        let outcome = testing::run::<Asks>(&fake, json!({ "how": how }));
        assert!(outcome.is_ok(), "{how}: {outcome:?}");
    }
    let query = |options: &str, read| Call::QueryWith {
        entity_set: "contacts".into(),
        options: options.into(),
        read,
    };
    let count = |filter: &str| Call::Count { entity_set: "contacts".into(), filter: filter.into() };
    let read = Read::new().max_records(200).page_size(50).annotations().share();
    let first = query("$filter=statecode eq 0&$top=1", Read::new());
    let expected = [
        query("$filter=statecode eq 0", read.max_age(Duration::from_secs(60))),
        first.clone(),
        first,
        count("statecode eq 0"),
        count(""),
    ];
    assert_eq!(fake.calls(), expected);
}

#[test]
fn a_name_that_is_none_is_an_error_of_the_query_and_asks_nothing() {
    let fake = FakeHost::new();
    for (how, named) in
        [("column", "a b"), ("count column", "a b"), ("con tacts", "con tacts"), ("", "")]
    {
        match testing::run::<Asks>(&fake, json!({ "how": how })).unwrap_err() {
            Failure::Dynamics(error) => {
                assert_eq!(error.kind, ErrorKind::InvalidRequest);
                assert!(error.message.contains(named), "{how}: {error}");
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(fake.calls().is_empty());
}
