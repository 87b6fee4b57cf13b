//! A query that is put together out of names and values, and then fetched.

use std::fmt::Write as _;
use std::time::Duration;

use super::{Error, ErrorKind, Read};
use crate::kind::is_name;
use crate::odata::{Column, Condition, column};
use crate::{EntitySet, InvalidValue, Record, RecordSet, host};

/// What to read of a table. Nothing is asked before [`fetch`](Self::fetch), [`first`](Self::first) or
/// [`count`](Self::count); needs [`Operation::Query`](crate::Operation::Query).
///
/// Values are written as literals and names are checked, so that whatever a caller says is only ever looked for. A name that
/// is none makes the query fail as [`ErrorKind::InvalidRequest`] before Dynamics 365 is asked.
///
/// ```
/// use patchcord_block::prelude::*;
/// use patchcord_block::testing::{self, Call, FakeHost};
/// use serde_json::json;
///
/// /// Finds the contact with a number.
/// #[block(
///     id = "example.contact",
///     title = "Contact",
///     operations(query),
///     tables("contacts"),
///     exit(unknown, "Unknown", "No contact has the number.")
/// )]
/// struct Contact {
///     /// The number, as Dynamics 365 has it.
///     number: String,
///     /// The variable that receives the name.
///     #[variable("The name of the contact.")]
///     name: VariableName,
/// }
///
/// impl Contact {
///     fn run(self) -> Result<Outcome> {
///         let found = dynamics::Query::table("contacts")
///             .filter(column("telephone1").eq(&self.number))
///             .filter(column("statecode").eq(0))
///             .select(["fullname"])
///             .order_by(column("createdon").descending())
///             .first()?;
///         match found {
///             Some(contact) => Ok(Outcome::next().set_variable(&self.name, contact.column("fullname"))),
///             None => Ok(Outcome::exit("unknown")),
///         }
///     }
/// }
///
/// let fake = FakeHost::new().finds([json!({"fullname": "Ann"})]);
/// let outcome = testing::run::<Contact>(&fake, json!({"number": "5' or '1' eq '1", "name": "n"}))?;
/// assert_eq!(outcome.variable("n"), Some(&json!("Ann")));
/// assert!(matches!(
///     &fake.calls()[0],
///     Call::QueryWith { options, .. }
///         if options.contains("$filter=telephone1 eq '5'' or ''1'' eq ''1' and statecode eq 0&")
/// ));
/// # Ok::<(), Failure>(())
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct Query {
    table: String,
    select: Vec<String>,
    filter: Option<Condition>,
    order: Vec<Order>,
    top: Option<u32>,
    expand: Vec<Expansion>,
    read: Read,
}

/// By which column records are ordered, and which way. A name alone, or a [`Column`], is the lowest first.
#[derive(Debug, Clone)]
#[must_use]
pub struct Order {
    column: Column,
    descending: bool,
}

/// Related records that come with each record. A name alone brings all of their columns.
#[derive(Debug, Clone)]
#[must_use]
pub struct Expansion {
    navigation: String,
    select: Vec<String>,
}

impl Query {
    /// All of a table, by its entity set name: text such as `contacts`, or an [`EntitySet`](crate::EntitySet).
    pub fn table(entity_set: impl AsRef<str>) -> Self {
        Self {
            table: entity_set.as_ref().into(),
            select: Vec::new(),
            filter: None,
            order: Vec::new(),
            top: None,
            expand: Vec::new(),
            read: Read::new(),
        }
    }

    /// Only the records for which this holds, too.
    pub fn filter(self, condition: Condition) -> Self {
        let filter = match self.filter {
            Some(already) => already.and(condition),
            None => condition,
        };
        Self { filter: Some(filter), ..self }
    }

    /// Reads these columns, too; all of them where none is named.
    pub fn select<C: Into<String>>(mut self, columns: impl IntoIterator<Item = C>) -> Self {
        self.select.extend(columns.into_iter().map(Into::into));
        self
    }

    /// Orders the records, where those before it leave two alike.
    pub fn order_by(mut self, order: impl Into<Order>) -> Self {
        self.order.push(order.into());
        self
    }

    /// At most so many records.
    pub fn top(self, count: impl Into<Option<u32>>) -> Self {
        Self { top: count.into(), ..self }
    }

    /// Reads related records, too: `"primarycontactid"`, or an [`Expansion`] that says which columns of them.
    pub fn expand(mut self, expansion: impl Into<Expansion>) -> Self {
        self.expand.push(expansion.into());
        self
    }

    /// Follows the pages of Dynamics 365 until so many records are there.
    pub fn max_records(self, count: impl Into<Option<u32>>) -> Self {
        self.reading(|read| read.max_records(count))
    }

    /// Records that one page may hold.
    pub fn page_size(self, count: impl Into<Option<u32>>) -> Self {
        self.reading(|read| read.page_size(count))
    }

    /// Formatted values and the names of looked-up records too: `statuscode@OData.Community.Display.V1.FormattedValue`.
    pub fn annotations(self) -> Self {
        self.reading(Read::annotations)
    }

    /// Shares one request with identical reads that are under way at the same moment.
    pub fn share(self) -> Self {
        self.reading(Read::share)
    }

