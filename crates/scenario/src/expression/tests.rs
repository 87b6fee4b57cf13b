//! Tests of expressions as a whole: what they come to, what is refused and where.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::ast::{Kind, Node, Operator};
use super::functions;
use super::{Expression, MOST_LEVELS};
use crate::substitute::{MOST_BYTES, Source};
use crate::template::{Part, Reference, Template};
use crate::variables::Variables;

fn variables() -> Variables {
    let brought = json!({
        "name": "Ann O'Neil", "n": 7, "half": 0.5, "none": null, "empty": "", "yes": true,
        "list": [1, 2], "record": {"title": "Broken"}, "big": i64::MAX,
    });
    Variables::from_call(brought.as_object().unwrap()).unwrap()
}

fn of(text: &str) -> Result<Value, String> {
    let expression = Expression::parse(text).map_err(|error| error.to_string())?;
    let variables = variables();
    let source = Source::new(&variables, MOST_BYTES);
    expression.evaluate(&source).map_err(|error| error.to_string())
}

#[track_caller]
fn is(text: &str, value: Value) {
    assert_eq!(of(text), Ok(value), "{text}");
}

#[track_caller]
fn fails(text: &str, message: &str) {
    let error = of(text).unwrap_err();
    assert!(error.contains(message), "{text}: {error}");
}

#[test]
fn arithmetic_keeps_integers() {
    is("=2+2", json!(4));
    is("= 2 + 3 * 4 - 1", json!(13));
    is("=(2 + 3) * 4", json!(20));
    is("=6 / 2", json!(3));
    is("=7 / 2", json!(3.5));
    is("=7 % 4", json!(3));
    is("=-$(n) + 1", json!(-6));
    is("=$(n) * 1.0", json!(7.0));
    is("=9223372036854775807 + 1", json!(9_223_372_036_854_775_808_u64));
    is("=-9223372036854775808", json!(i64::MIN));
    fails("=$(big) * 4", "too large for an integer at character 9");
    fails("=1 / ($(n) - 7)", "divided by 0 at character 4");
}

#[test]
fn nothing_is_converted_silently() {
    fails("=1 + \"1\"", "`+` takes two numbers, not a number and text; `&` joins texts");
    fails("=$(name) + 1", "at character 10");
    fails("=$(n) > \"6\"", "cannot be put in order");
    fails("=$(n) and true", "a number stands where a boolean is wanted at character 2");
    fails("=not \"true\"", "text stands where a boolean is wanted");
    is("=$(n) == \"7\"", json!(false));
    is("=$(none) == \"\"", json!(false));
    is("=$(empty) == \"\"", json!(true));
    is("=7 == 7.0", json!(true));
}

#[test]
fn text_is_joined() {
    is("=\"a\" + 'b'", json!("ab"));
    is("=\"Case \" & $(n) & \"/\" & $(half)", json!("Case 7/0.5"));
    is("=\"x\" & $(none) & true", json!("xtrue"));
    is("=\"a\" & 1 + 2", json!("a3"));
    is("='Dear $(name), $$(x)'", json!("Dear Ann O'Neil, $(x)"));
    is("=\"a\\\"\\\\\\n\\$(n)\"", json!("a\"\\\n$(n)"));
    is("=$(name,escapeodata)", json!("Ann O''Neil"));
}

#[test]
fn comparisons_and_booleans() {
    is("=$(n) >= 7 and $(n) < 8", json!(true));
    is("=$(n) = 7", json!(true));
    is("=$(n) <> 7", json!(false));
    is("=$(yes) && $(n) == 8 || not $(n) == 8", json!(true));
    is("=false or not $(n) == 8", json!(true));
    is("=\"b\" > \"a\"", json!(true));
    is("=false and $(missing)", json!(false));
    is("=true or $(missing)", json!(true));
    is("=null == $(none)", json!(true));
}

