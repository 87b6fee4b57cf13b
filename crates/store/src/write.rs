//! Carries out a batch within one transaction. Everything that changes the database is here.

use jiff::Timestamp;
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};
use sqlx::sqlite::SqliteQueryResult;
use sqlx::{SqliteConnection, SqlitePool};

use crate::StoreError;
use crate::batch::{Address, Batch, Expect, Operation, Put};
use crate::seal::{Place, Sealer};
use crate::sealed::seal;

/// What every document of a batch is stamped with.
#[derive(Clone, Copy)]
struct Stamp {
    revision: i64,
    updated_at: i64,
}

/// Runs the batch; an error on the way rolls all of it back.
pub(crate) async fn run(
    writer: &SqlitePool,
    sealer: &Sealer,
    batch: Batch,
) -> Result<(), StoreError> {
    // A deferred transaction would read first and could then be refused the lock.
    let mut transaction = writer
        .begin_with("BEGIN IMMEDIATE")
        .await
        .map_err(StoreError::database("begin a write"))?;
    let stamp = next_stamp(&mut transaction).await?;
    for operation in batch.operations {
        apply(&mut transaction, sealer, stamp, operation).await?;
    }
    transaction.commit().await.map_err(StoreError::database("commit a write"))
}

async fn next_stamp(connection: &mut SqliteConnection) -> Result<Stamp, StoreError> {
    let next = "UPDATE revision SET last = last + 1 WHERE one = 1 RETURNING last";
    let revision = sqlx::query_scalar(next)
        .fetch_one(connection)
        .await
        .map_err(StoreError::database("number a write"))?;
    Ok(Stamp { revision, updated_at: Timestamp::now().as_microsecond() })
}

async fn apply(
    connection: &mut SqliteConnection,
    sealer: &Sealer,
    stamp: Stamp,
    operation: Operation,
) -> Result<(), StoreError> {
    match operation {
        Operation::Put(document) => put(connection, sealer, stamp, document).await,
        Operation::Delete { at } => delete(connection, at).await,
        Operation::PutSecret { owner, name, value } => {
            put_secret(connection, sealer, &owner, &name, value.expose_secret()).await
        }
        Operation::DeleteSecret { owner, name } => delete_secret(connection, owner, name).await,
        Operation::PutBlob { at, bytes } => put_blob(connection, at, bytes).await,
        Operation::DeleteBlob { at } => delete_blob(connection, at).await,
        Operation::Prune { collection, older_than } => {
            prune(connection, collection, older_than).await
        }
    }
}

async fn put(
    connection: &mut SqliteConnection,
    sealer: &Sealer,
    stamp: Stamp,
    document: Put,
) -> Result<(), StoreError> {
    let Put { at, expect, body, sealed, labels } = document;
    let body = if sealed { seal(sealer, &at, &body)? } else { body };
    let done = match expect {
        None => upsert(connection, stamp, &at, body).await,
        Some(Expect::Absent) => insert(connection, stamp, &at, body).await,
        Some(Expect::Revision(revision)) => update(connection, stamp, &at, revision, body).await,
    }
    .map_err(StoreError::database(format_args!("write {at}")))?;
    if done.rows_affected() == 0 {
        return Err(StoreError::Conflict { collection: at.collection, key: at.key });
    }
    label(connection, &at, labels).await.map_err(StoreError::database(format_args!("label {at}")))
}

