//! What designers look up: tables, columns, choices and keys of an account's organisation.

use axum::Json;
use axum::extract::State;
use patchcord::dynamics::{DefinitionOptions, Table, TableDetails};
use serde::Deserialize;

use crate::parameters::{Asked, Named, Within};
use crate::problem::Problem;
use crate::server::Shared;

/// Query of both addresses.
#[derive(Deserialize)]
pub(crate) struct Wanted {
    /// LCID of the labels.
    language: Option<u32>,
    /// Whether Dynamics 365 is asked even if what is known is recent.
    #[serde(default)]
    refresh: bool,
}

impl From<Wanted> for DefinitionOptions {
    fn from(Wanted { language, refresh }: Wanted) -> Self {
        Self { language, refresh }
    }
}

pub(crate) async fn list(
    State(shared): State<Shared>,
    Named(account): Named,
    Asked(wanted): Asked<Wanted>,
) -> Result<Json<Vec<Table>>, Problem> {
    Ok(Json(shared.patchcord.account_tables(&account, &wanted.into()).await?))
}

pub(crate) async fn one(
    State(shared): State<Shared>,
    Within(account, table): Within,
    Asked(wanted): Asked<Wanted>,
) -> Result<Json<TableDetails>, Problem> {
    Ok(Json(shared.patchcord.account_table(&account, &table, &wanted.into()).await?))
}
