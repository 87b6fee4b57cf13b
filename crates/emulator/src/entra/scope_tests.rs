//! Scopes and resources, as clients write them.

use super::*;

fn app(permissions: &[(Api, &str)]) -> App {
    let mut app = App::new("App");
    app.permissions = permissions.iter().map(|(api, name)| permission(*api, name)).collect();
    app
}

#[test]
fn one_api_and_the_openid_words() {
    let scope = "http://127.0.0.1:8470/user_impersonation offline_access openid profile";
    let requested = Requested::from_scope(scope).unwrap();
    assert_eq!(requested.resource(), "http://127.0.0.1:8470");
    assert!(requested.openid && requested.offline && requested.profile && !requested.email);
    // Two slashes: learn.microsoft.com/entra/identity-platform/scopes-oidc, "trailing slash and /.default".
    let slash = Requested::from_scope("https://localhost:1//.default").unwrap();
    assert_eq!(slash.resource(), "https://localhost:1/");
}

#[test]
fn other_apis_and_permissions_are_refused_by_code() {
    let code = |scope: &str| Requested::from_scope(scope).unwrap_err().code;
    assert_eq!(code("https://org.example/user_impersonation"), 500_011);
    assert_eq!(code("http://127.0.0.1:8470/Mail.Read"), 70011);
    assert_eq!(code("nonsense"), 70011);
    assert_eq!(Requested::from_resource("https://org.example/").unwrap_err().code, 500_011);
}

#[test]
fn a_bare_permission_is_graphs_and_a_token_is_for_one_api() {
    let graph = Requested::from_scope("User.Read openid").unwrap();
    assert_eq!(graph.api(), Api::Graph);
    let both = Requested::from_scope("http://localhost/user_impersonation User.Read").unwrap();
    assert_eq!(both.first_resource().scopes.len(), 1);
    assert_eq!(both.one_resource().unwrap_err().code, 28000);
}

#[test]
fn default_is_what_is_registered_and_a_name_need_not_be() {
    let graph_only = app(&[(Api::Graph, "User.Read")]);
    let whole = Requested::from_scope("http://localhost/.default").unwrap();
    assert_eq!(whole.permissions(&graph_only).unwrap_err().code, 650_057);
    let named = Requested::from_scope("http://localhost/user_impersonation").unwrap();
    assert_eq!(named.permissions(&graph_only).unwrap().len(), 1);
    let registered = app(&[(Api::Dynamics, "user_impersonation"), (Api::Graph, "User.Read")]);
    assert_eq!(whole.permissions(&registered).unwrap().len(), 1);
    assert_eq!(whole.consents(&registered).unwrap().len(), 2);
    let answer = whole.answer(Version::V2, &registered).unwrap();
    assert_eq!(answer, "http://localhost/user_impersonation http://localhost/.default");
    let v1 = Requested::from_resource("http://localhost/").unwrap();
    assert_eq!(v1.answer(Version::V1, &registered).unwrap(), "user_impersonation");
}

proptest::proptest! {
    #[test]
    fn any_scope_is_read_or_refused(scope in ".*", resource in ".*") {
        let app = app(&[(Api::Dynamics, "user_impersonation")]);
        if let Ok(requested) = Requested::from_scope(&scope) {
            let _ = requested.answer(Version::V2, &app);
        }
        let _ = Requested::from_resource(&resource);
    }

    #[test]
    fn what_is_asked_for_by_name_comes_back_by_name(port in 1u16.., slash in "/?") {
        let scope = format!("http://127.0.0.1:{port}{slash}/user_impersonation");
        let app = app(&[(Api::Dynamics, "user_impersonation")]);
        let requested = Requested::from_scope(&scope).unwrap();
        proptest::prop_assert_eq!(requested.answer(Version::V2, &app).unwrap(), scope);
    }
}
