//! What is wrong in a query, in the words that Dataverse documents.

// Codes: learn.microsoft.com/power-apps/developer/data-platform/reference/web-service-error-codes
use super::*;
use proptest::prelude::*;

#[tokio::test]
async fn names_that_do_not_exist() {
    let world = world().await;
    let (code, message) = world.error("<fetch><entity name='nosuch'/></fetch>").await;
    assert_eq!(code, "0x80041102");
    assert!(message.contains("'nosuch'"));
    let column = "<fetch><entity name='account'><attribute name='nosuch'/></entity></fetch>";
    let (code, message) = world.error(column).await;
    assert_eq!(code, "0x80041103");
    let expected = "'account' entity doesn't contain attribute with Name = 'nosuch' and NameMapping = \
                    'Logical'.";
    assert_eq!(message, expected);
    for inner in [
        "<filter><condition attribute='nosuch' operator='null'/></filter>",
        "<order attribute='nosuch'/>",
        "<link-entity name='contact' from='nosuch' to='primarycontactid'/>",
        "<link-entity name='contact' from='contactid' to='nosuch'/>",
        // Lookups have their logical name here, not that of the Web API.
        "<attribute name='_primarycontactid_value'/>",
    ] {
        let xml = format!("<fetch><entity name='account'>{inner}</entity></fetch>");
        assert_eq!(world.error(&xml).await.0, "0x80041103", "{inner}");
    }
    let link = "<link-entity name='nosuch' from='a' to='b'/>";
    let xml = format!("<fetch><entity name='account'>{link}</entity></fetch>");
    assert_eq!(world.error(&xml).await.0, "0x80041102");
}

#[tokio::test]
async fn the_entity_must_be_that_of_the_address() {
    let world = world().await;
    // The test kit asks at the table of the first quoted name.
    let (code, _) = world.error("<fetch><entity name=\"contact\"/></fetch>").await;
    assert_eq!(code, "0x80041128");
}

#[tokio::test]
async fn what_goes_with_what() {
    let world = world().await;
    let entity = "<entity name='account'><attribute name='name'/></entity>";
    for (attributes, code) in [
        ("top='5' page='1'", "0x80040203"),
        ("top='5' count='1'", "0x80040203"),
        ("top='5' returntotalrecordcount='true'", "0x80040203"),
        ("top='5001'", "0x80040203"),
        ("top='0'", "0x8004110c"),
        ("count='-1'", "0x8004110c"),
        ("page='x'", "0x8004110c"),
        ("distinct='yes'", "0x80041115"),
        ("no-lock='yes'", "0x80041118"),
        ("useraworderby='yes'", "0x800410fd"),
        ("mapping='physical'", "0x80041116"),
        ("count='5000' page='11'", "0x8004430a"),
        ("paging-cookie='&lt;cookie page=\"0\"/&gt;'", "0x8004112a"),
        ("paging-cookie='&lt;cookie'", "0x80040203"),
        (
            "paging-cookie='&lt;cookie page=\"1\"&gt;&lt;b last=\"1\"/&gt;&lt;/cookie&gt;'",
            "0x80041129",
        ),
    ] {
        let xml = format!("<fetch {attributes}>{entity}</fetch>");
        assert_eq!(world.error(&xml).await.0, code, "{attributes}");
    }
    let xml = format!("<fetch top='5' page='1'>{entity}</fetch>");
    let message = "The top attribute can't be specified with paging attribute page";
    assert_eq!(world.error(&xml).await.1, message);
    let hints = "version='1.0' output-format='xml-platform' mapping='logical' no-lock='false' \
        latematerialize='true' options='OptimizeForUnknown' count='50001' distinct='false'";
    assert_eq!(world.rows(&format!("<fetch {hints}>{entity}</fetch>")).await.len(), 10);
    let xml = format!("<fetch count='5000' page='10'>{entity}</fetch>");
    assert!(world.rows(&xml).await.is_empty(), "up to 50,000 rows without a cookie");
}

