//! Aggregates by Microsoft's documented examples.

// Source: learn.microsoft.com/power-apps/developer/data-platform/fetchxml/aggregate-data
use super::*;

#[tokio::test]
async fn the_documented_functions() {
    let world = world().await;
    let attribute = |alias: &str, aggregate: &str| {
        format!("<attribute name='numberofemployees' alias='{alias}' aggregate='{aggregate}'/>")
    };
    let xml = format!(
        "<fetch aggregate='true'><entity name='account'>{}{}{}{}{}{}\
         <attribute name='numberofemployees' alias='Unique' aggregate='countcolumn' distinct='true'/>\
         </entity></fetch>",
        attribute("Average", "avg"),
        attribute("Count", "count"),
        attribute("ColumnCount", "countcolumn"),
        attribute("Maximum", "max"),
        attribute("Minimum", "min"),
        attribute("Sum", "sum")
    );
    let rows = world.rows(&xml).await;
    assert_eq!(
        rows,
        [json!({"Average": 3911, "Count": 10, "ColumnCount": 9, "Maximum": 6200, "Minimum": 1500,
            "Sum": 35200, "Unique": 8})]
    );
    let answer = world.ask(&xml, Some("*")).await.unwrap();
    assert_eq!(answer.rows[0]["Sum@OData.Community.Display.V1.FormattedValue"], "35,200");
    let attribute = "Sum@OData.Community.Display.V1.AttributeName";
    assert_eq!(answer.rows[0][attribute], "numberofemployees");
}

#[tokio::test]
async fn groups_by_city() {
    let world = world().await;
    let xml = "<fetch aggregate='true'><entity name='account'>\
        <attribute name='numberofemployees' alias='Total' aggregate='sum'/>\
        <attribute name='address1_city' alias='Count' aggregate='count'/>\
        <attribute name='address1_city' alias='City' groupby='true'/>\
        <order alias='City'/></entity></fetch>";
    let rows = world.rows(xml).await;
    assert_eq!(rows.len(), 8);
    assert_eq!(rows[0], json!({"Total": 0, "Count": 1}), "the group without a value");
    assert_eq!(rows[1], json!({"Total": 6000, "Count": 1, "City": "Dallas"}));
    assert_eq!(rows[6], json!({"Total": 10600, "Count": 3, "City": "Redmond"}));
    let most = xml.replace("<order alias='City'/>", "<order alias='Total' descending='true'/>");
    assert_eq!(world.column(&most, "City").await[0], "Redmond");
    let top = xml.replace("<fetch", "<fetch top='2'");
    assert_eq!(world.rows(&top).await.len(), 2);
}

#[tokio::test]
async fn groups_by_parts_of_a_date() {
    let world = world().await;
    let part = |alias: &str, part: &str| {
        format!(
            "<attribute name='createdon' alias='{alias}' groupby='true' dategrouping='{part}'/>"
        )
    };
    let xml = format!(
        "<fetch aggregate='true'><entity name='account'>\
         <attribute name='numberofemployees' alias='Total' aggregate='sum'/>{}{}{}{}{}{}{}\
         <order alias='Month'/></entity></fetch>",
        part("Day", "day"),
        part("Week", "week"),
        part("Month", "month"),
        part("Quarter", "quarter"),
        part("Year", "year"),
        part("FiscalPeriod", "fiscal-period"),
        part("FiscalYear", "fiscal-year")
    );
    let rows = world.ask(&xml, Some("*")).await.unwrap().rows;
    let value = |row: usize, name: &str| rows[row][name].as_i64().unwrap();
    let parts = ["Total", "Day", "Week", "Month", "Quarter", "Year", "FiscalPeriod", "FiscalYear"];
    let all = |row: usize| parts.map(|name| value(row, name));
    assert_eq!(all(0), [35200, 25, 12, 3, 1, 2023, 1, 2023]);
    assert_eq!(all(1), [0, 27, 35, 8, 3, 2023, 3, 2023]);
    let label = |row: usize, name: &str| {
        rows[row][format!("{name}@OData.Community.Display.V1.FormattedValue")].clone()
    };
    assert_eq!(label(0, "FiscalPeriod"), "Quarter 1 FY2023");
    assert_eq!(label(1, "FiscalPeriod"), "Quarter 3 FY2023");
    assert_eq!(label(1, "FiscalYear"), "FY2023");
    assert_eq!(label(1, "Year"), "2,023");
}

