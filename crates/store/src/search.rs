//! Finding documents by the labels that they were written with, in the order of their keys.
//!
//! What is asked for is read off an index: however many documents there are, those that do not match are not read.

use serde::de::DeserializeOwned;
use sqlx::{QueryBuilder, Sqlite};

use crate::store::{Document, Row, decode};
use crate::{Store, StoreError};

/// Which documents of a collection are wanted. The default is all of them, and none: its limit is 0.
#[derive(Debug, Clone, Default)]
pub struct Search {
    /// Names and values that a document must all have. The rarest first: it is the one that is walked.
    pub labels: Vec<(&'static str, String)>,
    /// Lowest key wanted.
    pub from: Option<String>,
    /// Wanted are keys below this one.
    pub before: Option<String>,
    /// How many at most.
    pub limit: u32,
}

impl Store {
    /// The documents of a collection that match, those with the highest keys first.
    ///
    /// # Errors
    /// [`StoreError::Decode`] when one is not a `T`; [`StoreError::Database`].
    pub async fn search<T: DeserializeOwned>(
        &self,
        collection: &str,
        search: &Search,
    ) -> Result<Vec<Document<T>>, StoreError> {
        let mut query = statement(collection, search);
        let rows: Vec<Row> = query
            .build_query_as()
            .fetch_all(&self.shared.database.readers)
            .await
            .map_err(StoreError::database(format_args!("search {collection}")))?;
        rows.into_iter().map(|row| decode(collection, row)).collect()
    }
}

/// Everything that comes from outside is bound, never written into the statement.
fn statement(collection: &str, search: &Search) -> QueryBuilder<Sqlite> {
    let Search { labels, from, before, limit } = search;
    let mut query = QueryBuilder::new("SELECT d.key, d.revision, d.updated_at, d.body FROM ");
    // The key of the table in which the walk is: a CROSS JOIN is walked in the order in which it is written.
    let key = match labels.split_first() {
        None => {
            query.push("document d WHERE d.collection = ").push_bind(collection.to_owned());
            "d.key"
        }
        Some(((name, value), others)) => {
            query.push(
                "label l CROSS JOIN document d ON d.collection = l.collection AND d.key = l.key \
                 WHERE l.collection = ",
            );
            query.push_bind(collection.to_owned());
            query.push(" AND l.name = ").push_bind(*name);
            query.push(" AND l.value = ").push_bind(value.clone());
            others.iter().for_each(|label| also(&mut query, label));
            "l.key"
        }
    };
    for (compare, bound) in [(" >= ", from), (" < ", before)] {
        if let Some(bound) = bound {
            query.push(" AND ").push(key).push(compare).push_bind(bound.clone());
        }
    }
    query.push(" ORDER BY ").push(key).push(" DESC LIMIT ").push_bind(*limit);
    query
}

fn also(query: &mut QueryBuilder<Sqlite>, (name, value): &(&'static str, String)) {
    query.push(
        " AND EXISTS (SELECT 1 FROM label o WHERE o.collection = l.collection AND o.key = l.key AND o.name = ",
    );
    query.push_bind(*name).push(" AND o.value = ").push_bind(value.clone()).push(")");
}
