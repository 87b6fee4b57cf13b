//! What is taken, what is refused, and where.

use proptest::prelude::*;
use serde_json::Value;

use super::{Column, look};
use crate::problem::Severity;
use crate::substitute::{FetchXmlTemplate, MOST_BYTES, Source};
use crate::variables::Variables;

fn faults(text: &str) -> Vec<(usize, Severity, String)> {
    let faults = look(text).faults.into_iter();
    faults.map(|fault| (fault.at + 1, fault.severity, fault.problem)).collect()
}

/// From Microsoft's documentation of FetchXML: "Query data", "Join tables", "Filter rows", "Aggregate data",
/// "Order rows", "Page results", each shortened.
const RIGHT: [&str; 12] = [
    "<fetch><entity name='account'/></fetch>",
    "  <?xml version='1.0'?><!-- x --><fetch top='5'><entity name='account'><attribute name='name'/></entity></fetch>\n",
    "<fetch><entity name='account'><all-attributes/><link-entity name='contact' from='contactid' \
     to='primarycontactid' link-type='inner' alias='contact'><attribute name='fullname'/></link-entity></entity></fetch>",
    "<fetch><entity name='contact'><filter type='or'><link-entity name='account' from='primarycontactid' \
     to='contactid' link-type='not any'><filter><condition attribute='name' operator='eq' value='Contoso'/></filter>\
     </link-entity><condition attribute='statecode' operator='eq' value='1'/></filter></entity></fetch>",
    "<fetch><entity name='a'><filter><condition attribute='b' operator='in'><value>1</value><value>$(x)</value>\
     </condition><condition attribute='c' operator='null'/></filter></entity></fetch>",
    "<fetch aggregate='true' distinct='false'><entity name='a'><attribute name='b' alias='n' aggregate='countcolumn' \
     distinct='true'/><attribute name='createdon' groupby='true' alias='m' dategrouping='fiscal-period'/>\
     <order alias='n' descending='true'/></entity></fetch>",
    "<fetch count='3' page='$(p)' returntotalrecordcount='true'><entity name='$(t)'><no-attrs/></entity></fetch>",
    "<fetch><entity name='a'><filter><condition entityname='c' attribute='b' operator='$(o)' value='$(x)'/>\
     <condition attribute='d' operator='eq' valueof='c.e'/></filter></entity></fetch>",
    "<fetch mapping='logical' version='1.0' output-format='xml-platform' no-lock='false'><entity name='a'>\
     <filter type='and' isquickfindfields='1'><condition attribute='b' operator='on-or-after' value='2026-01-31' \
     uiname='x' uitype='y'/></filter></entity></fetch>",
    "<fetch latematerialize='true' options='Recompile' datasource='retained' aggregatelimit='10'>\
     <entity name='a'/></fetch>",
    "<fetch useraworderby='true'><entity name='a'><order attribute='b'/></entity></fetch>",
    "<fetch><entity name='a'><link-entity name='teammembership' from='b' to='c' visible='false' intersect='true'>\
     <link-entity name='team' link-type='outer' from='d' to='e'/></link-entity></entity></fetch>",
];

#[test]
fn what_the_documentation_shows_is_taken() {
    for text in RIGHT {
        assert_eq!(faults(text), [], "{text}");
    }
}

