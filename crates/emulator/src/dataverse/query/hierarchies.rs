//! Rows that stand above and below others, and the users and teams around the caller.

use super::super::schema::{Collection, Column, Schema, Table};
use super::ast::{ColumnRef, Comparison, Expr, Operand, Value};

/// The lookup by which rows of a table stand one below the other. CSDL does not say which
/// self-referential lookup is the hierarchical one; its name does.
pub(crate) fn parent_of(table: &Table) -> Option<&Column> {
    let usual = format!("parent{}id", table.logical);
    let own = |column: &&Column| column.targets() == [table.logical.as_str()];
    let named = table.attribute(&usual).filter(own);
    named.or_else(|| {
        table.columns.iter().filter(own).find(|column| column.logical.contains("parent"))
    })
}

/// The column holds the key of a row of the first of `targets` that has a hierarchy, from `root` on.
pub(crate) fn line(
    column: &ColumnRef,
    targets: &[&Table],
    root: String,
    (below, with_root): (bool, bool),
) -> Option<Expr> {
    let (table, parent) = targets.iter().find_map(|target| Some((*target, parent_of(target)?)))?;
    Some(Expr::Hierarchy {
        column: column.clone(),
        table: table.logical.clone(),
        key: table.key.clone(),
        parent: parent.name.clone(),
        root,
        below,
        with_root,
    })
}

/// The column holds the user's id or that of somebody who reports to the user, directly or not.
pub(crate) fn reports(schema: &Schema, column: &ColumnRef, user: &str) -> Expr {
    let users: Vec<&Table> = schema.by_logical("systemuser").into_iter().collect();
    line(column, &users, user.to_owned(), (true, true)).unwrap_or_else(|| Expr::Compare {
        left: Operand::Column(column.clone()),
        op: Comparison::Eq,
        right: Operand::Value(Value::Text(user.to_owned())),
    })
}

/// The column holds the id of a team that the user is in.
pub(crate) fn teams(schema: &Schema, column: &ColumnRef, user: &str) -> Expr {
    let sql = membership(schema).map(|(relation, member, team)| {
        format!("SELECT \"{team}\" FROM \"{relation}\" WHERE \"{member}\" = ?")
    });
    subquery(column, sql, user)
}

/// The column holds the id of a team that the user is in, or somebody who reports to the user.
pub(crate) fn teams_of_reports(schema: &Schema, column: &ColumnRef, user: &str) -> Expr {
    let users = schema.by_logical("systemuser");
    let parent = users.and_then(|users| Some((users, parent_of(users)?)));
    let Some((Table { logical, key, .. }, parent)) = parent else {
        return teams(schema, column, user);
    };
    let sql = membership(schema).map(|(relation, member, team)| {
        format!(
            "WITH RECURSIVE line(id) AS (SELECT ? UNION SELECT r.\"{key}\" FROM \"{logical}\" AS r \
             JOIN line ON r.\"{}\" = line.id) SELECT m.\"{team}\" FROM \"{relation}\" AS m \
             JOIN line ON m.\"{member}\" = line.id",
            parent.name
        )
    });
    subquery(column, sql, user)
}

fn subquery(column: &ColumnRef, sql: Option<String>, user: &str) -> Expr {
    let value = Value::Text(user.to_owned());
    match sql {
        Some(sql) => Expr::Subquery { column: column.clone(), sql, value },
        None => Expr::Constant(false),
    }
}

/// The intersect table of users and teams, and its columns for either.
fn membership(schema: &Schema) -> Option<(&str, &str, &str)> {
    let mut collections = schema.by_logical("systemuser")?.collections.values();
    collections.find_map(|collection| match collection {
        Collection::ManyToMany { relation, here, there, .. } if relation == "teammembership" => {
            Some((relation.as_str(), here.as_str(), there.as_str()))
        }
        _ => None,
    })
}
