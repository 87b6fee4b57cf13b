//! Pages and counts by Microsoft's documented examples.

// Source: learn.microsoft.com/power-apps/developer/data-platform/fetchxml/{order-rows,page-results,
// count-rows,overview}
use super::*;
use percent_encoding::percent_decode_str;

#[tokio::test]
async fn rows_come_in_the_order_of_the_elements() {
    let world = world().await;
    let xml = "<fetch top='3'><entity name='account'><attribute name='name'/>\
        <order attribute='createdon' descending='true'/><order attribute='name'/></entity></fetch>";
    assert_eq!(world.column(xml, "name").await[0], "Example Account");
    let xml = "<fetch top='2'><entity name='account'><attribute name='name'/>\
        <order attribute='address1_city'/><order attribute='name' descending='true'/></entity></fetch>";
    let names = world.column(xml, "name").await;
    assert_eq!(names, ["Example Account", "Litware, Inc. (sample)"], "nothing comes first");
}

#[tokio::test]
async fn orders_of_links_come_after_those_of_the_entity_unless_they_are_named_there() {
    let world = world().await;
    let link = |order: &str| {
        format!(
            "<link-entity name='contact' from='contactid' to='primarycontactid' alias='c'>\
             <attribute name='fullname'/>{order}</link-entity>"
        )
    };
    let query = |order: &str, link: &str| {
        format!(
            "<fetch><entity name='account'><attribute name='name'/>{link}{order}</entity></fetch>"
        )
    };
    let own = "<order attribute='name'/>";
    let last = query(own, &link("<order attribute='fullname'/>"));
    assert_eq!(world.column(&last, "name").await[0], "A. Datum Corporation (sample)");
    let first = query(&format!("<order entityname='c' attribute='fullname'/>{own}"), &link(""));
    assert_eq!(world.column(&first, "c.fullname").await[0], "Jim Glynn (sample)");
}

#[tokio::test]
async fn lookups_order_by_name_and_choices_by_label_unless_raw() {
    let world = world().await;
    let xml = "<fetch top='2'><entity name='account'><attribute name='name'/>\
        <order attribute='primarycontactid'/></entity></fetch>";
    let names = world.column(xml, "name").await;
    assert_eq!(names, ["Example Account", "Coho Winery (sample)"], "Jim Glynn");
    // 1 is "Net 30", 2 is "2% 10, Net 30".
    for (at, value) in [(4, 1), (5, 2)] {
        world.set("account", &account(at), "paymenttermscode", Value::Integer(value)).await;
    }
    let xml = "<fetch {0}><entity name='account'><attribute name='paymenttermscode'/><filter>\
        <condition attribute='paymenttermscode' operator='not-null'/></filter>\
        <order attribute='paymenttermscode'/></entity></fetch>";
    assert_eq!(world.column(&xml.replace("{0}", ""), "paymenttermscode").await, ["2", "1"]);
    let raw = xml.replace("{0}", "useraworderby='1'");
    assert_eq!(world.column(&raw, "paymenttermscode").await, ["1", "2"]);
}

#[tokio::test]
async fn paging_cookies_lead_through_all_rows() {
    let world = world().await;
    let query = |attributes: &str| {
        format!(
            "<fetch count='3' {attributes}><entity name='contact'><attribute name='fullname'/>\
             <attribute name='jobtitle'/><order descending='true' attribute='fullname'/></entity></fetch>"
        )
    };
    let first = world.ask(&query("page='1'"), None).await.unwrap();
    assert!(first.more);
    assert_eq!(first.rows.len(), 3);
    assert_eq!(first.rows[0]["fullname"], "Susanna Stubberod (sample)");
    assert_eq!(first.rows[0].get("jobtitle"), None, "columns without a value are left out");
    let cookie = first.cookie.unwrap();
    assert!(cookie.starts_with(
        "<cookie pagenumber=\"2\" pagingcookie=\"%253ccookie%2520page%253d%25221%2522"
    ));
    assert!(cookie.ends_with("\" istracking=\"False\" />"));
    let document = roxmltree::Document::parse(&cookie).unwrap();
    let inner = document.root_element().attribute("pagingcookie").unwrap().to_owned();
    let decode = |text: &str| percent_decode_str(text).decode_utf8().unwrap().into_owned();
    let plain = decode(&decode(&inner));
    assert_eq!(
        plain,
        format!(
            "<cookie page=\"1\"><fullname last=\"Scott Konersmann (sample)\" \
             first=\"Susanna Stubberod (sample)\" /><contactid last=\"{{{}}}\" first=\"{{{}}}\" /></cookie>",
            contact(4).to_uppercase(),
            contact(8).to_uppercase()
        )
    );
    let quoted = plain.replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    let mut seen = first.rows.len();
    for (page, given) in [(2, &quoted), (3, &inner)] {
        let xml = query(&format!("page='{page}' paging-cookie='{given}'"));
        let answer = world.ask(&xml, None).await.unwrap();
        seen += answer.rows.len();
        assert_eq!(answer.more, page == 2);
        assert_eq!(answer.cookie.is_some(), page == 2, "absent on the last page");
    }
    assert_eq!(seen, 9);
    let simple = world.ask(&query("page='3'"), None).await.unwrap();
    assert_eq!(simple.rows.len(), 3);
    assert!(world.ask(&query("page='4'"), None).await.unwrap().rows.is_empty());
}

