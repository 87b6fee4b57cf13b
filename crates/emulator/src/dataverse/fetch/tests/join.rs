//! Links to other tables by Microsoft's documented examples.

// Source: learn.microsoft.com/power-apps/developer/data-platform/fetchxml/join-tables, where nothing
// else is said.
use super::*;

#[tokio::test]
async fn many_to_one() {
    let world = world().await;
    let xml = "<fetch><entity name='account'><attribute name='name'/><order attribute='name'/>\
        <link-entity name='contact' from='contactid' to='primarycontactid' link-type='inner' \
        alias='contact'><attribute name='fullname'/></link-entity></entity></fetch>";
    let rows = world.rows(xml).await;
    assert_eq!(rows.len(), 9);
    let row = &rows[8];
    assert_eq!(row["name"], "Litware, Inc. (sample)");
    assert_eq!(row["contact.fullname"], "Susanna Stubberod (sample)");
    assert_eq!(row["accountid"], account(8));
    assert_eq!(row["@odata.etag"], "W/\"1008\"");
    assert_eq!(row.as_object().unwrap().len(), 4);
}

#[tokio::test]
async fn one_to_many_and_outer() {
    let world = world().await;
    let xml = "<fetch><entity name='contact'><attribute name='fullname'/><order attribute='fullname'/>\
        <link-entity name='account' from='primarycontactid' to='contactid' alias='account'>\
        <attribute name='name'/></link-entity></entity></fetch>";
    let names = world.column(xml, "account.name").await;
    assert_eq!(names.len(), 9);
    assert_eq!(names[0], "Coho Winery (sample)");
    let outer = "<fetch><entity name='account'><attribute name='name'/><order attribute='name'/>\
        <link-entity name='contact' from='contactid' to='primarycontactid' link-type='outer' alias='c'>\
        <attribute name='fullname'/><filter><condition attribute='firstname' operator='eq' \
        value='Rene'/></filter></link-entity></entity></fetch>";
    let names = world.column(outer, "c.fullname").await;
    assert_eq!(names.len(), 10);
    assert_eq!(names.iter().filter(|name| !name.is_empty()).count(), 1);
}

// Source: fetchxml/filter-rows, "Filters on link-entity": a condition with entityname is about the
// joined rows.
#[tokio::test]
async fn a_condition_with_entityname_comes_after_the_join() {
    let world = world().await;
    let link = "<link-entity name='contact' from='contactid' to='primarycontactid' link-type='outer' \
        alias='c'/>";
    let filter =
        "<filter><condition entityname='c' attribute='contactid' operator='null'/></filter>";
    assert_eq!(world.left("account", "name", &format!("{filter}{link}")).await, ["Example"]);
    let within = link.replace("/>", ">") + filter + "</link-entity>";
    assert_eq!(world.left("account", "name", &within).await, ["Example"]);
    let by_table = filter.replace("'c'", "'contact'");
    let no_alias = link.replace("alias='c'", "");
    assert_eq!(world.left("account", "name", &format!("{by_table}{no_alias}")).await, ["Example"]);
}

#[tokio::test]
async fn many_to_many_by_the_intersect_table() {
    let world = empty().await;
    for (table, key, name, at) in
        [("systemuser", "systemuserid", "fullname", 1), ("team", "teamid", "name", 2)]
    {
        let row = [(key, text(&id(at))), (name, text("FirstName LastName"))];
        world.add(table, &row).await;
    }
    world.set("team", &id(2), "name", text("org26ed931d")).await;
    let row = [("systemuserid", text(USER)), ("fullname", text("Nobody's"))];
    world.add("systemuser", &row).await;
    world.add("teammembership", &[("systemuserid", text(&id(1))), ("teamid", text(&id(2)))]).await;
    let xml = "<fetch><entity name='systemuser'><attribute name='fullname'/>\
        <link-entity name='teammembership' from='systemuserid' to='systemuserid' intersect='true'>\
        <link-entity name='team' from='teamid' to='teamid' link-type='inner' alias='team'>\
        <attribute name='name'/></link-entity></link-entity></entity></fetch>";
    let rows = world.rows(xml).await;
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0]["team.name"], "org26ed931d");
    let outer = xml.replace("intersect='true'", "link-type='outer'");
    assert_eq!(world.rows(&outer).await.len(), 2);
}