#[test]
fn null_missing_and_empty_are_three_things() {
    is("=defined($(none))", json!(true));
    is("=defined($(missing))", json!(false));
    is("=defined($(record.title))", json!(true));
    is("=default($(missing), \"x\")", json!("x"));
    is("=default($(none), \"x\")", json!("x"));
    is("=default($(empty), \"x\")", json!(""));
    is("=default($(record.nothing), 1 / 2)", json!(0.5));
    is("=isempty($(none)) and isempty($(empty)) and not isempty(0)", json!(true));
    fails("=$(missing) == null", "$(missing): has no value in this run");
    fails("=isempty($(missing))", "has no value");
    fails("=defined(1)", "a variable is wanted here");
    is("=if(defined($(missing)), $(missing), 3)", json!(3));
}

#[test]
fn functions_do_what_the_field_says() {
    is("=length(\"häh\")", json!(3));
    is("=length($(list))", json!(2));
    is("=lowercase(\"AbCÄ\")", json!("abcä"));
    is("=titlecase(\"ann o'neil-MÜLLER\")", json!("Ann O'neil-Müller"));
    is("=stripnondigits(\"+1 (317) 555*#a\")", json!("1317555*#"));
    is("=substring(\"häßlich\", 1, 2)", json!("äß"));
    is("=replace(\"a1b22\", \"[0-9]+\", \"<\\\\0>\", \"g\")", json!("a<1>b<22>"));
    is("=replace(\"John Doe\", \"(\\\\w+) (\\\\w+)\", \"\\\\2, \\\\1\")", json!("Doe, John"));
    is("=replace(\"aXbx\", \"x\", \"-\", \"i\")", json!("a-bx"));
    is("=matches($(name), \"^ann\", \"i\")", json!(true));
    is("=formatduration(121)", json!("02:01"));
    is("=formatduration(3661)", json!("01:01:01"));
    is("=applytimezone(1609459200, \"America/Los_Angeles\")", json!(1_609_430_400));
    is("=formatdatetime(1342817144, \"yyyy-MM-dd'T'HH:mm'Z'\")", json!("2012-07-20T20:45Z"));
    is("=formatdatetime(0, \"HH:mm\", \"Europe/Berlin\")", json!("01:00"));
    is("=parsedatetime(\"2021-01-01 00:00\", \"yyyy-MM-dd HH:mm\")", json!(1_609_459_200));
    is("=parsedatetime(\"2021-01-01T01:00:00+01:00\")", json!(1_609_459_200));
    is("=formatdatetime(\"2021-01-01T00:00:00Z\", \"d.M.\")", json!("1.1."));
    is("=base64encode(\"O'Neil\")", json!("TydOZWls"));
    is("=base64decode(\"TydOZWls\")", json!("O'Neil"));
    is("=urlencode(\"a b&c\")", json!("a%20b%26c"));
    is("=escapeJSON('{\"a\": \"b\"}')", json!("{\\\"a\\\": \\\"b\\\"}"));
    is("=parsejson('{\"a\": [1]}')", json!({"a": [1]}));
    is("=tojson($(list))", json!("[1,2]"));
    is("=tointeger(\"12\") + tointeger(3.9)", json!(15));
    is("=tonumber(\"007\") + tonumber(\"1.5\")", json!(8.5));
    is("=tostring(-2 + 1)", json!("-1"));
    is("=round(2.345, 2)", json!(2.35));
    is("=round(7)", json!(7));
    is("=max(1, 2.5, -3) - min(1, 2.5, -3)", json!(5.5));
    is("=typeof($(n)) & typeof($(half)) & typeof($(none))", json!("integernumbernull"));
    for text in ["=random(3) < 3", "=now() > 1700000000", "=now(\"UTC\") - now() < 3"] {
        is(text, json!(true));
    }
}

/// The examples of RFC 2202 and RFC 4231 with the key "Jefe".
#[test]
fn codes_are_those_of_the_standards() {
    let text = "\"Jefe\", \"what do ya want for nothing?\")";
    is(&format!("=hmac(\"MD5\", {text}"), json!("dQx4PmqwtQPqqG4xCl23OA=="));
    is(
        &format!("=hmac(\"SHA-256\", {text}"),
        json!("W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM="),
    );
    is("=hash(\"SHA-1\", \"abc\", \"hex\")", json!("a9993e364706816aba3e25717850c26c9cd0d89d"));
    is("=hash(\"md5\", \"\", \"hex\")", json!("d41d8cd98f00b204e9800998ecf8427e"));
}

