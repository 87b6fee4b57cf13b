//! The deterministic seed: contacts with accounts, cases and leads, the same for the same number.
//!
//! Nothing is random: every value follows from the row's number, so that a test can say who calls
//! without reading the database.

use std::collections::BTreeMap;

use sqlx::SqliteConnection;

use super::access::{Author, enrol};
use super::query::ast::Value;
use super::seed_data::{CASE_TITLES, CITIES, COMPANIES, FIRST_NAMES, JOB_TITLES, LAST_NAMES};
use super::{Dataverse, id_of, write};
use crate::config::{Caller, Progress};
use crate::entra::registry::Principal;

/// The `n`th contact.
pub(crate) fn caller(n: u32) -> Caller {
    let first_name = pick(&FIRST_NAMES, n);
    // A stride that shares no factor with the list pairs every first name with every last name.
    let last_name = pick(&LAST_NAMES, n.wrapping_mul(7).wrapping_add(n / 32));
    let number = Number::of(n);
    Caller {
        contact_id: id_of("contact", &n.to_string()),
        first_name: first_name.to_owned(),
        last_name: last_name.to_owned(),
        full_name: format!("{first_name} {last_name}"),
        phone: number.e164(),
        phone_column: if n % 8 < 4 { "mobilephone" } else { "telephone1" },
        phone_as_stored: number.written(n % 8),
    }
}

fn pick<'a>(list: &[&'a str], n: u32) -> &'a str {
    list.get(n as usize % list.len()).copied().unwrap_or_default()
}

/// A telephone number that no two seeded contacts share, in its parts.
struct Number {
    country: &'static str,
    /// What is dialled before the area within the country.
    trunk: &'static str,
    area: String,
    exchange: String,
    line: String,
}

impl Number {
    /// By turns from the ranges kept for fiction in the United States (555-01xx), Germany and the
    /// United Kingdom; when one is used up, from the first, and past its end from 555-1xxx on.
    fn of(n: u32) -> Self {
        let turn = n / 3;
        match n % 3 {
            1 if turn < 5000 => Self::germany(turn),
            2 if turn < 1000 => Self::united_kingdom(turn),
            _ => Self::north_america(n),
        }
    }

    fn germany(n: u32) -> Self {
        let (area, exchange) = match n % 5 {
            0 => ("30", "23125"),
            1 => ("40", "66969"),
            2 => ("69", "90009"),
            3 => ("221", "4710"),
            _ => ("89", "99998"),
        };
        let line = format!("{:03}", n / 5);
        Self { country: "49", trunk: "0", area: area.into(), exchange: exchange.into(), line }
    }

    fn united_kingdom(n: u32) -> Self {
        let line = format!("{n:03}");
        Self { country: "44", trunk: "0", area: "7700".into(), exchange: "900".into(), line }
    }

    fn north_america(n: u32) -> Self {
        const AREAS: u32 = 700;
        let area = (201 + n % AREAS).to_string();
        let line = match n / AREAS {
            line @ 0..100 => format!("{:04}", 100 + line),
            line => format!("{:04}", 900 + line),
        };
        Self { country: "1", trunk: "", area, exchange: "555".into(), line }
    }

    fn e164(&self) -> String {
        let Number { country, area, exchange, line, .. } = self;
        format!("+{country}{area}{exchange}{line}")
    }

    /// The notations in which people write numbers.
    fn written(&self, notation: u32) -> String {
        let Number { country, trunk, area, exchange, line } = self;
        match notation {
            1 => format!("+{country} {area} {exchange} {line}"),
            2 => format!("+{country} ({trunk}{area}) {exchange}-{line}"),
            3 => format!("00{country}{area}{exchange}{line}"),
            4 => format!("({trunk}{area}) {exchange}-{line}"),
            5 => format!("{trunk}{area}/{exchange}{line}"),
            6 => format!("{trunk}{area}.{exchange}.{line}"),
            7 => format!("{trunk}{area} {exchange} {line} ext. 12"),
            _ => self.e164(),
        }
    }
}

