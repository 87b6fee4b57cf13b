//! Acting on behalf of another user, and what only an administrator may bypass.
//!
//! Sources: webapi/impersonate-another-user-web-api, bypass-custom-business-logic.

use crate::kit::people::{AGENT, BASIC, Person};
use crate::kit::{Kit, failure, signed_in};
use reqwest::{Method, Response};
use serde_json::{Value, json};

const AGENT_OID: &str = "7b0e6b0c-52d5-4a0e-8f0a-6a3d1f9c2b02";

async fn as_other(
    kit: &Kit,
    header: (&str, &str),
    method: Method,
    path: &str,
    body: &Value,
) -> Response {
    kit.request(method, path).header(header.0, header.1).json(body).send().await.unwrap()
}

#[tokio::test]
async fn a_row_made_for_another_user_says_who_made_it() {
    let kit = signed_in(0).await;
    let caller = kit.get("WhoAmI").await["UserId"].clone();
    let filter = format!("systemusers?$filter=azureactivedirectoryobjectid eq {AGENT_OID}");
    let agent = kit.get(&filter).await["value"][0]["systemuserid"].clone();
    let agent_id = agent.as_str().unwrap();
    for header in [("CallerObjectId", AGENT_OID), ("MSCRMCallerID", agent_id)] {
        let who: Value =
            as_other(&kit, header, Method::GET, "WhoAmI", &json!({})).await.json().await.unwrap();
        assert_eq!(who["UserId"], agent);
        let body = json!({"name": "Sample Account created using impersonation"});
        let id = crate::kit::created(as_other(&kit, header, Method::POST, "accounts", &body).await)
            .await;
        let row = kit.get(&format!("accounts({id})")).await;
        assert_eq!((&row["_createdby_value"], &row["_ownerid_value"]), (&agent, &agent));
        assert_eq!(row["_createdonbehalfby_value"], caller);
        assert_eq!(row["_modifiedonbehalfby_value"], caller);
    }
}

#[tokio::test]
async fn only_what_both_may_do_is_done() {
    let kit = signed_in(0).await;
    let header = ("CallerObjectId", AGENT_OID);
    let refused =
        failure(as_other(&kit, header, Method::POST, "leads", &json!({"subject": "x"})).await)
            .await;
    assert_eq!((refused.0, &*refused.1), (403, "0x80040220"), "{}", refused.2);
    assert!(refused.2.contains("prvCreateLead"), "{}", refused.2);

    let basic = Person::sign_in(&kit, BASIC).await;
    let request = basic.request(Method::GET, "WhoAmI").header(header.0, header.1);
    let refused = failure(request.send().await.unwrap()).await;
    assert_eq!((refused.0, &*refused.1), (403, "0x80040220"));
    assert!(refused.2.contains("prvActOnBehalfOfAnotherUser"), "{}", refused.2);

    let role = kit.get("roles?$filter=name eq 'Delegate'").await["value"][0]["roleid"].clone();
    let role = format!("{}/roles({})", kit.emulator.setup().api_url, role.as_str().unwrap());
    let roles = format!("systemusers({})/systemuserroles_association/$ref", basic.me().await);
    kit.act(&roles, json!({"@odata.id": role})).await;
    let get = async |path: &str| {
        let request = basic.request(Method::GET, path).header(header.0, header.1);
        request.send().await.unwrap()
    };
    assert_eq!(get("accounts").await.status(), 200);
    let refused = failure(get("incidents").await).await;
    assert_eq!((refused.0, &*refused.1), (403, "0x80040220"), "the agent may, the caller may not");
    assert!(refused.2.contains(&basic.me().await), "{}", refused.2);
}

#[tokio::test]
async fn an_unknown_user_can_not_be_acted_for() {
    let kit = signed_in(0).await;
    for header in ["CallerObjectId", "MSCRMCallerID"] {
        for id in ["00000000-0000-0000-0000-00000000dead", "nobody"] {
            let answer = as_other(&kit, (header, id), Method::GET, "WhoAmI", &json!({})).await;
            let refused = failure(answer).await;
            assert_eq!((refused.0, &*refused.1), (403, "0x80041d1f"), "{header}: {id}");
        }
    }
}

#[tokio::test]
async fn custom_logic_is_bypassed_with_the_privilege_only() {
    let kit = signed_in(0).await;
    let agent = Person::sign_in(&kit, AGENT).await;
    for (header, value, privilege) in [
        (
            "MSCRM.BypassBusinessLogicExecution",
            "CustomSync,CustomAsync",
            "prvBypassCustomBusinessLogic",
        ),
        ("MSCRM.BypassCustomPluginExecution", "true", "prvBypassPlugins"),
    ] {
        let answer =
            as_other(&kit, (header, value), Method::POST, "accounts", &json!({"name": "x"})).await;
        assert_eq!(answer.status(), 204);
        let request = agent.request(Method::POST, "accounts").header(header, value);
        let refused = failure(request.json(&json!({"name": "x"})).send().await.unwrap()).await;
        assert_eq!((refused.0, &*refused.1), (403, "0x80040220"));
        assert!(refused.2.contains(privilege), "{}", refused.2);
    }
}

// Source: use-single-tenant-server-server-authentication: an app signs in as its application user.
#[tokio::test]
async fn an_app_acts_as_its_application_user() {
    let kit = signed_in(0).await;
    let setup = kit.emulator.setup();
    let form = [
        ("grant_type", "client_credentials".to_owned()),
        ("client_id", setup.client_id.clone()),
        ("client_secret", setup.client_secret.clone()),
        ("scope", format!("{}/.default", setup.http_url)),
    ];
    let form: Vec<(String, String)> = form.map(|(name, value)| (name.to_owned(), value)).to_vec();
    let answer = crate::kit::token(&kit.http, &setup.token_url, &form).await;
    let token = answer["access_token"].as_str().expect("a token");
    let url = format!("{}/WhoAmI", setup.api_url);
    let who = kit.http.get(url).bearer_auth(token).send().await.unwrap();
    assert_eq!(who.status(), 200);
    let id = who.json::<Value>().await.unwrap()["UserId"].as_str().unwrap().to_owned();
    let user = kit.get(&format!("systemusers({id})")).await;
    assert_eq!(user["applicationid"], json!(setup.client_id));
    let roles = kit.get(&format!("systemusers({id})/systemuserroles_association")).await;
    assert_eq!(roles["value"][0]["name"], "System Administrator");
}