/// Whatever the order, the cookie of a page is good for the next.
#[tokio::test]
async fn cookies_of_other_orders_lead_on_too() {
    let world = world().await;
    for order in [
        "",
        "<order attribute='accountid'/><order attribute='name'/>",
        "<order attribute='primarycontactidname'/><order attribute='name'/>",
        "<order attribute='primarycontactid'/><order attribute='numberofemployees'/>",
    ] {
        let query = |more: &str| {
            let inner = format!("<attribute name='name'/>{order}");
            format!("<fetch count='6' {more}><entity name='account'>{inner}</entity></fetch>")
        };
        let first = world.ask(&query(""), None).await.unwrap();
        let cookie = first.cookie.unwrap();
        let quoted = cookie.replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
        let next = world.ask(&query(&format!("paging-cookie='{quoted}'")), None).await.unwrap();
        assert_eq!((first.rows.len(), next.rows.len(), next.more), (6, 4, false), "{order}");
    }
}

#[tokio::test]
async fn queries_ordered_by_a_link_have_no_cookie() {
    let world = world().await;
    let xml = "<fetch count='3'><entity name='account'><attribute name='name'/>\
        <link-entity name='contact' from='contactid' to='primarycontactid' alias='c'>\
        <order attribute='fullname'/></link-entity></entity></fetch>";
    let answer = world.ask(xml, None).await.unwrap();
    assert!(answer.more && answer.cookie.is_none());
}

#[tokio::test]
async fn totals_are_counted_on_request() {
    let world = world().await;
    let xml = "<fetch count='3' returntotalrecordcount='true'><entity name='account'>\
        <attribute name='name'/></entity></fetch>";
    assert_eq!(world.ask(xml, None).await.unwrap().total, Some(10));
    let none = world.ask(&xml.replace("true", "false"), None).await.unwrap();
    assert_eq!(none.total, None);
}

// Source: fetchxml/overview, "Return distinct results"
#[tokio::test]
async fn distinct_rows_have_no_key() {
    let world = world().await;
    let xml = "<fetch distinct='true' returntotalrecordcount='true'><entity name='account'>\
        <attribute name='address1_city'/><order attribute='address1_city'/></entity></fetch>";
    let answer = world.ask(xml, None).await.unwrap();
    assert_eq!(answer.rows.len(), 8);
    assert_eq!(answer.total, Some(8));
    assert_eq!(answer.rows[0], json!({}));
    assert_eq!(answer.rows[1], json!({"address1_city": "Dallas"}));
}

// Source: fetchxml/overview and fetchxml/reference/{all-attributes,fetch}
#[tokio::test]
async fn all_columns_come_back_where_none_is_named() {
    let world = world().await;
    let all = world.rows("<fetch top='1'><entity name='account'/></fetch>").await;
    let asked = "<fetch top='1'><entity name='account'><all-attributes/></entity></fetch>";
    assert_eq!(world.rows(asked).await, all);
    assert!(all[0].get("createdon").is_some());
    let none = "<fetch top='1'><entity name='account'><no-attrs/></entity></fetch>";
    assert_eq!(world.rows(none).await[0].as_object().unwrap().len(), 2);
}

// Source: fetchxml/page-results: the sample answer has _transactioncurrencyid_value
#[tokio::test]
async fn money_brings_its_currency_along() {
    let world = world().await;
    world.set("account", &account(1), "revenue", Value::Real(45000.0)).await;
    world.set("account", &account(1), "_transactioncurrencyid_value", text(&id(7))).await;
    let xml = "<fetch><entity name='account'><attribute name='revenue'/><filter>\
        <condition attribute='revenue' operator='not-null'/></filter></entity></fetch>";
    let answer = world.ask(xml, Some("OData.*")).await.unwrap();
    assert_eq!(answer.rows[0]["revenue"], 45000.0);
    assert_eq!(answer.rows[0]["_transactioncurrencyid_value"], id(7));
    assert_eq!(answer.rows[0]["revenue@OData.Community.Display.V1.FormattedValue"], "$45,000.00");
}
