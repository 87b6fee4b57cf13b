//! What a block says of itself, as the rest of the host reads it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The manifest of a block: `describe` of the WIT contract, its schema parsed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Identity that scenarios name, such as `microsoft-dynamics.search-object`.
    pub id: String,
    /// Semantic version.
    pub version: String,
    /// What the palette shows.
    pub title: String,
    /// Group of the palette.
    pub category: String,
    /// One sentence.
    pub description: String,
    /// Name of an icon of the console's set.
    pub icon: String,
    /// JSON Schema (2020-12) of the properties.
    pub properties: Value,
    /// Ways out besides `next` and `failed`.
    pub exits: Vec<Exit>,
    /// What it leaves behind.
    pub outputs: Vec<Output>,
    /// Operations on the CRM that it may call.
    pub operations: Vec<Operation>,
    /// Entity set names of the tables that it uses by itself, from the keyword `x-patchcord-tables` of its schema; none
    /// where it may use any.
    #[serde(default)]
    pub tables: Option<Vec<String>>,
    /// Whether it may change the integration account of the blocks after it.
    pub selects_account: bool,
    /// Whether it may pop a screen.
    pub pops_screen: bool,
}

/// A named way out of a block.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exit {
    /// What a scenario wires.
    pub id: String,
    /// What the designer reads.
    pub title: String,
    /// When it is taken.
    pub description: String,
}

/// Something that a block leaves behind in the variables of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Output {
    /// The property that holds the variable's name.
    pub property: String,
    /// What the variable will hold.
    pub kind: OutputKind,
    /// What it is good for.
    pub description: String,
}

/// What an output holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OutputKind {
    /// One JSON value.
    Variable,
    /// Records with a cursor.
    Recordset,
}

/// What can be done to a table of the CRM.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Operation {
    /// Read records by a query.
    Query,
    /// Read one record by its key.
    Retrieve,
    /// Make a record.
    Create,
    /// Change a record.
    Update,
    /// Remove a record.
    Delete,
    /// Carry out actions. No manifest says so: a block asks for it by importing the interface `actions`.
    Execute,
}

impl Operation {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Query, Self::Retrieve, Self::Create, Self::Update, Self::Delete, Self::Execute];

    /// The name that a manifest and a policy have for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Retrieve => "retrieve",
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Execute => "execute",
        }
    }

    /// What it lets a block do, in words for the person who is asked.
    pub(crate) fn meaning(self) -> &'static str {
        match self {
            Self::Query => "read records by a query",
            Self::Retrieve => "read single records",
            Self::Create => "make records",
            Self::Update => "change records",
            Self::Delete => "remove records",
            Self::Execute => {
                "carry out actions, which may do anything that the consenting user may"
            }
        }
    }
}