/// Puts labels in place of those that the document had.
async fn label(
    connection: &mut SqliteConnection,
    at: &Address,
    labels: Vec<(&'static str, String)>,
) -> sqlx::Result<()> {
    sqlx::query("DELETE FROM label WHERE collection = ? AND key = ?")
        .bind(&at.collection)
        .bind(&at.key)
        .execute(&mut *connection)
        .await?;
    for (name, value) in labels {
        sqlx::query("INSERT INTO label (collection, name, value, key) VALUES (?, ?, ?, ?)")
            .bind(&at.collection)
            .bind(name)
            .bind(value)
            .bind(&at.key)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

async fn upsert(
    connection: &mut SqliteConnection,
    stamp: Stamp,
    at: &Address,
    body: String,
) -> sqlx::Result<SqliteQueryResult> {
    sqlx::query(
        "INSERT INTO document (collection, key, revision, updated_at, body) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (collection, key) DO UPDATE
         SET revision = excluded.revision, updated_at = excluded.updated_at, body = excluded.body",
    )
    .bind(&at.collection)
    .bind(&at.key)
    .bind(stamp.revision)
    .bind(stamp.updated_at)
    .bind(body)
    .execute(connection)
    .await
}

async fn insert(
    connection: &mut SqliteConnection,
    stamp: Stamp,
    at: &Address,
    body: String,
) -> sqlx::Result<SqliteQueryResult> {
    sqlx::query(
        "INSERT INTO document (collection, key, revision, updated_at, body) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (collection, key) DO NOTHING",
    )
    .bind(&at.collection)
    .bind(&at.key)
    .bind(stamp.revision)
    .bind(stamp.updated_at)
    .bind(body)
    .execute(connection)
    .await
}

async fn update(
    connection: &mut SqliteConnection,
    stamp: Stamp,
    at: &Address,
    expected: i64,
    body: String,
) -> sqlx::Result<SqliteQueryResult> {
    sqlx::query(
        "UPDATE document SET revision = ?, updated_at = ?, body = ?
         WHERE collection = ? AND key = ? AND revision = ?",
    )
    .bind(stamp.revision)
    .bind(stamp.updated_at)
    .bind(body)
    .bind(&at.collection)
    .bind(&at.key)
    .bind(expected)
    .execute(connection)
    .await
}

async fn delete(connection: &mut SqliteConnection, at: Address) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM document WHERE collection = ? AND key = ?")
        .bind(&at.collection)
        .bind(&at.key)
        .execute(connection)
        .await
        .map(drop)
        .map_err(StoreError::database(format_args!("delete {at}")))
}

async fn put_secret(
    connection: &mut SqliteConnection,
    sealer: &Sealer,
    owner: &str,
    name: &str,
    value: &str,
) -> Result<(), StoreError> {
    let sealed = sealer.seal(Place { owner, name }, value).map_err(|_| {
        StoreError::SecretTooLong { owner: owner.to_owned(), name: name.to_owned() }
    })?;
    sqlx::query(
        "INSERT INTO secret (owner, name, sealed) VALUES (?, ?, ?)
         ON CONFLICT (owner, name) DO UPDATE SET sealed = excluded.sealed",
    )
    .bind(owner)
    .bind(name)
    .bind(sealed)
    .execute(connection)
    .await
    .map(drop)
    .map_err(StoreError::database(format_args!("write the secret {name} of {owner}")))
}

async fn delete_secret(
    connection: &mut SqliteConnection,
    owner: String,
    name: String,
) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM secret WHERE owner = ? AND name = ?")
        .bind(&owner)
        .bind(&name)
        .execute(connection)
        .await
        .map(drop)
        .map_err(StoreError::database(format_args!("delete the secret {name} of {owner}")))
}

async fn put_blob(
    connection: &mut SqliteConnection,
    at: Address,
    bytes: Vec<u8>,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO blob (collection, key, sha256, bytes) VALUES (?, ?, ?, ?)
         ON CONFLICT (collection, key) DO UPDATE
         SET sha256 = excluded.sha256, bytes = excluded.bytes",
    )
    .bind(&at.collection)
    .bind(&at.key)
    .bind(Sha256::digest(&bytes).to_vec())
    .bind(bytes)
    .execute(connection)
    .await
    .map(drop)
    .map_err(StoreError::database(format_args!("write the blob {at}")))
}

async fn delete_blob(connection: &mut SqliteConnection, at: Address) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM blob WHERE collection = ? AND key = ?")
        .bind(&at.collection)
        .bind(&at.key)
        .execute(connection)
        .await
        .map(drop)
        .map_err(StoreError::database(format_args!("delete the blob {at}")))
}

async fn prune(
    connection: &mut SqliteConnection,
    collection: String,
    older_than: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM document WHERE collection = ? AND updated_at < ?")
        .bind(&collection)
        .bind(older_than.as_microsecond())
        .execute(connection)
        .await
        .map(drop)
        .map_err(StoreError::database(format_args!("prune {collection}")))
}
