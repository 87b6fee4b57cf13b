//! Tests against the database, below HTTP: whatever text is stored is found by its literal, and
//! by nothing else.

use proptest::prelude::*;

use super::access::Author;
use super::payload::Changes;
use super::query::ast::Value;
use super::query::context::Context;
use super::query::options::Options;
use super::*;

const USER: &str = "00000000-0000-0000-0000-000000000001";

async fn open(file: Option<&Path>) -> Dataverse {
    let schema = Schema::load(None).unwrap();
    Dataverse::open(schema, file, seed::Seed::default(), &[]).await.unwrap()
}

fn author() -> Author {
    Author::system(USER.into(), USER.into())
}

async fn add(dataverse: &Dataverse, name: &str) {
    let table = dataverse.schema.by_set("accounts").unwrap();
    let values = [("name".to_owned(), Value::Text(name.to_owned()))].into();
    let changes = Changes { values, ..Changes::default() };
    let mut connection = dataverse.pool.acquire().await.unwrap();
    write::create(dataverse, &mut connection, table, changes, &author()).await.unwrap();
}

async fn found(dataverse: &Dataverse, filter: &str) -> Vec<String> {
    let table = dataverse.schema.by_set("accounts").unwrap();
    let pairs = [("$filter", filter), ("$select", "name")];
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    let context =
        Context { now: jiff::Timestamp::now(), user: USER.into(), business_unit: USER.into() };
    let options = Options::parse(&query, &dataverse.schema, table, &context).unwrap();
    let mut connection = dataverse.pool.acquire().await.unwrap();
    let mut reader = read::Reader {
        schema: &dataverse.schema,
        connection: &mut connection,
        base: "",
        page_size: None,
        author: &author(),
    };
    let page = reader.list(table, &options, &[]).await.unwrap();
    page.rows.iter().map(|row| row["name"].as_str().unwrap_or_default().to_owned()).collect()
}

/// Without case, by a way of its own.
fn lower(text: &str) -> Vec<char> {
    text.chars().flat_map(char::to_lowercase).collect()
}

/// A value as an OData string literal.
fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A value with the wildcards of LIKE escaped, as a client must.
fn escaped(text: &str) -> String {
    text.replace('[', "[[]").replace('%', "[%]").replace('_', "[_]")
}

fn within(text: &[char], part: &[char]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

/// Text that is likely to break a query: quotes, signs, wildcards, other scripts.
fn texts() -> impl Strategy<Value = Vec<String>> {
    let text = prop_oneof!["[a-bA-B'%_*?()&+ \\[\\]^-]{1,6}", "[^\\x00]{1,12}"];
    proptest::collection::vec(text, 1..6)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_literal_matches_exactly_the_rows_with_that_value(names in texts()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let dataverse = open(None).await;
            for name in &names {
                add(&dataverse, name).await;
            }
            for name in &names {
                let same = |other: &&String| lower(other) == lower(name);
                let mut expected: Vec<String> = names.iter().filter(same).cloned().collect();
                let mut equal = found(&dataverse, &format!("name eq {}", literal(name))).await;
                expected.sort();
                equal.sort();
                prop_assert_eq!(&equal, &expected);

                let holds = |other: &&String| within(&lower(other), &lower(name));
                let mut expected: Vec<String> = names.iter().filter(holds).cloned().collect();
                let filter = format!("contains(name,{})", literal(&escaped(name)));
                let mut containing = found(&dataverse, &filter).await;
                expected.sort();
                containing.sort();
                prop_assert_eq!(&containing, &expected);
            }
            Ok(())
        })?;
    }

    #[test]
    fn no_text_breaks_a_parser(text in "\\PC{0,60}") {
        let schema = Schema::load(None).unwrap();
        let table = schema.by_set("contacts").unwrap();
        let context =
            Context { now: jiff::Timestamp::now(), user: USER.into(), business_unit: USER.into() };
        for option in ["$filter", "$expand", "$apply", "$orderby", "$select", "$skiptoken"] {
            let query = url::form_urlencoded::Serializer::new(String::new())
                .append_pair(option, &text)
                .finish();
            let _ = Options::parse(&query, &schema, table, &context);
        }
    }
}

#[tokio::test]
async fn an_equality_on_a_phone_column_uses_its_index() {
    let dataverse = open(None).await;
    let sql = "EXPLAIN QUERY PLAN SELECT 1 FROM contact AS t WHERE \
               ((t.\"mobilephone\" COLLATE DATAVERSE = ?) OR (t.\"telephone1\" COLLATE DATAVERSE IN (?, ?)))";
    let plan: Vec<(i64, i64, i64, String)> =
        sqlx::query_as(sql).bind("a").bind("b").bind("c").fetch_all(&dataverse.pool).await.unwrap();
    let plan: Vec<String> = plan.into_iter().map(|row| row.3).collect();
    assert!(plan.iter().all(|step| !step.starts_with("SCAN")), "{plan:?}");
}

#[tokio::test]
async fn a_database_of_an_earlier_version_gets_the_columns_it_lacks() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("emulator.db");
    let dataverse = open(Some(&file)).await;
    for sql in ["DROP INDEX \"contact.home2\"", "ALTER TABLE contact DROP COLUMN home2"] {
        sqlx::query(sql).execute(&dataverse.pool).await.unwrap();
    }
    dataverse.pool.close().await;
    let dataverse = open(Some(&file)).await;
    let sql = "SELECT COUNT(*) FROM contact WHERE home2 IS NULL";
    assert_eq!(sqlx::query_scalar::<_, i64>(sql).fetch_one(&dataverse.pool).await.unwrap(), 0);
}

#[tokio::test]
async fn greek_is_found_in_the_middle_of_a_word_too() {
    let dataverse = open(None).await;
    add(&dataverse, "ΟΔΟΣ ΟΔΟΣΗΜΑ").await;
    assert_eq!(found(&dataverse, "contains(name,'οδοσημα')").await.len(), 1);
    assert_eq!(found(&dataverse, "startswith(name,'ΟΔΟΣ')").await.len(), 1);
    assert_eq!(found(&dataverse, "name eq 'οδοσ οδοσημα'").await.len(), 1);
}