/// What a database is filled with.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Seed {
    pub(crate) contacts: u32,
    pub(crate) progress: Option<Progress>,
}

/// Rows between two reports of progress.
const REPORT_EVERY: u32 = 5_000;

/// Fills an empty database in one transaction; one that has users already is left alone.
pub(crate) async fn fill(
    dataverse: &Dataverse,
    seed: Seed,
    members: &[&Principal],
) -> Result<(), sqlx::Error> {
    let mut transaction = dataverse.pool.begin_with("BEGIN IMMEDIATE").await?;
    let known: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM systemuser").fetch_one(&mut *transaction).await?;
    let by =
        members.first().map_or_else(|| id_of("systemuser", ""), |first| enrol::user_id(&first.oid));
    enrol::add_roles(dataverse, &mut transaction, &by).await?;
    if known > 0 || members.is_empty() {
        return transaction.commit().await;
    }
    let author = Author::system(by, enrol::root_unit());
    let contacts = seed.contacts;
    let all = contacts.div_ceil(5) + contacts + contacts / 4 + contacts / 20;
    let mut seeder = Seeder { dataverse, connection: &mut transaction, author: &author, done: 0 };
    seeder.organization().await?;
    for member in members {
        enrol::enrol_within(dataverse, seeder.connection, member).await?;
    }
    seeder.done = 0;
    let report = |done: u32| {
        if let Some(progress) =
            seed.progress.filter(|_| done.is_multiple_of(REPORT_EVERY) || done == all)
        {
            progress(done, all);
        }
    };
    for n in 0..contacts.div_ceil(5) {
        report(seeder.account(n).await?);
    }
    for n in 0..contacts {
        report(seeder.contact(n).await?);
    }
    for n in 0..contacts / 4 {
        report(seeder.case(n).await?);
    }
    for n in 0..contacts / 20 {
        report(seeder.lead(n).await?);
    }
    transaction.commit().await
}

struct Seeder<'a> {
    dataverse: &'a Dataverse,
    connection: &'a mut SqliteConnection,
    author: &'a Author,
    done: u32,
}

fn text(value: &str) -> Value {
    Value::Text(value.to_owned())
}

fn company(n: u32) -> String {
    let name = pick(&COMPANIES, n);
    match n / COMPANIES.len() as u32 {
        0 => name.to_owned(),
        series => format!("{name} {}", series + 1),
    }
}

