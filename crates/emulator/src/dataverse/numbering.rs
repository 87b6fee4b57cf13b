//! The numbers that Dataverse gives to cases, quotes, orders, invoices and contracts.

use super::query::ast::Value;
use super::schema::Table;
use super::write::{Values, has};

/// Column and prefix of a table's numbers, as in an organisation with default settings.
const NUMBERED: [(&str, &str, &str); 5] = [
    ("incident", "ticketnumber", "CAS"),
    ("quote", "quotenumber", "QUO"),
    ("salesorder", "ordernumber", "ORD"),
    ("invoice", "invoicenumber", "INV"),
    ("contract", "contractnumber", "CNR"),
];

/// Numbers a new row that brings no number of its own. It follows from the row's id, so that the same row
/// gets the same number again.
pub(crate) fn number(table: &Table, id: &str, values: &mut Values) {
    let numbered = NUMBERED.iter().find(|(name, ..)| *name == table.logical);
    let Some((_, column, prefix)) = numbered else {
        return;
    };
    if table.column(column).is_none() || has(values, column) {
        return;
    }
    let tail = id.get(..6).unwrap_or(id).to_uppercase();
    let number = u32::from_str_radix(id.get(9..13).unwrap_or("0"), 16).unwrap_or(0);
    values.insert((*column).to_owned(), Value::Text(format!("{prefix}-{number:05}-{tail}")));
}