#[test]
fn faults_have_a_place_before_a_call_comes() {
    let cases = [
        ("=", "the expression ends too early at character 1"),
        ("=1 +", "the expression ends too early at character 4"),
        ("=1 2", "an operator is wanted at character 4"),
        ("=name", "`name` is no value: a variable is written `$(name)`"),
        ("=(1", "the `(` is not closed by `)` at character 2"),
        ("=1)", "`)` stands where an operator is wanted at character 3"),
        ("=lenght(\"a\")", "there is no function `lenght`; did you mean `length`? at character 2"),
        ("=length()", "it is written `length(text or list)`"),
        ("=\"abc", "the text that \" begins is not closed at character 2"),
        ("=\"\\d\"", "a backslash that belongs to the text is written `\\\\` at character 3"),
        ("=1 < 2 < 3", "two comparisons in a row"),
        ("=!true", "write `not` for `!` at character 2"),
        ("=é1 # 2", "`#` means nothing in an expression at character 5"),
        ("=$(a b)", "`a b` is no variable"),
        ("=$(a", "is not closed by `)` at character 2"),
        ("=12ab", "`12` is no number"),
        ("=99999999999999999999", "is no number"),
        ("=1 + \"a\"", "not a number and text"),
        ("=replace($(name), \"(\", \"\")", "is no pattern"),
        ("=formatdatetime(now(), \"QQ\")", "`QQ` is no part of a date"),
        ("=now(\"Mars\")", "`Mars` is no time zone"),
        ("=hmac(\"CRC\", $(name), \"\")", "`CRC` is no hash function"),
    ];
    for (text, message) in cases {
        let error = Expression::parse(text).map(|parsed| parsed.to_string()).unwrap_err();
        assert!(error.to_string().contains(message), "{text}: {error}");
    }
}

#[test]
fn size_and_depth_are_bounded() {
    for text in [
        format!("={}1{}", "(".repeat(5_000), ")".repeat(4_000)),
        format!("={}1", "-".repeat(9_000)),
        format!("={}true", "not ".repeat(2_000)),
        format!("=1{}", "+1".repeat(MOST_LEVELS)),
        format!("={}1{}", "abs(".repeat(1_000), ")".repeat(1_000)),
    ] {
        let error = Expression::parse(&text).unwrap_err().to_string();
        assert!(error.contains("at most 100 levels"), "{error}");
    }
    let error = Expression::parse(&format!("=\"{}\"", "a".repeat(10_000))).unwrap_err();
    assert!(error.to_string().contains("at most 10000 characters"), "{error}");
    assert!(Expression::parse(&format!("=1{}", "+1".repeat(MOST_LEVELS - 1))).is_ok());
}

#[test]
fn no_text_grows_without_end() {
    let mut variables = Variables::default();
    variables.set("a", json!("a".repeat(60_000)));
    let of = |text: &str| {
        let source = Source::new(&variables, MOST_BYTES);
        Expression::parse(text).unwrap().evaluate(&source).unwrap_err().to_string()
    };
    let many = "\\\\0".repeat(50);
    let error = of(&format!("=replace($(a), \"a\", \"{many}\", \"g\")"));
    assert!(error.contains("larger than 1 MiB"), "{error}");
    let error = of(&format!("=$(a){}", "&$(a)".repeat(20)));
    assert!(error.contains("at most 1 MiB"), "{error}");
    let error = of("=matches($(a) & $(a), \"a\")");
    assert!(error.contains("at most 64 KiB"), "{error}");
    let error = Expression::parse("=matches($(a), \"(a{1000}){1000}\")").unwrap_err();
    assert!(error.to_string().contains("too large"), "{error}");
}

#[test]
fn the_documentation_has_every_function() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/scenarios.md");
    let text = std::fs::read_to_string(path).unwrap();
    for function in functions::all() {
        assert!(text.contains(&format!("`{}(", function.name)), "{} is missing", function.name);
    }
}

