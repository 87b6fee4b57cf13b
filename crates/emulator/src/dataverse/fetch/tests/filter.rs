//! Conditions by Microsoft's documented examples.

// Source: learn.microsoft.com/power-apps/developer/data-platform/fetchxml/filter-rows, where nothing
// else is said.
use super::*;

#[tokio::test]
async fn conditions_of_the_filter_page() {
    let world = world().await;
    let eq =
        |city: &str| format!("<condition attribute='address1_city' operator='eq' value='{city}'/>");
    let one = format!("<filter type='and'>{}</filter>", eq("Redmond"));
    assert_eq!(world.left("account", "name", &one).await, ["A.", "City", "Contoso"]);
    let any =
        format!("<filter type='or'>{}{}{}</filter>", eq("redmond"), eq("Dallas"), eq("Bellevue"));
    let found = ["A.", "City", "Contoso", "Litware"];
    assert_eq!(world.left("account", "name", &any).await, found);
    let list = "<filter type='and'><condition attribute='address1_city' operator='in'>\
        <value>Redmond</value><value>Dallas</value><value>Bellevue</value></condition></filter>";
    assert_eq!(world.left("account", "name", list).await, found);
    let between = "<filter><condition attribute='numberofemployees' operator='between'>\
        <value>2900</value><value>4300</value></condition></filter>";
    assert_eq!(world.left("account", "name", between).await, ["Adventure", "Blue", "City", "Coho"]);
    let null = "<filter><condition attribute='address1_city' operator='null'/></filter>";
    assert_eq!(world.left("account", "name", null).await, ["Example"]);
    let like = "<filter><condition attribute='name' operator='like' value='%(SAMPLE)'/>\
        <condition attribute='name' operator='like' value='C_n%'/></filter>";
    assert_eq!(world.left("account", "name", like).await, ["Contoso"]);
}

#[tokio::test]
async fn opposites_hold_for_rows_without_a_value() {
    let world = world().await;
    for (operator, value) in [("ne", "Redmond"), ("not-like", "Red%"), ("not-begin-with", "Red")] {
        let filter = format!(
            "<filter><condition attribute='address1_city' operator='{operator}' value='{value}'/></filter>"
        );
        let found = world.left("account", "name", &filter).await;
        assert_eq!(found.len(), 7, "{operator}");
        assert!(found.contains(&"Example".to_owned()));
    }
}

#[tokio::test]
async fn filters_nest() {
    let world = world().await;
    let filter = "<filter><condition attribute='numberofemployees' operator='ge' value='2900'/>\
        <filter type='or'><condition attribute='address1_city' operator='eq' value='Redmond'/>\
        <filter><condition attribute='name' operator='begins-with' value='l'/></filter></filter></filter>";
    assert_eq!(world.left("account", "name", filter).await, ["A.", "City", "Litware"]);
    let several = "<filter><condition attribute='address1_city' operator='eq' value='Redmond'/></filter>\
        <filter type='or'/><filter><condition attribute='name' operator='like' value='c%'/></filter>";
    assert_eq!(world.left("account", "name", several).await, ["City", "Contoso"]);
}

#[tokio::test]
async fn dates_are_those_of_the_request() {
    let world = world().await;
    for (operator, value, count) in [
        ("today", "", 1),
        ("on", "2023-03-25", 9),
        ("on-or-before", "2023-03-25", 9),
        ("last-x-days", "1", 1),
        ("last-x-months", "6", 10),
        ("this-fiscal-period", "", 1),
        ("in-fiscal-period", "1", 9),
        ("in-fiscal-year", "2023", 10),
        ("olderthan-x-months", "1", 9),
        ("next-x-days", "1", 0),
    ] {
        let filter = format!(
            "<filter><condition attribute='createdon' operator='{operator}' value='{value}'/></filter>"
        );
        assert_eq!(world.left("account", "name", &filter).await.len(), count, "{operator}");
    }
    let both = "<filter><condition attribute='createdon' operator='in-fiscal-period-and-year'>\
        <value>1</value><value>2023</value></condition></filter>";
    assert_eq!(world.left("account", "name", both).await.len(), 9);
}

#[tokio::test]
async fn columns_compare_with_columns_of_the_same_row_and_of_others() {
    let world = world().await;
    world.set("contact", &contact(1), "firstname", text("same")).await;
    world.set("contact", &contact(1), "lastname", text("Same")).await;
    let own =
        "<filter><condition attribute='firstname' operator='eq' valueof='lastname'/></filter>";
    assert_eq!(world.left("contact", "firstname", own).await, ["same"]);
    world.set("contact", &contact(2), "fullname", text("Fabrikam, Inc. (sample)")).await;
    let xml = "<fetch><entity name='contact'><attribute name='contactid'/><attribute name='fullname'/>\
        <filter type='and'><condition attribute='fullname' operator='eq' valueof='acct.name'/></filter>\
        <link-entity name='account' from='accountid' to='parentcustomerid' link-type='outer' alias='acct'>\
        <attribute name='name'/></link-entity></entity></fetch>";
    assert_eq!(world.column(xml, "acct.name").await, ["Fabrikam, Inc. (sample)"]);
    let (code, _) = world
        .error(
            "<fetch><entity name='account'><filter><condition attribute='name' operator='eq' \
             valueof='numberofemployees'/></filter></entity></fetch>",
        )
        .await;
    assert_eq!(code, "0x80040203");
}

