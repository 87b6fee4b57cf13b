//! What users consented to, each for themselves. What an administrator granted for all stands in the directory.

use super::{Grants, PermissionKey};
use crate::entra::registry::{App, Permission};

impl Grants {
    /// Those of `wanted` that neither the user nor an administrator granted.
    pub(crate) fn lacking(&self, user: &str, app: &App, wanted: &[Permission]) -> Vec<Permission> {
        let inner = self.lock();
        let own = inner.consents.get(&(user.to_owned(), app.client_id.clone()));
        let granted = |wanted: &&Permission| {
            let for_all = app
                .permissions
                .iter()
                .any(|known| known.admin_consent && known.is(wanted.api, &wanted.name));
            for_all || own.is_some_and(|own| own.contains(&key(wanted)))
        };
        wanted.iter().filter(|wanted| !granted(wanted)).cloned().collect()
    }

    /// Whether anything was granted to `app`, by the user or for all: what a plain sign-in needs.
    pub(crate) fn knows(&self, user: &str, app: &App) -> bool {
        app.permissions.iter().any(|permission| permission.admin_consent)
            || self.lock().consents.contains_key(&(user.to_owned(), app.client_id.clone()))
    }

    pub(crate) fn remember_consent(&self, user: &str, client_id: &str, granted: &[Permission]) {
        let mut inner = self.lock();
        let own = inner.consents.entry((user.to_owned(), client_id.to_owned())).or_default();
        own.extend(granted.iter().map(key));
    }

    /// Forgets what users consented to for an app.
    pub(crate) fn withdraw_consents(&self, client_id: &str) {
        self.lock().consents.retain(|(_, client), _| client != client_id);
    }

    /// Object ids of the users that consented to an app for themselves.
    pub(crate) fn consenting_users(&self, client_id: &str) -> Vec<String> {
        let inner = self.lock();
        let of_app = inner.consents.keys().filter(|(_, client)| client == client_id);
        of_app.map(|(user, _)| user.clone()).collect()
    }
}

fn key(permission: &Permission) -> PermissionKey {
    (permission.api, permission.name.to_lowercase())
}
