//! What must hold for a directory before it is used: ids that are there once, and nothing that no request could name.

use std::collections::HashSet;

use uuid::Uuid;

use super::{Directory, Tenant};

/// Completes what may be left out, and says what is wrong in words for the person who wrote the file.
pub(super) fn completed(mut directory: Directory) -> Result<Directory, String> {
    if directory.defaults().is_none() {
        return Err("the first tenant needs a user, and an app with a secret".to_owned());
    }
    let mut seen = HashSet::new();
    let mut once = |kind: &str, id: &str| match seen.insert(id.to_lowercase()) {
        true => Ok(()),
        false => Err(format!("{kind} {id} is there twice")),
    };
    for tenant in &mut directory.tenants {
        identifier("tenant", &tenant.id)?;
        once("tenant", &tenant.id)?;
        once("domain", &tenant.domain)?;
        complete_tenant(tenant, &mut once)?;
    }
    Ok(directory)
}

fn complete_tenant(
    tenant: &mut Tenant,
    once: &mut impl FnMut(&str, &str) -> Result<(), String>,
) -> Result<(), String> {
    for user in &tenant.users {
        identifier("user", &user.id)?;
        once("user", &user.id)?;
        once("user", &user.name)?;
    }
    for app in &mut tenant.apps {
        identifier("app", &app.client_id)?;
        once("app", &app.client_id)?;
        for secret in app.secrets.iter_mut().filter(|secret| secret.id.is_empty()) {
            let id = Uuid::new_v5(&Uuid::NAMESPACE_OID, secret.value.as_bytes());
            secret.id = id.to_string();
        }
        for certificate in &mut app.certificates {
            certificate.complete().map_err(|error| format!("app {}: {error}", app.client_id))?;
        }
        if let Some(permission) = app.permissions.iter().find(|permission| !permission.exists()) {
            let (api, name) = (permission.api.name(), &permission.name);
            return Err(format!("app {}: {api} has no permission {name}", app.client_id));
        }
        for (_, uri) in app.redirect_uris.all() {
            if url::Url::parse(uri).is_err() {
                return Err(format!("app {}: {uri} is no absolute URI", app.client_id));
            }
        }
    }
    Ok(())
}

fn identifier(kind: &str, id: &str) -> Result<(), String> {
    match Uuid::try_parse(id) {
        Ok(_) => Ok(()),
        Err(_) => Err(format!("the id of {kind} `{id}` is no GUID")),
    }
}
