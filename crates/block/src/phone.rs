//! Callers by their number: a search that finds a number in whatever notation people have stored it. What a notation is,
//! the host knows; the block says where to look.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::dynamics::{Error, Read};
use crate::{EntitySet, RecordSet, Result, host};

/// A table in which to look for a phone number.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Search {
    pub(crate) entity_set: String,
    pub(crate) columns: Vec<String>,
    pub(crate) select: Vec<String>,
    pub(crate) active_only: bool,
}

impl Search {
    /// Looks in these columns of a table, and reads every column of what is found.
    pub fn new<'a>(entity_set: &EntitySet, columns: impl IntoIterator<Item = &'a str>) -> Self {
        let columns = columns.into_iter().map(str::to_owned).collect();
        Self {
            entity_set: entity_set.as_str().into(),
            columns,
            select: Vec::new(),
            active_only: false,
        }
    }

    /// Reads these columns only.
    pub fn select<'a>(self, columns: impl IntoIterator<Item = &'a str>) -> Self {
        Self { select: columns.into_iter().map(str::to_owned).collect(), ..self }
    }

    /// Leaves out records that are not active.
    pub fn active_only(self, active_only: bool) -> Self {
        Self { active_only, ..self }
    }
}

/// A table that knows phone numbers.
///
/// It is the type of a property, for a block that lets the designer say where to look:
///
/// ```
/// use patchcord_block::dynamics::Read;
/// use patchcord_block::phone::{Search, Table, Verdict};
/// use patchcord_block::prelude::*;
///
/// fn is_known(number: &str, look_in: Vec<Table>) -> Result<bool> {
///     let tables = if look_in.is_empty() { Table::usual()? } else { look_in };
///     let searches: Vec<Search> = tables.iter().map(Table::search).collect();
///     let found = phone::find(number, &searches, 2, &Read::new().share())?;
///     if let Some(table) = found.table(&tables) {
///         log::debug!("{} knows the number", table.table);
///     }
///     Ok(matches!(found.verdict, Verdict::One | Verdict::Several))
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
// What stands above is for authors; the designer reads this.
#[schemars(description = "A table that knows phone numbers.")]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Its entity set name, such as `contacts`.
    pub table: EntitySet,
    /// The columns that hold phone numbers, such as `telephone1`.
    pub columns: Vec<String>,
    /// The columns to read; all where it is left out.
    #[serde(default)]
    pub select: Vec<String>,
    /// The column of its primary key, such as `contactid`; needed only where the id of what was found is asked for.
    pub id: Option<String>,
}

impl Table {
    /// Contacts, then accounts, then leads, with the phone columns in which Dynamics 365's own record identification for
    /// incoming calls looks, their keys, and the columns that tell who calls.
    ///
    /// # Errors
    /// None; what is built in is built like what a designer writes.
    pub fn usual() -> Result<Vec<Self>> {
        let phones = "telephone1 telephone2 telephone3 mobilephone";
        let contact = "fullname jobtitle emailaddress1 telephone1 _parentcustomerid_value";
        let account = "name accountnumber telephone1";
        let lead = "fullname companyname subject telephone1";
        Ok(vec![
            Self::of("contacts", "contactid", phones, contact)?,
            Self::of("accounts", "accountid", "telephone1 telephone2", account)?,
            Self::of("leads", "leadid", phones, lead)?,
        ])
    }

    fn of(table: &str, id: &str, columns: &str, select: &str) -> Result<Self> {
        let names = |text: &str| text.split(' ').map(str::to_owned).collect();
        let (columns, select, id) = (names(columns), names(select), Some(id.into()));
        Ok(Self { table: EntitySet::new(table)?, columns, select, id })
    }

    /// The search in this table.
    pub fn search(&self) -> Search {
        Search::new(&self.table, self.columns.iter().map(String::as_str))
            .select(self.select.iter().map(String::as_str))
    }
}

/// What became of a search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The caller withheld the number, or the text holds none. Dynamics 365 was not asked.
    NoNumber,
    /// No record has the number.
    Nobody,
    /// One record has it.
    One,
    /// Several records of one table have it.
    Several,
}

/// What was found, and where.
#[derive(Debug)]
pub struct Found {
    /// None, one or many.
    pub verdict: Verdict,
    /// Place of the search among those given, the first is 0; none where nobody has the number.
    pub search: Option<usize>,
    /// The records; empty where nobody has the number.
    pub records: RecordSet,
}

impl Found {
    /// The table that knew the number, of those whose searches were given.
    pub fn table<'a>(&self, tables: &'a [Table]) -> Option<&'a Table> {
        self.search.and_then(|at| tables.get(at))
    }
}

/// Looks for a phone number, one request a table, in the order given, until one table knows it. `number` is in any
/// notation: `tel:` or `sip:`, E.164, or national of the account's region. `top` is how many records to read at most; 2
/// is enough to tell one from several. Needs [`Operation::Query`](crate::Operation::Query).
///
/// # Errors
/// [`Error`] with its cause.
pub fn find(number: &str, searches: &[Search], top: u32, read: &Read) -> Result<Found, Error> {
    host::find(number, searches, top, read)
}
