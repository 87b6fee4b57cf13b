//! The deterministic seed: contacts with accounts, cases and leads, the same for the same number.
//!
//! Nothing is random: every value follows from the row's number, so that a test can say who calls
//! without reading the database.

use std::collections::BTreeMap;

use sqlx::SqliteConnection;

use super::query::ast::Value;
use super::seed_data::{CASE_TITLES, CITIES, COMPANIES, FIRST_NAMES, JOB_TITLES, LAST_NAMES};
use super::{Dataverse, id_of, write};
use crate::config::Caller;
use crate::entra::registry::User;

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

/// Fills an empty database in one transaction; one that has users already is left alone.
pub(crate) async fn fill(
    dataverse: &Dataverse,
    contacts: u32,
    users: &[&User],
) -> Result<(), sqlx::Error> {
    let mut transaction = dataverse.pool.begin_with("BEGIN IMMEDIATE").await?;
    let known: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM systemuser").fetch_one(&mut *transaction).await?;
    let Some(owner) = users.first().filter(|_| known == 0) else {
        return Ok(());
    };
    let owner = id_of("systemuser", &owner.id);
    for user in users {
        add_user(dataverse, &mut transaction, user, &owner).await?;
    }
    let mut seeder = Seeder { dataverse, connection: &mut transaction, owner: &owner };
    for n in 0..contacts.div_ceil(5) {
        seeder.account(n).await?;
    }
    for n in 0..contacts {
        seeder.contact(n).await?;
    }
    for n in 0..contacts / 4 {
        seeder.case(n).await?;
    }
    for n in 0..contacts / 20 {
        seeder.lead(n).await?;
    }
    transaction.commit().await
}

async fn add_user(
    dataverse: &Dataverse,
    connection: &mut SqliteConnection,
    user: &User,
    owner: &str,
) -> Result<(), sqlx::Error> {
    let mut row = Seeder { dataverse, connection, owner };
    let values = [
        ("firstname", text(&user.given_name)),
        ("lastname", text(&user.family_name)),
        ("domainname", text(&user.name)),
        ("internalemailaddress", text(&user.name)),
        ("azureactivedirectoryobjectid", text(&user.id)),
        ("isdisabled", Value::Integer(0)),
    ];
    row.insert("systemuser", &id_of("systemuser", &user.id), values).await
}

struct Seeder<'a> {
    dataverse: &'a Dataverse,
    connection: &'a mut SqliteConnection,
    owner: &'a str,
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
    async fn account(&mut self, n: u32) -> Result<(), sqlx::Error> {
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

    async fn contact(&mut self, n: u32) -> Result<(), sqlx::Error> {
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

    async fn case(&mut self, n: u32) -> Result<(), sqlx::Error> {
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

    async fn lead(&mut self, n: u32) -> Result<(), sqlx::Error> {
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

    async fn insert<const N: usize>(
        &mut self,
        table: &str,
        id: &str,
        values: [(&str, Value); N],
    ) -> Result<(), sqlx::Error> {
        let Some(table) = self.dataverse.tables.by_logical(table) else {
            return Ok(());
        };
        let named = values.into_iter().map(|(name, value)| (name.to_owned(), value));
        let mut values: BTreeMap<String, Value> = named.collect();
        if let Some(state) = table.states.get(&0) {
            values.insert("statecode".into(), Value::Integer(0));
            values.insert("statuscode".into(), Value::Integer(state.status));
        }
        write::platform_values_of_new(table, id, self.owner, &mut values);
        write::finish(self.dataverse, table, self.owner, &mut values);
        write::insert(self.connection, table, &values).await
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
