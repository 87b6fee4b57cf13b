//! The routes of this host: kept in the store as one list, checked against the scenarios that calls can get.

use jiff::Timestamp;
use patchcord_scenario::Problem;
use patchcord_store::{Batch, Document, Expect, Store};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::precondition::There;
use super::{Precondition, Scenarios, errors};
use crate::routes::{LookedAt, RouteList, RouteTable, RouteTaken, check};
use crate::{CallError, Error};

const ROUTES: &str = "routes";
/// There is one list.
const KEY: &str = "all";

#[derive(Serialize, Deserialize)]
struct Stored {
    saved_at: Timestamp,
    saved_by: Option<String>,
    list: RouteList,
}

/// The routes with what is known of them.
#[derive(Debug, Clone, Serialize)]
pub struct RoutesView {
    /// Changes with each change of the list; none where there never was one.
    pub revision: Option<i64>,
    /// When the list was changed.
    pub saved_at: Option<Timestamp>,
    /// Name of the user or API token by whom it was changed.
    pub saved_by: Option<String>,
    /// The routes.
    #[serde(flatten)]
    pub list: RouteList,
    /// What is doubtful.
    pub problems: Vec<Problem>,
}

/// The routes that the store holds.
pub(super) async fn load(store: &Store) -> Result<RouteTable, Error> {
    let stored = store.get::<Stored>(ROUTES, KEY).await?;
    Ok(stored.map_or_else(RouteTable::default, |stored| RouteTable::new(&stored.value.list)))
}

impl Scenarios {
    pub(crate) async fn routes(&self) -> Result<RoutesView, Error> {
        let Some(stored) = self.stored_routes().await? else {
            let (revision, saved_at, saved_by, problems) = Default::default();
            let list = RouteList::default();
            return Ok(RoutesView { revision, saved_at, saved_by, list, problems });
        };
        let problems = check(&stored.value.list, |name| self.plans.get(name).is_some());
        let Document { revision, value: Stored { saved_at, saved_by, list }, .. } = stored;
        let (revision, saved_at) = (Some(revision), Some(saved_at));
        Ok(RoutesView { revision, saved_at, saved_by, list, problems })
    }

    /// Puts a list in the place of the one there is.
    pub(crate) async fn set_routes(
        &self,
        list: RouteList,
        precondition: Precondition,
        by: Option<String>,
    ) -> Result<RoutesView, Error> {
        let changing = self.changing.lock().await;
        let mut batch = Batch::new();
        self.add_routes(&mut batch, &list, precondition, by, &[]).await?;
        self.store.write(batch).await?;
        self.take_routes(&list);
        drop(changing);
        self.routes().await
    }

    /// Has a list written. `coming` are the names of scenarios that are published with it.
    pub(super) async fn add_routes(
        &self,
        batch: &mut Batch,
        list: &RouteList,
        precondition: Precondition,
        by: Option<String>,
        coming: &[&str],
    ) -> Result<(), Error> {
        let before = self.stored_routes().await?;
        seen(precondition, before.as_ref())?;
        let known = |name: &str| self.plans.get(name).is_some() || coming.contains(&name);
        let faults = errors(check(list, known));
        if !faults.is_empty() {
            return Err(Error::Problems(faults));
        }
        let expect = before.map_or(Expect::Absent, |before| Expect::Revision(before.revision));
        let stored = Stored { saved_at: Timestamp::now(), saved_by: by, list: list.clone() };
        batch.put_if(ROUTES, KEY, expect, &stored)?;
        Ok(())
    }

    /// Has calls take a list that has been written.
    pub(super) fn take_routes(&self, list: &RouteList) {
        let routes = list.routes.len();
        tracing::info!(target: "patchcord::audit", routes, "the routes were changed");
        self.routes.replace(list);
    }

    /// The scenario for a call that names none.
    pub(crate) fn route(&self, variables: &Map<String, Value>) -> Result<RouteTaken, CallError> {
        let call = LookedAt::read(variables)
            .map_err(|problem| CallError::Invalid { at: "/variables".into(), problem })?;
        self.routes.find(&call).ok_or_else(|| CallError::NoRoute(call.to_string()))
    }

    async fn stored_routes(&self) -> Result<Option<Document<Stored>>, Error> {
        Ok(self.store.get::<Stored>(ROUTES, KEY).await?)
    }
}

/// Whether whoever changes the list has seen it as it is.
fn seen(precondition: Precondition, there: Option<&Document<Stored>>) -> Result<(), Error> {
    let there = there.map(|stored| {
        let Stored { saved_at: at, saved_by, .. } = &stored.value;
        There { revision: stored.revision, at: *at, by: saved_by.clone() }
    });
    precondition.hold("the list of routes".to_owned(), there)
}