#[tokio::test]
async fn wrong_documents() {
    let world = world().await;
    assert_eq!(
        world.error("<fetch><entity name='account'").await,
        ("0x80040201", "Invalid XML.".into())
    );
    assert_eq!(world.error("<!DOCTYPE a [<!ENTITY b 'c'>]><fetch/>").await.0, "0x80040201");
    assert_eq!(world.error("<query/>").await.0, "0x8004111c");
    assert_eq!(world.error("<fetch/>").await.0, "0x80041123");
    for (inner, code) in [
        ("<column name='name'/>", "0x8004111c"),
        ("<attribute/>", "0x8004111e"),
        ("<order/>", "0x80041133"),
        ("<order alias='x'/>", "0x80041132"),
        ("<order attribute='name' descending='down'/>", "0x80041119"),
        ("<filter type='xor'/>", "0x80041122"),
        ("<filter isquickfindfields='x'/>", "0x80041138"),
        ("<filter><order attribute='name'/></filter>", "0x8004111c"),
        (
            "<filter><condition attribute='name' operator='equals' value='a'/></filter>",
            "0x80041120",
        ),
        ("<filter><condition attribute='name'/></filter>", "0x8004111e"),
        ("<filter><condition operator='null'/></filter>", "0x8004111e"),
        ("<filter><condition attribute='name' operator='eq'/></filter>", "0x80040203"),
        (
            "<filter><condition attribute='primarycontactid' operator='eq' value='a'/></filter>",
            "0x80040203",
        ),
        (
            "<filter><condition attribute='name' operator='last-x-days' value='1'/></filter>",
            "0x80041120",
        ),
        (
            "<filter><condition entityname='x' attribute='name' operator='null'/></filter>",
            "0x8004110a",
        ),
        ("<attribute name='name' aggregate='count' alias='a'/>", "0x8004111a"),
        ("<attribute name='name' alias='a'/><attribute name='name' alias='a'/>", "0x80041130"),
        (
            "<link-entity name='contact' from='contactid' to='primarycontactid' link-type='left'/>",
            "0x80041117",
        ),
        (
            "<link-entity name='contact' from='contactid' to='primarycontactid' link-type='any'/>",
            "0x80041117",
        ),
        ("<link-entity name='contact' from='contactid'/>", "0x80041111"),
        ("<link-entity name='contact' from='contactid' to='name'/>", "0x80040203"),
        (
            "<filter><link-entity name='contact' from='contactid' to='primarycontactid'/></filter>",
            "0x80041121",
        ),
        (
            "<link-entity name='contact' from='contactid' to='primarycontactid' link-type='exists'>\
             <attribute name='fullname'/></link-entity>",
            "0x80040203",
        ),
    ] {
        let xml = format!("<fetch><entity name='account'>{inner}</entity></fetch>");
        assert_eq!(world.error(&xml).await.0, code, "{inner}");
    }
    let (_, message) = world.error("<fetch><entity name='account'><n/></entity></fetch>").await;
    assert_eq!(
        message,
        "Invalid Child Node, valid nodes are filter, order, link-entity, attribute, all-attributes, \
         no-attrs. NodeName = n NodeXml = <n/>"
    );
}

// Source: fetchxml/join-tables, "Limitations"
#[tokio::test]
async fn more_than_fifteen_links_are_too_many() {
    let world = world().await;
    let link =
        "<link-entity name='contact' from='contactid' to='primarycontactid' link-type='outer'/>";
    let query = |count: usize| {
        format!("<fetch><entity name='account'>{}</entity></fetch>", link.repeat(count))
    };
    assert_eq!(world.rows(&query(15)).await.len(), 10);
    let (code, message) = world.error(&query(16)).await;
    assert_eq!(code, "0x8004430d");
    assert_eq!(message, "Number of link entities in query exceeded maximum limit.");
    let condition = "<condition attribute='name' operator='not-null'/>";
    let query = |count: usize| {
        let conditions = condition.repeat(count);
        format!("<fetch><entity name='account'><filter>{conditions}</filter></entity></fetch>")
    };
    assert_eq!(world.rows(&query(500)).await.len(), 10);
    assert_eq!(world.error(&query(501)).await.0, "0x8004430c");
}

#[test]
fn deep_documents_are_refused_and_not_followed() {
    for tag in ["filter", "link-entity name='account'", "x"] {
        let close = tag.split(' ').next().unwrap();
        let depth = 5_000;
        let xml = format!(
            "<fetch><entity name='account'>{}{}</entity></fetch>",
            format!("<{tag}>").repeat(depth),
            format!("</{close}>").repeat(depth)
        );
        assert!(parse::parse(&xml).is_err(), "{tag}");
    }
}

fn elements() -> impl Strategy<Value = String> {
    let name = "fetch|entity|link-entity|filter|condition|attribute|order|value|all-attributes";
    let attribute = "( (name|alias|from|to|operator|value|type|link-type|aggregate|count|page|top|\
        groupby|dategrouping|entityname|valueof)='(account|contact|contactid|primarycontactid|eq|in|\
        today|or|outer|any|all|true|3|name|a)')";
    let leaf = format!("<({name}){attribute}{{0,4}}/>");
    let leaf = proptest::string::string_regex(&leaf).unwrap();
    leaf.prop_recursive(5, 40, 6, |inner| {
        let tags = prop_oneof![
            "fetch",
            "entity name='account'",
            "filter",
            "filter type='or'",
            "link-entity name='contact' from='contactid' to='primarycontactid'",
            "condition attribute='name' operator='in'",
            "value"
        ];
        (tags, proptest::collection::vec(inner, 0..6)).prop_map(|(tag, inner)| {
            let name = tag.split(' ').next().unwrap_or_default().to_owned();
            format!("<{tag}>{}</{name}>", inner.concat())
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn arbitrary_text_never_panics(text in ".{0,80}") {
        let _ = parse::parse(&text);
        let _ = parse::parse(&format!("<fetch paging-cookie='1'><entity name='account'>{text}</entity></fetch>"));
    }

    /// Elements in any order are answered or refused, never a fault of the database.
    #[test]
    fn arbitrary_elements_are_answered_or_refused(inner in elements()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let outcome = runtime.block_on(async {
            let world = empty().await;
            let xml = format!("<fetch><entity name='account'>{inner}</entity></fetch>");
            world.ask(&xml, Some("*")).await.map(|_| ())
        });
        if let Err(error) = outcome {
            prop_assert!(error.status.is_client_error() || error.status.as_u16() == 501);
        }
    }
}
