//! Who a connection works as, in words that an administrator knows: the user's and the organisation's name.
//!
//! `WhoAmI` gives ids only. Names are for reading, so a user who may not read them still has a valid connection. The
//! account's policy does not apply: nothing of this reaches a block.

use std::time::Instant;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::client::{Client, WhoAmI};

/// Names of the consenting user and of the organisation, as far as they could be read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct About {
    /// Full name of the user in Dynamics 365.
    pub full_name: Option<String>,
    /// Sign-in name of the user in Dynamics 365.
    pub sign_in_name: Option<String>,
    /// Name of the organisation.
    pub organization_name: Option<String>,
}

#[derive(Default, Deserialize)]
struct User {
    fullname: Option<String>,
    domainname: Option<String>,
}

#[derive(Default, Deserialize)]
struct Organization {
    name: Option<String>,
}

impl Client {
    /// The names that belong to the ids of `who`. What cannot be read by `deadline` stays unknown.
    pub async fn about(&self, who: &WhoAmI, deadline: Instant) -> About {
        let user = format!("systemusers({})", who.user_id);
        let organization = format!("organizations({})", who.organization_id);
        let (user, organization) = tokio::join!(
            self.read_names::<User>(&user, "$select=fullname,domainname", deadline),
            self.read_names::<Organization>(&organization, "$select=name", deadline),
        );
        let given = |name: Option<String>| name.filter(|name| !name.trim().is_empty());
        About {
            full_name: given(user.fullname),
            sign_in_name: given(user.domainname),
            organization_name: given(organization.name),
        }
    }

    async fn read_names<T: DeserializeOwned + Default>(
        &self,
        path: &str,
        query: &str,
        deadline: Instant,
    ) -> T {
        match self.read_text("about", path, query, deadline).await {
            Ok(text) => serde_json::from_str(&text).unwrap_or_default(),
            Err(error) => {
                tracing::debug!(kind = error.kind.name(), "a name could not be read");
                T::default()
            }
        }
    }
}