#[test]
fn what_dataverse_would_refuse_is_refused_with_its_place() {
    let entity = |inner: &str| format!("<fetch><entity name='a'>{inner}</entity></fetch>");
    let filter = |inner: &str| entity(&format!("<filter>{inner}</filter>"));
    for (text, at, problem) in [
        ("<fetch>".into(), 1, "this is no XML: the root node was opened but never closed"),
        ("<fetch><a></b></fetch>".into(), 11, "this is no XML: expected 'a' tag, not 'b'"),
        (" <fetch a='$(x)' a='2'/>".into(), 18, "this is no XML: attribute 'a' is already defined"),
        ("<fetch>&nbsp;</fetch>".into(), 8, "this is no XML: unknown entity reference 'nbsp'"),
        ("<query/>".into(), 1, "a query in FetchXML begins with <fetch>"),
        ("<fetch/>".into(), 1, "<fetch> holds no <entity>"),
        ("<fetch><entity name=''/></fetch>".into(), 8, "<entity> has no `name`"),
        (
            "<fetch><entity name='a'/><entity name='b'/></fetch>".into(),
            26,
            "<fetch> holds a second <entity>",
        ),
        (
            entity("<atribute name='b'/>"),
            25,
            "<atribute> stands in <entity>, which does not take it; did you mean <attribute>?",
        ),
        (
            entity("<condition operator='null' attribute='b'/>"),
            25,
            "<condition> stands in <entity>, which takes <attribute>, <all-attributes>, <no-attrs>, <order>, <filter>, <link-entity>",
        ),
        (
            filter("<condition attribute='b' operator='equals' value='1'/>"),
            58,
            "`equals` is no operator of FetchXML",
        ),
        (
            filter("<condition attribute='$(x)' operator='liek' value='1'/>"),
            61,
            "`liek` is no operator of FetchXML; did you mean `like`?",
        ),
        (filter("<condition attribute='b' value='1'/>"), 33, "<condition> has no `operator`"),
        (entity("<filter type='xor'/>"), 33, "`type` is and, or, and not `xor`"),
        (
            entity("<link-entity name='b' from='c'/>"),
            25,
            "<link-entity> has no `to`: `from` and `to` go together",
        ),
        ("<fetch top='x'><entity name='a'/></fetch>".into(), 8, "`top` is no number above 0"),
        (
            "<fetch top='1' count='2'><entity name='a'/></fetch>".into(),
            8,
            "`top` does not go with `count`",
        ),
        (
            entity(&"<link-entity name='b'/>".repeat(16)),
            25 + 15 * 23,
            "a query has at most 15 <link-entity>",
        ),
    ] {
        let found = faults(&text);
        assert_eq!(found, [(at, Severity::Error, problem.to_owned())], "{text}");
    }
}

#[test]
fn what_dataverse_reads_over_is_a_warning() {
    let text = "<fetch><entity name='a' nmae='b'>x<filter><condition attribute='b' operator='eq'/>\
                <condition operator='null'/></filter></entity></fetch>";
    let found = faults(text);
    assert!(found.iter().all(|(_, severity, _)| *severity == Severity::Warning), "{found:?}");
    let found: Vec<_> = found.iter().map(|(at, _, problem)| (*at, problem.as_str())).collect();
    assert_eq!(
        found,
        [
            (25, "<entity> has no attribute `nmae` that Dataverse knows; did you mean `name`?"),
            (34, "text stands in <entity>, where nobody reads it"),
            (43, "the operator `eq` has no value to compare with"),
            (83, "<condition> names no column in `attribute`"),
        ]
    );
}

#[test]
fn a_variable_stands_where_its_value_is_text() {
    let entity = "<entity name='a'/>";
    for (text, at) in [
        (format!("<fetch><!-- $(x) -->{entity}</fetch>"), 13),
        (format!("<fetch><![CDATA[$(x)]]>{entity}</fetch>"), 17),
        (format!("<fetch><?a $(x)?>{entity}</fetch>"), 12),
        (format!("<fetch><!-- <![CDATA[ -->{entity}<?b $(x)?></fetch>"), 48),
        (format!("<fetch $(x)='1'>{entity}</fetch>"), 8),
        ("<fetch><$(x) name='a'/></fetch>".into(), 9),
        ("<fetch xmlns:a='$(x)'><entity name='a'/></fetch>".into(), 1),
    ] {
        let found = faults(&text);
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        assert_eq!((found[0].0, found[0].1), (at, Severity::Error), "{text}: {found:?}");
        assert!(found[0].2.contains("in the value of an attribute and in <value>"), "{found:?}");
    }
    // What stands in a comment is nobody's.
    assert_eq!(faults(&format!("<fetch><!-- $$(x) <?--><!-- ?> -->{entity}</fetch>")), []);
}

