//! Security roles: what each lets its users do, whose rows they reach, and how they are given.
//!
//! Sources: learn.microsoft.com/power-platform/admin/security-roles-privileges and
//! …/how-record-access-determined; the texts of errors are Dataverse's own.

use crate::kit::people::{AGENT, BASIC, OUTSIDER, Person, SELLER};
use crate::kit::{failure, signed_in};
use reqwest::Method;
use serde_json::{Value, json};

fn names(list: &Value, column: &str) -> Vec<String> {
    let rows = list["value"].as_array().unwrap();
    rows.iter().map(|row| row[column].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_missing_privilege_is_named() {
    let kit = signed_in(0).await;
    let basic = Person::sign_in(&kit, BASIC).await;
    let me = basic.me().await;
    let (status, code, message) = basic.failure("leads").await;
    assert_eq!((status, &*code), (403, "0x80040220"));
    for part in [
        format!("Principal user (Id={me}, type=8, roleCount=1, privilegeCount="),
        "is missing prvReadLead privilege (Id=".to_owned(),
        "on OTC=4 for entity 'lead' (LocalizedName='Lead')".to_owned(),
        format!("context.Caller={me}"),
    ] {
        assert!(message.contains(&part), "{part}: {message}");
    }
    let refused =
        failure(basic.send(Method::POST, "incidents", &json!({"title": "x"})).await).await;
    assert!(refused.2.contains("prvCreateIncident"), "{}", refused.2);
    let outsider = Person::sign_in(&kit, OUTSIDER).await;
    assert_eq!(outsider.failure("WhoAmI").await.1, "0x80072560");
}

#[tokio::test]
async fn rows_beyond_reach_are_not_seen() {
    let kit = signed_in(20).await;
    let basic = Person::sign_in(&kit, BASIC).await;
    assert_eq!(basic.get("contacts?$count=true").await["@odata.count"], 0);
    let own = basic.create("contacts", &json!({"lastname": "Own"})).await;
    assert_eq!(names(&basic.get("contacts").await, "contactid"), std::slice::from_ref(&own));
    let grouped = basic.get("contacts?$apply=aggregate($count as n)").await;
    assert_eq!(grouped["value"][0]["n"], 1);
    let fetch = "contacts?fetchXml=<fetch><entity name='contact'><attribute name='lastname'/></entity></fetch>";
    assert_eq!(names(&basic.get(fetch).await, "lastname"), ["Own"]);

    let theirs = kit.emulator.caller(0).contact_id;
    let (status, code, message) = basic.failure(&format!("contacts({theirs})")).await;
    assert_eq!((status, &*code), (403, "0x80048306"));
    assert!(
        message.contains(&format!("ObjectID: {theirs}")) && message.contains("ReadAccess"),
        "{message}"
    );
    for (method, right) in [(Method::PATCH, "WriteAccess"), (Method::DELETE, "DeleteAccess")] {
        let path = format!("contacts({theirs})");
        let refused = failure(basic.send(method, &path, &json!({"lastname": "x"})).await).await;
        assert_eq!((refused.0, &*refused.1), (403, "0x80048306"));
        assert!(refused.2.contains(right), "{}", refused.2);
    }
    assert_eq!(kit.get("contacts?$count=true").await["@odata.count"], 21);
}

#[tokio::test]
async fn expansions_and_lambdas_see_no_more_than_lists() {
    let kit = signed_in(0).await;
    let basic = Person::sign_in(&kit, BASIC).await;
    let account = basic.create("accounts", &json!({"name": "Shared ground"})).await;
    let bind = format!("/accounts({account})");
    kit.create(
        "contacts",
        json!({"lastname": "Hidden", "parentcustomerid_account@odata.bind": bind}),
    )
    .await;
    let seen = basic
        .get(&format!("accounts({account})?$expand=contact_customer_accounts($select=lastname)"))
        .await;
    assert_eq!(seen["contact_customer_accounts"], json!([]));
    let any =
        "accounts?$select=name&$filter=contact_customer_accounts/any(c:c/lastname eq 'Hidden')";
    assert_eq!(basic.get(any).await["value"], json!([]));
    assert_eq!(kit.get(any).await["value"].as_array().map(Vec::len), Some(1));
    let all = "accounts?$select=name&$filter=contact_customer_accounts/all(c:c/lastname eq 'x')";
    assert_eq!(basic.get(all).await["value"].as_array().map(Vec::len), Some(1));
    assert_eq!(kit.get(all).await["value"], json!([]));
    let through = basic.failure("accounts?$filter=originatingleadid/subject eq 'x'").await;
    assert_eq!((through.0, &*through.1), (403, "0x80040220"));
}

#[tokio::test]
async fn associating_needs_rights_to_both_rows() {
    let kit = signed_in(0).await;
    let basic = Person::sign_in(&kit, BASIC).await;
    let theirs = kit.create("accounts", json!({"name": "Theirs"})).await;
    let body = json!({"lastname": "x", "parentcustomerid_account@odata.bind": format!("/accounts({theirs})")});
    let refused = failure(basic.send(Method::POST, "contacts", &body).await).await;
    assert_eq!((refused.0, &*refused.1), (403, "0x80048306"));
    assert!(refused.2.contains("AppendToAccess"), "{}", refused.2);
    assert_eq!(basic.get("contacts").await["value"], json!([]), "a refused create left a row");
}

#[tokio::test]
async fn giving_a_row_away_needs_assign_and_a_reader() {
    let kit = signed_in(0).await;
    let agent = Person::sign_in(&kit, AGENT).await;
    let (seller, basic) = (Person::sign_in(&kit, SELLER).await, Person::sign_in(&kit, BASIC).await);
    let case = kit.create("accounts", json!({"name": "Customer"})).await;
    let bind = |id: &str| json!({"ownerid@odata.bind": format!("/systemusers({id})")});
    let path = format!("accounts({case})");
    assert_eq!(agent.send(Method::PATCH, &path, &bind(&seller.me().await)).await.status(), 204);
    let row = kit.get(&path).await;
    assert_eq!(row["_ownerid_value"], json!(seller.me().await));
    let lead = kit.create("leads", json!({"subject": "x", "lastname": "y"})).await;
    let refused =
        kit.request(Method::PATCH, &format!("leads({lead})")).json(&bind(&basic.me().await));
    let refused = failure(refused.send().await.unwrap()).await;
    assert_eq!((refused.0, &*refused.1), (403, "0x80040299"), "{}", refused.2);
    assert!(refused.2.contains("Read Privilege Check For Owner failed"), "{}", refused.2);
    let mine = seller.create("leads", &json!({"subject": "x", "lastname": "y"})).await;
    let refused =
        agent.send(Method::PATCH, &format!("leads({mine})"), &bind(&agent.me().await)).await;
    assert_eq!(refused.status(), 403);
}

#[tokio::test]
async fn roles_are_rows_and_are_given_by_reference() {
    let kit = signed_in(0).await;
    let basic = Person::sign_in(&kit, BASIC).await;
    let path = format!("systemusers({})/systemuserroles_association", basic.me().await);
    assert_eq!(names(&kit.get(&path).await, "name"), ["Basic User"]);
    let role = kit.get("roles?$filter=name eq 'Salesperson'").await["value"][0]["roleid"].clone();
    let role = role.as_str().unwrap();
    let address = json!({"@odata.id": format!("{}/roles({role})", kit.emulator.setup().api_url)});
    let refused = basic.send(Method::POST, &format!("{path}/$ref"), &address).await;
    assert_eq!(refused.status(), 403, "nobody gives a role without prvAssignRole");
    kit.act(&format!("{path}/$ref"), address).await;
    assert_eq!(basic.get("leads").await["value"], json!([]));
    let gone = kit.request(Method::DELETE, &format!("{path}({role})/$ref"));
    assert_eq!(gone.send().await.unwrap().status(), 204);
    assert_eq!(basic.failure("leads").await.0, 403);
    let basic_role = kit.get(&path).await["value"][0]["roleid"].as_str().unwrap().to_owned();
    let gone = kit.request(Method::DELETE, &format!("{path}({basic_role})/$ref"));
    assert_eq!(gone.send().await.unwrap().status(), 204);
    let none = basic.failure("accounts").await;
    assert_eq!((none.0, &*none.1), (403, "0x80042f09"), "{}", none.2);
}

#[tokio::test]
async fn business_units_and_teams_widen_the_reach() {
    let kit = signed_in(0).await;
    let (seller, agent) = (Person::sign_in(&kit, SELLER).await, Person::sign_in(&kit, AGENT).await);
    let root = kit.get("WhoAmI").await["BusinessUnitId"].as_str().unwrap().to_owned();
    let theirs = agent.create("accounts", &json!({"name": "Of the unit"})).await;
    assert_eq!(names(&seller.get("accounts").await, "accountid"), std::slice::from_ref(&theirs));
    let below = json!({"name": "Below", "parentbusinessunitid@odata.bind": format!("/businessunits({root})")});
    let below = kit.create("businessunits", below).await;
    let user = format!("systemusers({})", seller.me().await);
    let moved = json!({"businessunitid@odata.bind": format!("/businessunits({below})")});
    assert_eq!(kit.change(&user, moved).await, 204);
    assert_eq!(seller.get("WhoAmI").await["BusinessUnitId"], json!(below));
    assert_eq!(seller.get("accounts").await["value"], json!([]));

    let team =
        json!({"name": "Helpers", "businessunitid@odata.bind": format!("/businessunits({root})")});
    let team = kit.create("teams", team).await;
    let role = kit.get("roles?$filter=name eq 'Salesperson'").await["value"][0]["roleid"].clone();
    let role = format!("{}/roles({})", kit.emulator.setup().api_url, role.as_str().unwrap());
    kit.act(&format!("teams({team})/teamroles_association/$ref"), json!({"@odata.id": role})).await;
    let members = json!({"Members": [{"systemuserid": seller.me().await, "@odata.type": "Microsoft.Dynamics.CRM.systemuser"}]});
    kit.act(&format!("teams({team})/Microsoft.Dynamics.CRM.AddMembersTeam"), members).await;
    assert_eq!(
        names(&seller.get("accounts").await, "accountid"),
        std::slice::from_ref(&theirs),
        "the team's unit"
    );
    let give = json!({"ownerid@odata.bind": format!("/teams({team})")});
    assert_eq!(kit.change(&format!("accounts({theirs})"), give).await, 204);
    let row = json!({"telephone1": "1"});
    assert_eq!(
        seller.send(Method::PATCH, &format!("accounts({theirs})"), &row).await.status(),
        204
    );
}

// Source: the GrantAccess, RevokeAccess and RetrievePrincipalAccess reference pages.
#[tokio::test]
async fn a_row_is_shared_and_no_longer_shared() {
    let kit = signed_in(0).await;
    let basic = Person::sign_in(&kit, BASIC).await;
    let me = basic.me().await;
    let account = kit.create("accounts", json!({"name": "Shared"})).await;
    let target = json!({"accountid": account, "@odata.type": "Microsoft.Dynamics.CRM.account"});
    let user = json!({"systemuserid": me, "@odata.type": "Microsoft.Dynamics.CRM.systemuser"});
    let access = json!({"AccessMask": "ReadAccess, WriteAccess", "Principal": user});
    kit.act("GrantAccess", json!({"Target": target, "PrincipalAccess": access})).await;
    assert_eq!(names(&basic.get("accounts").await, "name"), ["Shared"]);
    let change = json!({"telephone1": "1"});
    let path = format!("accounts({account})");
    assert_eq!(basic.send(Method::PATCH, &path, &change).await.status(), 204);
    assert_eq!(basic.send(Method::DELETE, &path, &change).await.status(), 403);
    let asked = format!(
        "systemusers({me})/Microsoft.Dynamics.CRM.RetrievePrincipalAccess(Target=@p1)?@p1={{\"@odata.id\":\"accounts({account})\"}}"
    );
    assert_eq!(kit.get(&asked).await["AccessRights"], "ReadAccess, WriteAccess");
    let shared = format!(
        "RetrieveSharedPrincipalsAndAccess(Target=@p1)?@p1={{\"@odata.id\":\"accounts({account})\"}}"
    );
    assert_eq!(
        kit.get(&shared).await["PrincipalAccesses"][0]["Principal"]["systemuserid"],
        json!(me)
    );
    kit.act("RevokeAccess", json!({"Target": target, "Revokee": user})).await;
    assert_eq!(basic.get("accounts").await["value"], json!([]));
    assert_eq!(kit.get(&asked).await["AccessRights"], "None");
}

#[tokio::test]
async fn privileges_can_be_asked_for_and_a_disabled_user_has_none() {
    let kit = signed_in(0).await;
    let seller = Person::sign_in(&kit, SELLER).await;
    let user = format!("systemusers({})", seller.me().await);
    let all = kit.get(&format!("{user}/Microsoft.Dynamics.CRM.RetrieveUserPrivileges()")).await;
    let all = all["RolePrivileges"].as_array().unwrap().clone();
    let found = all.iter().find(|one| one["PrivilegeName"] == "prvReadAccount").unwrap();
    assert_eq!(found["Depth"], "Local");
    let one = kit.get(&format!("{user}/Microsoft.Dynamics.CRM.RetrieveUserPrivilegeByPrivilegeName(PrivilegeName='prvWriteAccount')")).await;
    assert_eq!(one["RolePrivileges"][0]["Depth"], "Basic");
    assert_eq!(kit.change(&user, json!({"isdisabled": true})).await, 204);
    let refused = seller.failure("WhoAmI").await;
    assert_eq!((refused.0, &*refused.1), (403, "0x80040225"));
}