impl Seeder<'_> {
    /// The business unit, the currency and the organisation itself.
    async fn organization(&mut self) -> Result<(), sqlx::Error> {
        let unit = [("name", text("emulator")), ("isdisabled", Value::Integer(0))];
        self.insert("businessunit", &id_of("businessunit", "root"), unit).await?;
        let currency = [
            ("currencyname", text("US Dollar")),
            ("isocurrencycode", text("USD")),
            ("currencysymbol", text("$")),
            ("currencyprecision", Value::Integer(2)),
            ("exchangerate", Value::Real(1.0)),
        ];
        let id = id_of("transactioncurrency", "USD");
        self.insert("transactioncurrency", &id, currency).await?;
        let team = [
            ("name", text("emulator")),
            ("isdefault", Value::Integer(1)),
            ("teamtype", Value::Integer(0)),
            ("_businessunitid_value", text(&id_of("businessunit", "root"))),
            ("_businessunitid_value__table", text("businessunit")),
        ];
        self.insert("team", &id_of("team", "root"), team).await?;
        let queue = [("name", text("Support")), ("queueviewtype", Value::Integer(0))];
        self.insert("queue", &id_of("queue", "Support"), queue).await.map(|_| ())
    }

    async fn account(&mut self, n: u32) -> Result<u32, sqlx::Error> {
        let values = [
            ("name", text(&company(n))),
            ("accountnumber", Value::Text(format!("A-{n:06}"))),
            ("telephone1", Value::Text(Number::north_america(n).written(1 + n % 7) + " 0")),
            ("address1_city", text(pick(&CITIES, n))),
            ("numberofemployees", Value::Integer(i64::from(n % 500) + 1)),
            ("revenue", Value::Real(f64::from(n % 97) * 12_500.5)),
        ];
        self.insert("account", &id_of("account", &n.to_string()), values).await
    }

    async fn contact(&mut self, n: u32) -> Result<u32, sqlx::Error> {
        let caller = caller(n);
        let account = id_of("account", &(n / 5).to_string());
        let values = [
            ("firstname", text(&caller.first_name)),
            ("lastname", text(&caller.last_name)),
            (caller.phone_column, text(&caller.phone_as_stored)),
            ("emailaddress1", Value::Text(format!("contact{n}@customers.example"))),
            ("jobtitle", text(pick(&JOB_TITLES, n))),
            ("address1_city", text(pick(&CITIES, n / 5))),
            ("_parentcustomerid_value", Value::Text(account)),
            ("_parentcustomerid_value__table", text("account")),
        ];
        self.insert("contact", &caller.contact_id, values).await
    }

    async fn case(&mut self, n: u32) -> Result<u32, sqlx::Error> {
        let values = [
            ("title", text(pick(&CASE_TITLES, n))),
            ("ticketnumber", Value::Text(format!("CAS-{:05}-SEED", 1000 + n))),
            ("caseorigincode", Value::Integer(i64::from(n % 3) + 1)),
            ("prioritycode", Value::Integer(i64::from(n % 3) + 1)),
            ("_customerid_value", Value::Text(id_of("contact", &(n * 4).to_string()))),
            ("_customerid_value__table", text("contact")),
        ];
        self.insert("incident", &id_of("incident", &n.to_string()), values).await
    }

    async fn lead(&mut self, n: u32) -> Result<u32, sqlx::Error> {
        let caller = caller(n.wrapping_mul(13).wrapping_add(5));
        let values = [
            ("subject", Value::Text(format!("Interested in {}", pick(&COMPANIES, n)))),
            ("firstname", text(&caller.first_name)),
            ("lastname", text(&caller.last_name)),
            ("companyname", text(&company(n * 3))),
            ("telephone2", text(&caller.phone_as_stored)),
        ];
        self.insert("lead", &id_of("lead", &n.to_string()), values).await
    }

    /// Inserts a row, of a table that an organisation's own schema may lack, and says how many there are.
    async fn insert<const N: usize>(
        &mut self,
        table: &str,
        id: &str,
        values: [(&str, Value); N],
    ) -> Result<u32, sqlx::Error> {
        self.done += 1;
        let Some(table) = self.dataverse.schema.by_logical(table) else {
            return Ok(self.done);
        };
        let named = values.into_iter().map(|(name, value)| (name.to_owned(), value));
        let mut values: BTreeMap<String, Value> = named.collect();
        // A new row without a state takes the first, which fits every table.
        let _ = write::settle_status(table, id, 0, None, &mut values);
        write::platform_values_of_new(table, id, self.author, &mut values);
        write::finish(self.dataverse, table, self.author, &mut values);
        write::insert(self.connection, table, &values).await?;
        Ok(self.done)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_two_contacts_share_a_number() {
        let phones: HashSet<String> = (0..100_000).map(|n| caller(n).phone).collect();
        assert_eq!(phones.len(), 100_000);
        assert!(phones.iter().all(|phone| phone.len() <= 16), "longer than E.164 allows");
    }

    #[test]
    fn a_caller_is_the_same_every_time() {
        assert_eq!(caller(42), caller(42));
        assert_eq!(caller(0).phone, caller(0).phone_as_stored);
        assert_eq!(caller(8).phone_column, "mobilephone");
        assert_ne!(caller(1).phone, caller(1).phone_as_stored);
    }
}