#[test]
fn names_are_of_the_table_around_them() {
    let text = "<fetch><entity name='account'><attribute name='name'/><link-entity name='contact' from='contactid' \
                to='primarycontactid'><order attribute='$(c)'/><filter><condition attribute='lastname' operator='eq' \
                valueof='o.x'/><condition entityname='o' attribute='y' operator='null'/></filter></link-entity></entity></fetch>";
    let looked = look(text);
    let tables: Vec<_> = looked.tables.iter().map(|t| (t.name.as_str(), t.is_joined)).collect();
    assert_eq!(tables, [("account", false), ("contact", true)]);
    let columns = looked.columns.iter();
    let columns: Vec<_> = columns.map(|c| (c.table.as_str(), c.name.as_str())).collect();
    let expected = [
        ("account", "name"),
        ("contact", "contactid"),
        ("account", "primarycontactid"),
        ("contact", "lastname"),
    ];
    assert_eq!(columns, expected);
    let Column { at, .. } = looked.columns[0];
    assert_eq!(at, text.find("name'/>").unwrap());
}

/// Pieces out of which queries and what looks like them are made.
fn pieces() -> impl Strategy<Value = String> {
    let pieces = vec![
        "<fetch>",
        "</fetch>",
        "<fetch ",
        "<entity name='a'>",
        "</entity>",
        "<entity name=\"$(x)\"/>",
        "<filter>",
        "</filter>",
        "<condition attribute='b' operator='like' value='%$(x)%'/>",
        "<value>$(x)</value>",
        "$(x)",
        "$$(",
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
        "<?a ",
        "?>",
        "<!DOCTYPE a>",
        "'",
        "\"",
        "=",
        ">",
        "/>",
        "&",
        "&amp;",
        "&#",
        ";",
        " ",
        "\n",
        "ä",
        "xmlns='$(x)'",
        "top='$(x)'",
        "-",
        "\u{e000}",
    ];
    prop::collection::vec(prop::sample::select(pieces), 0..12).prop_map(|pieces| pieces.concat())
}

fn whole() -> impl Strategy<Value = String> {
    let inner =
        pieces().prop_map(|inner| format!("<fetch><entity name='a'>{inner}</entity></fetch>"));
    let hole = "<fetch top='$(x)'><entity name=\"$(x)\"><filter><condition attribute='a' operator='in'>\
                <value>$(x)</value></condition></filter></entity></fetch>";
    prop_oneof![pieces(), inner, Just(hole.to_owned())]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn what_passes_is_well_formed_whatever_lands_in_it(
        text in whole(),
        value in "([<>&'\"\\-\\]?!\u{e000}]|\\PC){0,12}",
    ) {
        let Ok(template) = FetchXmlTemplate::parse(&text) else { return Ok(()) };
        if look(&text).faults.iter().any(|fault| fault.severity == Severity::Error) {
            return Ok(());
        }
        let elements = |xml: &str| {
            let document = roxmltree::Document::parse(xml.trim()).map_err(|error| {
                TestCaseError::fail(format!("{text} with {value:?} became {xml}: {error}"))
            })?;
            Ok::<_, TestCaseError>(document.descendants().filter(|node| node.is_element()).count())
        };
        let fill = |value: &str| {
            let mut variables = Variables::default();
            variables.set("x", Value::from(value));
            template.fill(&Source::new(&variables, MOST_BYTES))
        };
        let Ok(filled) = fill(&value) else { return Ok(()) };
        prop_assert_eq!(elements(&filled)?, elements(&fill("x").unwrap())?);
    }

    #[test]
    fn nothing_makes_it_panic(text in "\\PC{0,60}") {
        look(&text);
        look(&format!("<{text}"));
    }
}