// Source: …/query-hierarchical-data
#[tokio::test]
async fn hierarchies_above_and_below() {
    let world = world().await;
    for (child, parent) in [(2, 1), (3, 2), (4, 2)] {
        world
            .set("account", &account(child), "_parentaccountid_value", text(&account(parent)))
            .await;
        let table = "_parentaccountid_value__table";
        world.set("account", &account(child), table, text("account")).await;
    }
    let find = async |operator: &str, root: usize| {
        let filter = format!(
            "<filter><condition attribute='accountid' operator='{operator}' value='{{{}}}'/></filter>",
            account(root)
        );
        world.left("account", "name", &filter).await
    };
    assert_eq!(find("under", 1).await, ["Blue", "City", "Fabrikam"]);
    assert_eq!(find("eq-or-under", 2).await, ["Blue", "City", "Fabrikam"]);
    assert_eq!(find("above", 3).await, ["Contoso", "Fabrikam"]);
    assert_eq!(find("eq-or-above", 1).await, ["Contoso"]);
    assert_eq!(find("not-under", 1).await.len(), 7);
    let count = "<fetch><entity name='account'><attribute name='name'/>\
        <attribute name='accountid' rowaggregate='CountChildren' alias='AccountChildren'/>\
        <filter><condition attribute='accountid' operator='eq-or-under' value='{0}'/></filter>\
        <order attribute='name'/></entity></fetch>";
    let count = count.replace("{0}", &account(1));
    assert_eq!(world.column(&count, "AccountChildren").await, ["0", "0", "1", "2"]);
}

#[tokio::test]
async fn the_caller_and_the_callers_teams() {
    let world = world().await;
    let (team, report) = (id(950), id(951));
    world.add("systemuser", &[("systemuserid", text(USER)), ("fullname", text("Demo"))]).await;
    let row = [("systemuserid", text(&report)), ("_parentsystemuserid_value", text(USER))];
    world.add("systemuser", &row).await;
    world.add("team", &[("teamid", text(&team)), ("name", text("Sales"))]).await;
    world.add("teammembership", &[("systemuserid", text(&report)), ("teamid", text(&team))]).await;
    for (at, owner) in [(1, USER), (2, &report), (3, &team)] {
        world.set("account", &account(at), "_ownerid_value", text(owner)).await;
    }
    let find = async |operator: &str| {
        let filter =
            format!("<filter><condition attribute='ownerid' operator='{operator}'/></filter>");
        world.left("account", "name", &filter).await
    };
    assert_eq!(find("eq-userid").await, ["Contoso"]);
    assert_eq!(find("ne-userid").await.len(), 9);
    assert_eq!(find("eq-userteams").await.len(), 0);
    assert_eq!(find("eq-useroruserhierarchy").await, ["Contoso", "Fabrikam"]);
    assert_eq!(find("eq-useroruserhierarchyandteams").await, ["Blue", "Contoso", "Fabrikam"]);
    world.add("teammembership", &[("systemuserid", text(USER)), ("teamid", text(&team))]).await;
    assert_eq!(find("eq-userteams").await, ["Blue"]);
    assert_eq!(find("eq-useroruserteams").await, ["Blue", "Contoso"]);
}

mod values {
    use super::*;
    use proptest::prelude::*;

    fn escaped(text: &str) -> String {
        let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('\'', "&apos;");
        text.replace('\t', "&#9;").replace('\n', "&#10;").replace('\r', "&#13;")
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        /// Whatever a value holds, it is compared as data: it finds the row with that text and no other.
        #[test]
        fn arrive_as_data(value in "[^\\x00-\\x1f\\x7f-\\x9f\\u{fffe}\\u{ffff}]{1,12}|['\"();%_&<>\\[\\]?$ -]{1,8}") {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let world = empty().await;
                for (at, name) in [value.as_str(), "another text"].into_iter().enumerate() {
                    let row = [("accountid", text(&account(at))), ("name", text(name))];
                    world.add("account", &row).await;
                }
                let xml = format!(
                    "<fetch><entity name='account'><attribute name='name'/><filter>\
                     <condition attribute='name' operator='eq' value='{}'/></filter></entity></fetch>",
                    escaped(&value)
                );
                assert_eq!(world.column(&xml, "accountid").await, [account(0)]);
            });
        }
    }
}
