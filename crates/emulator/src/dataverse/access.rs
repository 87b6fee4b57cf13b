//! Who may do what: the rights that every operation asks for.

use http::StatusCode;
use sqlx::SqliteConnection;

use super::errors::DataverseError;
use super::query::ast::Expr;
use super::schema::Table;

/// As whom a request acts.
#[derive(Debug, Clone)]
pub(crate) struct Author {
    /// `systemuserid`.
    pub(crate) user: String,
    pub(crate) business_unit: String,
    /// The user who acts on behalf of `user`, where somebody does.
    pub(crate) on_behalf_by: Option<String>,
}

/// What is to be done with rows of a table, in the words of its privileges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Right {
    Create,
    Read,
    Write,
    Delete,
    Append,
    AppendTo,
    Assign,
}

/// Whether the author may do this with rows of the table at all.
pub(crate) fn demand(author: &Author, table: &Table, right: Right) -> Result<(), DataverseError> {
    let protected = table.logical == "systemuser" && right != Right::Read;
    if !protected {
        return Ok(());
    }
    let message = format!(
        "Principal user (Id={}) is missing prv{right:?}User privilege for entity '{}'",
        author.user, table.logical
    );
    Err(DataverseError::new(StatusCode::FORBIDDEN, "0x80040220", message))
}

/// Whether the author may do this with the row `id`, which exists.
pub(crate) async fn demand_row(
    author: &Author,
    _connection: &mut SqliteConnection,
    table: &Table,
    _id: &str,
    right: Right,
) -> Result<(), DataverseError> {
    demand(author, table, right)
}

/// The conditions that leave of a table what the author may read.
pub(crate) fn visible(author: &Author, table: &Table) -> Result<Vec<Expr>, DataverseError> {
    demand(author, table, Right::Read)?;
    Ok(Vec::new())
}

/// Whether the author has a privilege that is of no table.
pub(crate) fn demand_privilege(_author: &Author, _name: &str) -> Result<(), DataverseError> {
    Ok(())
}