    /// An answer of the host's cache will do that is at most so old.
    pub fn max_age(self, age: impl Into<Option<Duration>>) -> Self {
        self.reading(|read| read.max_age(age))
    }

    /// Where Dynamics 365 is down, throttling or late, an answer will do that is at most so old.
    pub fn stale_for(self, age: impl Into<Option<Duration>>) -> Self {
        self.reading(|read| read.stale_for(age))
    }

    fn reading(self, change: impl FnOnce(Read) -> Read) -> Self {
        Self { read: change(self.read), ..self }
    }

    /// Reads the records.
    ///
    /// # Errors
    /// [`Error`] with its cause; [`ErrorKind::InvalidRequest`] where a name in the query is none.
    pub fn fetch(&self) -> Result<RecordSet, Error> {
        let (table, options) = (self.table_name()?, self.options()?);
        host::query_with(table, &options, &self.read).map(RecordSet::new)
    }

    /// Reads the first record; none where nothing matches.
    ///
    /// # Errors
    /// As [`fetch`](Self::fetch).
    pub fn first(&self) -> Result<Option<Record>, Error> {
        Ok(Record::first_of(self.clone().top(1).fetch()?))
    }

    /// Number of records that the filter lets through; nothing else of the query counts. Dynamics 365 never counts past
    /// 5,000.
    ///
    /// # Errors
    /// As [`fetch`](Self::fetch).
    pub fn count(&self) -> Result<u64, Error> {
        let filter = self.filter.as_ref().map_or(Ok(""), Condition::to_odata);
        host::count(self.table_name()?, filter.map_err(unsayable)?)
    }

    /// The query as the options of a Web API URL, plain and never percent-encoded.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`] where a name in the query is none.
    pub fn options(&self) -> Result<String, Error> {
        let mut options = Options(String::new());
        if !self.select.is_empty() {
            options.add("select", &columns(&self.select)?);
        }
        if let Some(filter) = &self.filter {
            options.add("filter", filter.to_odata().map_err(unsayable)?);
        }
        if !self.order.is_empty() {
            let order: Result<Vec<_>, _> = self.order.iter().map(Order::to_odata).collect();
            options.add("orderby", &order?.join(","));
        }
        if let Some(count) = self.top {
            options.add("top", &count.to_string());
        }
        if !self.expand.is_empty() {
            let expand: Result<Vec<_>, _> = self.expand.iter().map(Expansion::to_odata).collect();
            options.add("expand", &expand?.join(","));
        }
        Ok(options.0)
    }

    fn table_name(&self) -> Result<&str, Error> {
        EntitySet::new(self.table.as_str()).map_err(unsayable)?;
        Ok(&self.table)
    }
}

impl Column {
    /// Orders by this column, the lowest first.
    pub fn ascending(self) -> Order {
        Order { column: self, descending: false }
    }

    /// Orders by this column, the highest first.
    pub fn descending(self) -> Order {
        Order { column: self, descending: true }
    }
}

impl From<Column> for Order {
    fn from(column: Column) -> Self {
        column.ascending()
    }
}

impl From<&str> for Order {
    fn from(name: &str) -> Self {
        column(name).ascending()
    }
}

impl Order {
    fn to_odata(&self) -> Result<String, Error> {
        let name = self.column.clone().name().map_err(unsayable)?;
        Ok(if self.descending { format!("{name} desc") } else { name })
    }
}

impl Expansion {
    /// The records behind this navigation property, such as `primarycontactid`.
    pub fn of(navigation: impl Into<String>) -> Self {
        Self { navigation: navigation.into(), select: Vec::new() }
    }

    /// Reads these columns of them, too; all of them where none is named.
    pub fn select<C: Into<String>>(mut self, columns: impl IntoIterator<Item = C>) -> Self {
        self.select.extend(columns.into_iter().map(Into::into));
        self
    }

    fn to_odata(&self) -> Result<String, Error> {
        let name = &self.navigation;
        if !is_name(name) {
            return Err(no_name("navigation property", name, "primarycontactid"));
        }
        Ok(match self.select.is_empty() {
            true => name.clone(),
            false => format!("{name}($select={})", columns(&self.select)?),
        })
    }
}

impl From<&str> for Expansion {
    fn from(navigation: &str) -> Self {
        Self::of(navigation)
    }
}

struct Options(String);

impl Options {
    fn add(&mut self, name: &str, value: &str) {
        let separator = if self.0.is_empty() { "" } else { "&" };
        // Writing to a string cannot fail.
        let _ = write!(self.0, "{separator}${name}={value}");
    }
}

fn columns(names: &[String]) -> Result<String, Error> {
    match names.iter().find(|name| !is_name(name)) {
        None => Ok(names.join(",")),
        Some(wrong) => Err(no_name("column", wrong, "fullname")),
    }
}

fn no_name(what: &str, text: &str, example: &str) -> Error {
    unsayable(InvalidValue(format!(
        "{text:?} is no {what}: letters, digits and underscores, such as `{example}`"
    )))
}

fn unsayable(problem: InvalidValue) -> Error {
    Error::new(ErrorKind::InvalidRequest, problem.to_string())
}
