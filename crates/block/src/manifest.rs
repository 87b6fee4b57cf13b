//! What a block says of itself. A builder, so that a block names only what it has; the schema of its properties is added
//! from their type and never written by hand.

use serde::Serialize;
use serde_json::{Map, Value};

/// The keyword of the properties' schema that lists the tables which a block uses by itself.
const TABLES: &str = "x-patchcord-tables";

/// The manifest of a block. Serializes to what `GET /v1/blocks` answers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Manifest {
    pub(crate) id: String,
    pub(crate) version: String,
    pub(crate) title: String,
    pub(crate) category: String,
    pub(crate) description: String,
    pub(crate) icon: String,
    pub(crate) properties: Map<String, Value>,
    pub(crate) exits: Vec<Exit>,
    pub(crate) outputs: Vec<Output>,
    pub(crate) operations: Vec<Operation>,
    /// Written into the schema of the properties, where the contract has its place.
    #[serde(skip)]
    pub(crate) tables: Option<Vec<String>>,
    pub(crate) selects_account: bool,
    pub(crate) pops_screen: bool,
}

/// A named way out of a block.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Exit {
    /// What a scenario wires, in lower case with underscores.
    pub id: String,
    /// What the designer reads.
    pub title: String,
    /// When it is taken, in one sentence.
    pub description: String,
}

/// Something that a block leaves behind in the variables of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Output {
    /// The property that holds the variable's name.
    pub property: String,
    /// What the variable will hold.
    pub kind: OutputKind,
    /// What it is good for, in one sentence.
    pub description: String,
}

/// What an output holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum OutputKind {
    /// One JSON value.
    Variable,
    /// Records with a cursor.
    Recordset,
}

/// What can be done to a table of Dynamics 365.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
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
}

impl Manifest {
    /// Begins the manifest of a block.
    ///
    /// `id` is what scenarios name: words of lower-case letters and digits joined by `.` or `-`. `version` is a semantic
    /// version, as a rule `env!("CARGO_PKG_VERSION")`. `title` is what the palette shows.
    pub fn new(id: &str, version: &str, title: &str) -> Self {
        Self {
            id: id.into(),
            version: version.into(),
            title: title.into(),
            category: "Other".into(),
            description: String::new(),
            icon: "block".into(),
            properties: Map::new(),
            exits: Vec::new(),
            outputs: Vec::new(),
            operations: Vec::new(),
            tables: None,
            selects_account: false,
            pops_screen: false,
        }
    }

    /// The group of the palette; `Other` where it is not set.
    #[must_use]
    pub fn category(mut self, category: &str) -> Self {
        self.category = category.into();
        self
    }

    /// What the block does, in one sentence; where it is not set, the documentation comment of the struct.
    #[must_use]
    pub fn description(mut self, description: &str) -> Self {
        self.description = description.into();
        self
    }

    /// Name of an icon of the console's set; `block` where it is not set.
    #[must_use]
    pub fn icon(mut self, icon: &str) -> Self {
        self.icon = icon.into();
        self
    }

    /// Declares a way out besides `next` and `failed`, which every block has.
    #[must_use]
    pub fn exit(mut self, id: &str, title: &str, description: &str) -> Self {
        let (id, title, description) = (id.into(), title.into(), description.into());
        self.exits.push(Exit { id, title, description });
        self
    }

    /// Declares that the block sets the variable that `property` names.
    #[must_use]
    pub fn variable(self, property: &str, description: &str) -> Self {
        self.output(property, OutputKind::Variable, description)
    }

    /// Declares that the block sets the recordset that `property` names.
    #[must_use]
    pub fn recordset(self, property: &str, description: &str) -> Self {
        self.output(property, OutputKind::Recordset, description)
    }

    fn output(mut self, property: &str, kind: OutputKind, description: &str) -> Self {
        let (property, description) = (property.into(), description.into());
        self.outputs.push(Output { property, kind, description });
        self
    }

    /// Declares an operation that the block may call; any other is refused as `policy-denied`.
    #[must_use]
    pub fn operation(mut self, operation: Operation) -> Self {
        self.operations.push(operation);
        self
    }

    /// Declares a table that the block uses by itself, by its entity set name. With it, any table is refused as
    /// `policy-denied` that neither is declared nor was chosen by the designer in a property of the kind `entity-set`.
    #[must_use]
    pub fn table(self, entity_set: &str) -> Self {
        self.tables([entity_set])
    }

    /// Declares the tables that the block uses by itself, as [`table`](Self::table) does; none are only those that the
    /// designer chose. A block that says nothing of tables may use any.
    ///
    /// ```
    /// use patchcord_block::{Manifest, Operation};
    ///
    /// let own = Manifest::new("example.leads", "1.0.0", "Leads")
    ///     .operation(Operation::Query)
    ///     .tables(["leads", "contacts"]);
    /// let chosen = Manifest::new("example.copy", "1.0.0", "Copy").operation(Operation::Create).tables([]);
    /// # let _ = (own, chosen);
    /// ```
    #[must_use]
    pub fn tables<'a>(mut self, entity_sets: impl IntoIterator<Item = &'a str>) -> Self {
        let tables = self.tables.get_or_insert_default();
        tables.extend(entity_sets.into_iter().map(str::to_owned));
        self
    }

    /// Declares that the block may change which integration account the blocks after it use.
    #[must_use]
    pub fn selects_account(mut self) -> Self {
        self.selects_account = true;
        self
    }

    /// Declares that the block may pop a screen to the agent.
    #[must_use]
    pub fn pops_screen(mut self) -> Self {
        self.pops_screen = true;
        self
    }

    /// Adds what the type of the properties says.
    pub(crate) fn complete(
        mut self,
        properties: Map<String, Value>,
        description: Option<String>,
    ) -> Self {
        self.properties = properties;
        if let Some(tables) = &self.tables {
            self.properties.insert(TABLES.into(), tables.clone().into());
        }
        if self.description.is_empty() {
            self.description = description.unwrap_or_default();
        }
        self
    }
}
