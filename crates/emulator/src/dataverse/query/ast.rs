//! What a `$filter` says, after every name and type in it was checked.

/// A condition. Chains of `and` and `or` are flat, so that depth means parentheses.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Expr {
    Or(Vec<Expr>),
    And(Vec<Expr>),
    Not(Box<Expr>),
    Compare { left: Operand, op: Comparison, right: Operand },
    Match { kind: MatchKind, column: ColumnRef, value: String },
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

/// The three string functions that Dataverse documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MatchKind {
    Contains,
    StartsWith,
    EndsWith,
}

/// A column of the queried table, by its name in the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ColumnRef {
    pub(crate) name: String,
    pub(crate) text: bool,
}

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