fn leaf() -> impl Strategy<Value = Kind> {
    let number = prop_oneof![
        any::<u64>().prop_map(Value::from),
        (0.0..1e300_f64).prop_map(Value::from),
        (0.0..1.0_f64).prop_map(Value::from),
    ];
    let literal = prop_oneof![number, any::<bool>().prop_map(Value::from), Just(Value::Null)];
    prop_oneof![
        literal.prop_map(Kind::Literal),
        template().prop_map(Kind::Text),
        reference().prop_map(Kind::Variable),
    ]
}

fn reference() -> impl Strategy<Value = Reference> {
    let written = prop::sample::select(vec!["$(a)", "$(item.from)", "$(é.0,escapejson)"]);
    written.prop_map(|text| Reference::read(text, 0).unwrap().0)
}

fn template() -> impl Strategy<Value = Template> {
    let literal = "([$()\"'\\\\\n\t= ]|\\PC){0,6}".prop_map(Part::Literal);
    let part = prop_oneof![literal, reference().prop_map(Part::Variable)];
    prop::collection::vec(part, 0..4).prop_map(Template::from_parts)
}

fn tree() -> impl Strategy<Value = Node> {
    let node = |kind| Node { kind, at: 0 };
    leaf().prop_map(node).prop_recursive(5, 40, 3, move |inner| {
        let pair = (operator(), inner.clone(), inner.clone());
        let call = prop::collection::vec(inner.clone(), 3);
        prop_oneof![
            inner.clone().prop_map(move |inner| node(Kind::Not(Box::new(inner)))),
            inner.prop_map(move |inner| node(Kind::Negative(Box::new(inner)))),
            pair.prop_map(move |(operator, left, right)| {
                node(Kind::Binary(operator, Box::new(left), Box::new(right)))
            }),
            call.prop_map(move |arguments| {
                node(Kind::Call(functions::find("if").unwrap(), arguments))
            }),
        ]
    })
}

fn operator() -> impl Strategy<Value = Operator> {
    prop::sample::select(vec![
        Operator::Or,
        Operator::And,
        Operator::Equal,
        Operator::NotEqual,
        Operator::Less,
        Operator::LessOrEqual,
        Operator::Greater,
        Operator::GreaterOrEqual,
        Operator::Join,
        Operator::Add,
        Operator::Subtract,
        Operator::Multiply,
        Operator::Divide,
        Operator::Remainder,
    ])
}

/// What may come of any letters, and of those that mean something.
fn any_text() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "$(n)", "$(name)", "\"a\"", "'", "1", "2.5", "(", ")", ",", " ", "+", "-", "*", "/", "%",
        "&", "==", "<", "and", "or", "not", "length(", "if(", "replace(", "default(", "é", "\\",
        "$$(",
    ]);
    prop_oneof![
        3 => prop::collection::vec(words, 0..12).prop_map(|words| words.concat()),
        1 => "\\PC{0,20}",
    ]
}

proptest! {
    #[test]
    fn what_is_printed_is_read_again(root in tree()) {
        let printed = format!("={root}");
        let read = super::parser::parse(&printed);
        prop_assert_eq!(read.as_ref(), Ok(&root), "{}", printed);
    }

    #[test]
    fn any_text_is_an_expression_or_a_fault_with_a_place(text in any_text()) {
        let text = format!("={text}");
        match Expression::parse(&text) {
            Err(error) => prop_assert!(error.offset < text.chars().count(), "{}: {}", text, error),
            Ok(expression) => {
                let printed = expression.to_string();
                prop_assert_eq!(Expression::parse(&printed), Ok(expression), "{}", printed);
                let _ = of(&text);
            }
        }
    }

    #[test]
    fn data_is_never_an_expression(x in "\\PC{0,20}") {
        let mut variables = Variables::default();
        variables.set("x", json!(x));
        let source = Source::new(&variables, MOST_BYTES);
        let value = Expression::parse("=\"=$(x)\"").unwrap().evaluate(&source);
        prop_assert_eq!(value, Ok(json!(format!("={x}"))));
    }
}
