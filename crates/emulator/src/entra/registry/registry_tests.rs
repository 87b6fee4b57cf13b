//! The built-in directory, what its file may say, and how it is changed.

use super::store::parsed;
use super::*;

fn built_in() -> std::sync::Arc<Directory> {
    DirectoryStore::open(None, None).unwrap().read()
}

#[test]
fn the_port_of_a_loopback_redirect_is_free_and_nothing_else() {
    let directory = built_in();
    let (_, _, app, _) = directory.defaults().unwrap();
    let registered = |uri: &str| app.redirect_uris.platform_of(uri);
    for right in [
        "http://127.0.0.1:8460/admin/msdynamicscallback.html",
        "http://localhost/admin/msdynamicscallback.html",
    ] {
        assert_eq!(registered(right), Some(Platform::Web));
    }
    for wrong in [
        "http://127.0.0.1:8460/admin/msdynamicscallback.html?x=1",
        "http://127.0.0.1:8460/other.html",
        "https://127.0.0.1:8460/admin/msdynamicscallback.html",
        "http://127.0.0.2/admin/msdynamicscallback.html",
        "http://evil.example/admin/msdynamicscallback.html",
        "http://user@127.0.0.1/admin/msdynamicscallback.html",
    ] {
        assert_eq!(registered(wrong), None, "{wrong}");
    }
}

#[test]
fn an_expired_secret_is_told_from_a_wrong_one() {
    let directory = built_in();
    let (_, _, app, secret) = directory.defaults().unwrap();
    let check = |text: &str| app.check_secret(text, Timestamp::now());
    assert_eq!(check(&secret.value), SecretCheck::Good);
    assert_eq!(check("emulator~expired.client-secret_0"), SecretCheck::Expired);
    assert_eq!(check(&secret.id), SecretCheck::Wrong);
}

#[test]
fn what_the_portal_writes_can_be_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let store = DirectoryStore::open(None, Some(folder.path())).unwrap();
    let added = store.change(|directory| {
        let app = App::new("Made by hand");
        let id = app.client_id.clone();
        directory.tenants[0].apps.push(app);
        Ok(id)
    });
    let again = DirectoryStore::open(None, Some(folder.path())).unwrap().read();
    assert_eq!(again.tenants[0].app(&added.unwrap()).unwrap().name, "Made by hand");
    assert_eq!(again.tenants[0].users.len(), built_in().tenants[0].users.len());
}

#[test]
fn a_change_that_does_not_hold_together_is_not_made() {
    let store = DirectoryStore::open(None, None).unwrap();
    let twice = store.change(|directory| {
        let user = directory.tenants[0].users[0].clone();
        directory.tenants[0].users.push(user);
        Ok(())
    });
    assert!(twice.unwrap_err().to_string().contains("twice"));
    assert_eq!(store.read().tenants[0].users.len(), built_in().tenants[0].users.len());
}

#[test]
fn an_unknown_member_is_refused_with_its_place() {
    let wrong = "[[tenants]]\nid = \"5c6f1a2e-0d7b-4b7e-9a54-0f6f3f2c8d11\"\ndomain = \"x.example\"\ncolour = 1\n";
    let reason = parsed(wrong).unwrap_err();
    assert!(reason.contains("line 4, column 1") && reason.contains("colour"), "{reason}");
}

#[test]
fn a_service_principal_is_a_principal_where_it_has_a_role() {
    let directory = built_in();
    let (tenant, user, app, _) = directory.defaults().unwrap();
    let principal = directory.principal(&app.service_principal(&tenant.id)).unwrap();
    assert_eq!(principal.application_id.as_deref(), Some(app.client_id.as_str()));
    assert_eq!(principal.member, app.application_user_role.is_some());
    assert_eq!(directory.principal(&user.id).unwrap().upn_or_name, user.name);
    assert_eq!(directory.principal("nobody"), None);
}

proptest::proptest! {
    #[test]
    fn any_bytes_are_a_certificate_or_refused(bytes: Vec<u8>) {
        let _ = Parsed::read(&bytes);
        let _ = Parsed::read(&[&[0x30], bytes.as_slice()].concat());
    }
}
