//! What a query says, after every name and type in it was checked: the form that `$filter`, the query
//! functions and FetchXML have in common, and from which SQL is made.

use super::super::schema::{Collection, Kind};

/// A condition. Chains of `and` and `or` are flat, so that depth means parentheses.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Expr {
    Constant(bool),
    Or(Vec<Expr>),
    And(Vec<Expr>),
    Not(Box<Expr>),
    Compare {
        left: Operand,
        op: Comparison,
        right: Operand,
    },
    /// Text against a pattern with Dataverse's wildcards.
    Match {
        kind: MatchKind,
        column: ColumnRef,
        value: String,
    },
    /// The column holds one of the values.
    OneOf {
        column: ColumnRef,
        values: Vec<Value>,
    },
    /// A column of several choices holds one of the values.
    Holds {
        column: ColumnRef,
        values: Vec<i64>,
    },
    /// `any` and `all` over a collection; without an inner condition whether there is a row at all.
    Related {
        all: bool,
        /// Where the collection is followed from: the row `alias`, then lookups.
        from: RowRef,
        collection: Collection,
        /// The name of the related row within `inner`.
        alias: String,
        inner: Option<Box<Expr>>,
    },
    /// The column holds the key of a row above or below the row `root` in a hierarchy of `table`, whose
    /// lookup `parent` leads upwards.
    Hierarchy {
        column: ColumnRef,
        table: String,
        key: String,
        parent: String,
        root: String,
        below: bool,
        with_root: bool,
    },
    /// The column holds a key that the subquery, made of fixed text and names of the schema, finds for
    /// the one bound value.
    Subquery {
        column: ColumnRef,
        sql: String,
        value: Value,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparison {
    Eq,
    Ne,
    Gt,
    Ge,
    Lt,
    Le,
}

/// The three string functions that Dataverse documents, and FetchXML's `like`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MatchKind {
    Contains,
    StartsWith,
    EndsWith,
    Like,
}

/// A lookup that is followed: its column, and the tables (with their keys) where its row may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hop {
    pub(crate) lookup: String,
    pub(crate) targets: Vec<(String, String)>,
}

/// A row of the query: one that stands in its FROM, or one that lookups lead to from there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RowRef {
    pub(crate) alias: String,
    pub(crate) hops: Vec<Hop>,
    /// The key of the row's table.
    pub(crate) key: String,
}

/// A column of a row of the query, by its name in the database.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ColumnRef {
    /// The row's name in the SQL, [`MAIN`] for the queried table's.
    pub(crate) alias: String,
    /// Lookups to follow from that row first.
    pub(crate) hops: Vec<Hop>,
    pub(crate) name: String,
    pub(crate) kind: Kind,
}

/// The queried table's rows in the SQL.
pub(crate) const MAIN: &str = "t";

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Operand {
    Column(ColumnRef),
    Value(Value),
}

/// A value in the form in which the database holds it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Null,
    Integer(i64),
    Real(f64),
    Text(String),
}