// Source: fetchxml/reference/link-entity, "link-type options" and "Filter Link Types"
#[tokio::test]
async fn links_that_are_conditions() {
    let world = world().await;
    let contoso = "<filter><condition attribute='name' operator='like' value='Contoso%'/></filter>";
    let link = |kind: &str, filter: &str| {
        format!(
            "<link-entity name='account' from='primarycontactid' to='contactid' \
             link-type='{kind}'>{filter}</link-entity>"
        )
    };
    world.set("account", &account(0), "_primarycontactid_value", text(&contact(1))).await;
    let lone = [("contactid", text(&contact(99))), ("fullname", text("Lone Person"))];
    world.add("contact", &lone).await;
    let within = |kind: &str, filter: &str| format!("<filter>{}</filter>", link(kind, filter));
    let find = async |filter: &str| world.left("contact", "fullname", filter).await;
    assert_eq!(find(&within("any", "")).await.len(), 9);
    assert_eq!(find(&within("any", contoso)).await, ["Robert"]);
    assert_eq!(find(&within("not any", "")).await, ["Lone"]);
    assert_eq!(find(&within("not any", contoso)).await.len(), 9);
    assert_eq!(find(&within("not all", contoso)).await, ["Robert"]);
    // Linked rows exist, and none of them is Contoso.
    let all = find(&within("all", contoso)).await;
    assert_eq!(all.len(), 8);
    assert!(!all.contains(&"Robert".to_owned()) && !all.contains(&"Lone".to_owned()));
    let either = format!(
        "<filter type='or'>{}<condition attribute='fullname' operator='like' value='Lone%'/></filter>",
        link("any", contoso)
    );
    assert_eq!(find(&either).await, ["Lone", "Robert"]);
    for kind in ["exists", "in"] {
        assert_eq!(find(&link(kind, "")).await.len(), 9, "once a row");
        assert_eq!(find(&link(kind, contoso)).await, ["Robert"]);
    }
    assert_eq!(find(&link("inner", "")).await.len(), 10, "once a linked row");
    let first = "<link-entity name='account' from='primarycontactid' to='contactid' alias='a' \
        link-type='matchfirstrowusingcrossapply'><attribute name='name'/></link-entity>";
    assert_eq!(find(first).await.len(), 10, "with those that have none");
}

#[tokio::test]
async fn nested_links_belong_to_the_link_around_them() {
    let world = world().await;
    // Outer: the contact, but only where the account that it belongs to is in Redmond.
    let xml = "<fetch><entity name='account'><attribute name='name'/><order attribute='name'/>\
        <link-entity name='contact' from='contactid' to='primarycontactid' link-type='outer' alias='c'>\
        <attribute name='fullname'/>\
        <link-entity name='account' from='accountid' to='parentcustomerid' alias='p'>\
        <attribute name='address1_city'/>\
        <filter><condition attribute='address1_city' operator='eq' value='Redmond'/></filter>\
        </link-entity></link-entity></entity></fetch>";
    let rows = world.rows(xml).await;
    assert_eq!(rows.len(), 10);
    let with: Vec<&Json> = rows.iter().filter(|row| row.get("c.fullname").is_some()).collect();
    assert_eq!(with.len(), 3);
    assert!(with.iter().all(|row| row["p.address1_city"] == "Redmond"));
}

#[tokio::test]
async fn a_link_without_alias_gets_a_name_and_one_without_columns_finds_them() {
    let world = world().await;
    let xml = "<fetch top='1'><entity name='account'><attribute name='name'/>\
        <link-entity name='contact' from='contactid' to='primarycontactid'>\
        <attribute name='fullname'/></link-entity></entity></fetch>";
    assert!(world.rows(xml).await[0].get("contact1.fullname").is_some());
    let xml = "<fetch top='1'><entity name='systemuser'><attribute name='fullname'/>\
        <link-entity name='businessunit'/></entity></fetch>";
    let outcome = world.ask(xml, None).await;
    assert!(outcome.is_ok() || outcome.is_err_and(|error| error.code == "0x8004111e"));
}