#[tokio::test]
async fn groups_by_lookups_and_choices_with_their_names() {
    let world = world().await;
    let xml = "<fetch aggregate='true'><entity name='contact'>\
        <attribute name='contactid' alias='n' aggregate='count'/>\
        <attribute name='statecode' alias='state' groupby='true'/>\
        <link-entity name='account' from='primarycontactid' to='contactid' alias='a'>\
        <attribute name='primarycontactid' alias='who' groupby='true'/>\
        <order alias='who'/></link-entity></entity></fetch>";
    let rows = world.ask(xml, Some("*")).await.unwrap().rows;
    assert_eq!(rows.len(), 9);
    assert_eq!(rows[0]["who@OData.Community.Display.V1.FormattedValue"], "Jim Glynn (sample)");
    assert_eq!(rows[0]["who@Microsoft.Dynamics.CRM.lookuplogicalname"], "contact");
    assert_eq!(rows[0]["who"], contact(5));
    assert_eq!(rows[0]["state@OData.Community.Display.V1.FormattedValue"], "Active");
    assert_eq!(rows[0].get("@odata.etag"), None);
}

#[tokio::test]
async fn a_limit_of_the_query_is_kept() {
    let world = world().await;
    let xml = "<fetch distinct='false' mapping='logical' aggregate='true' aggregatelimit = '9'>\
        <entity name='account'><attribute name='name' alias='account_count' aggregate='count'/>\
        </entity></fetch>";
    let (code, message) = world.error(xml).await;
    assert_eq!(code, "0x8004E023");
    assert_eq!(message, "AggregateQueryRecordLimit exceeded. Cannot perform this operation.");
    assert_eq!(world.column(&xml.replace("'9'", "'10'"), "account_count").await, ["10"]);
}

#[tokio::test]
async fn what_can_not_be_aggregated() {
    let world = world().await;
    let query = |inner: &str| {
        format!("<fetch aggregate='true'><entity name='account'>{inner}</entity></fetch>")
    };
    for (inner, code) in [
        ("<attribute name='name'/>", "0x80041107"),
        ("<all-attributes/>", "0x80041107"),
        ("<attribute name='name' aggregate='count'/>", "0x80041109"),
        ("<attribute name='name' alias='a' aggregate='count' groupby='true'/>", "0x80041137"),
        ("<attribute name='name' alias='a' aggregate='sum'/>", "0x8004112f"),
        ("<attribute name='name' alias='a' aggregate='median'/>", "0x8004111a"),
        ("<attribute name='name' alias='a' groupby='true' dategrouping='day'/>", "0x80041135"),
        ("<attribute name='createdon' alias='a' groupby='true' dategrouping='era'/>", "0x80041135"),
        ("<attribute name='createdon' alias='a' groupby='maybe'/>", "0x8004112e"),
        (
            "<attribute name='name' alias='a' aggregate='count'/><order attribute='name'/>",
            "0x80041131",
        ),
        ("<attribute name='name' alias='a' aggregate='count'/><order/>", "0x80041134"),
        ("<attribute name='name' alias='a' aggregate='count'/><order alias='b'/>", "0x8004110a"),
        (
            "<attribute name='name' alias='a' aggregate='count'/>\
             <attribute name='name' alias='a' groupby='true'/>",
            "0x80041130",
        ),
    ] {
        assert_eq!(world.error(&query(inner)).await.0, code, "{inner}");
    }
    let message = world.error(&query("<attribute name='name' alias='a' aggregate='sum'/>")).await.1;
    assert_eq!(message, "Aggregate sum is not supported for attribute of type String.");
}