// Source: fetchxml/select-columns, "Column aliases"; answers as there
#[tokio::test]
async fn aliased_columns_say_which_columns_they_are() {
    let world = world().await;
    world
        .add(
            "systemuser",
            &[("systemuserid", text(USER)), ("fullname", text("FirstName LastName"))],
        )
        .await;
    let classification = Value::Integer(1);
    world.set("account", &account(8), "accountclassificationcode", classification).await;
    world.set("account", &account(8), "_createdby_value", text(USER)).await;
    world.set("account", &account(8), "_createdby_value__table", text("systemuser")).await;
    let xml = "<fetch><entity name='account'>\
        <attribute name='accountclassificationcode' alias='code'/>\
        <attribute name='createdby' alias='whocreated'/>\
        <attribute name='createdon' alias='whencreated'/>\
        <attribute name='name' alias='companyname'/>\
        <filter><condition attribute='name' operator='like' value='Litware%'/></filter></entity></fetch>";
    let answer = world.ask(xml, Some("*")).await.unwrap();
    assert_eq!(
        answer.rows[0],
        json!({
            "@odata.etag": "W/\"1008\"",
            "accountid": account(8),
            "whencreated@OData.Community.Display.V1.AttributeName": "createdon",
            "whencreated@OData.Community.Display.V1.FormattedValue": "3/25/2023 5:42 PM",
            "whencreated": "2023-03-25T17:42:08Z",
            "code@OData.Community.Display.V1.AttributeName": "accountclassificationcode",
            "code@OData.Community.Display.V1.FormattedValue": "Default Value",
            "code": 1,
            "companyname@OData.Community.Display.V1.AttributeName": "name",
            "companyname": "Litware, Inc. (sample)",
            "whocreated@OData.Community.Display.V1.AttributeName": "createdby",
            "whocreated@OData.Community.Display.V1.FormattedValue": "FirstName LastName",
            "whocreated@Microsoft.Dynamics.CRM.lookuplogicalname": "systemuser",
            "whocreated": USER
        })
    );
}

#[tokio::test]
async fn lookups_keep_their_web_api_names_in_the_main_table() {
    let world = world().await;
    let xml = "<fetch><entity name='account'><attribute name='primarycontactid'/>\
        <filter><condition attribute='primarycontactid' operator='eq' value='{0}'/></filter>\
        <link-entity name='contact' from='contactid' to='primarycontactid' alias='c'>\
        <attribute name='parentcustomerid'/></link-entity></entity></fetch>";
    let answer = world.ask(&xml.replace("{0}", &contact(8)), Some("*")).await.unwrap();
    let row = &answer.rows[0];
    assert_eq!(row["_primarycontactid_value"], contact(8));
    let name = "_primarycontactid_value@OData.Community.Display.V1.FormattedValue";
    assert_eq!(row[name], "Susanna Stubberod (sample)");
    assert_eq!(row["_primarycontactid_value@Microsoft.Dynamics.CRM.lookuplogicalname"], "contact");
    assert_eq!(row["c.parentcustomerid"], account(8));
    assert_eq!(row["c.parentcustomerid@Microsoft.Dynamics.CRM.lookuplogicalname"], "account");
    let name = "c.parentcustomerid@OData.Community.Display.V1.FormattedValue";
    assert_eq!(row[name], "Litware, Inc. (sample)");
    assert_eq!(answer.columns, ["_primarycontactid_value", "accountid"]);
}

#[tokio::test]
async fn the_name_behind_a_lookup_can_be_filtered_and_ordered_by() {
    let world = world().await;
    let filter = "<filter><condition attribute='primarycontactidname' operator='like' \
        value='%Campbell%'/></filter><order attribute='primarycontactidname'/>";
    assert_eq!(world.left("account", "name", filter).await, ["Fabrikam"]);
}
