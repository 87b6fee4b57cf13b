//! Conditions on columns, put together out of values. A value is written as a literal and a name is checked, so that
//! neither becomes syntax; parentheses stand where `not`, `and` and `or` would otherwise be read in another order.

use std::ops::Not;

use super::{Literal, literal, pattern};
use crate::InvalidValue;
use crate::kind::is_name;

/// A column of a table, or one behind a lookup: `telephone1`, `_parentcustomerid_value`, `primarycontactid/fullname`.
#[derive(Debug, Clone)]
#[must_use]
pub struct Column {
    path: String,
}

/// The column of this name. Whether it exists is Dynamics 365's to say; what is no name at all is refused when the query
/// is fetched.
///
/// ```
/// use patchcord_block::odata::column;
///
/// let known = column("telephone1").eq("+1 317 555").and(column("statecode").eq(0));
/// assert_eq!(known.to_odata()?, "telephone1 eq '+1 317 555' and statecode eq 0");
/// let here = column("address1_city").eq("Carmel").or(column("address2_city").eq("Carmel"));
/// assert_eq!(
///     known.and(!here).to_odata()?,
///     "telephone1 eq '+1 317 555' and statecode eq 0 and not (address1_city eq 'Carmel' or address2_city eq 'Carmel')"
/// );
/// assert!(column("statecode eq 0 or 1").eq(1).to_odata().is_err());
/// # Ok::<(), patchcord_block::Failure>(())
/// ```
pub fn column(path: impl Into<String>) -> Column {
    Column { path: path.into() }
}

/// Which records are meant. Made by the methods of [`Column`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Condition {
    text: Result<String, InvalidValue>,
    binding: Binding,
}

/// How tightly the text of a condition holds together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Binding {
    /// A comparison, a function, or something in parentheses.
    Tight,
    And,
    /// Looser than anything else; also text that nobody has looked into.
    Loose,
}

impl Column {
    /// The column has this value; with `None` it has none.
    pub fn eq(self, value: impl Literal) -> Condition {
        self.compared("eq", &value)
    }

    /// The column has another value than this.
    pub fn ne(self, value: impl Literal) -> Condition {
        self.compared("ne", &value)
    }

    /// The column's value is below this one.
    pub fn lt(self, value: impl Literal) -> Condition {
        self.compared("lt", &value)
    }

    /// The column's value is this one or below it.
    pub fn le(self, value: impl Literal) -> Condition {
        self.compared("le", &value)
    }

    /// The column's value is above this one.
    pub fn gt(self, value: impl Literal) -> Condition {
        self.compared("gt", &value)
    }

    /// The column's value is this one or above it.
    pub fn ge(self, value: impl Literal) -> Condition {
        self.compared("ge", &value)
    }

    /// The column's text has this in it. No character of it is a wildcard.
    pub fn contains(self, text: impl AsRef<str>) -> Condition {
        self.matched("contains", text.as_ref())
    }

    /// The column's text begins with this. No character of it is a wildcard.
    pub fn starts_with(self, text: impl AsRef<str>) -> Condition {
        self.matched("startswith", text.as_ref())
    }

    /// The column's text ends with this. No character of it is a wildcard.
    pub fn ends_with(self, text: impl AsRef<str>) -> Condition {
        self.matched("endswith", text.as_ref())
    }

    /// The column has no value.
    pub fn is_null(self) -> Condition {
        self.eq(None::<&str>)
    }

    /// The column has a value.
    pub fn is_not_null(self) -> Condition {
        self.ne(None::<&str>)
    }

    /// The column has one of these values. Of none it has none: such a condition holds for no record.
    pub fn is_any_of<V: Literal>(self, values: impl IntoIterator<Item = V>) -> Condition {
        let each = values.into_iter().map(|value| self.clone().eq(value));
        match each.reduce(Condition::or) {
            Some(any) => any,
            None => self.clone().is_null().and(self.is_not_null()),
        }
    }

    fn compared(self, operator: &str, value: &impl Literal) -> Condition {
        let text = self.name().map(|name| format!("{name} {operator} {}", literal(value)));
        Condition { text, binding: Binding::Tight }
    }

    fn matched(self, function: &str, text: &str) -> Condition {
        let text = self.name().map(|name| format!("{function}({name},{})", pattern(text)));
        Condition { text, binding: Binding::Tight }
    }

    /// The name, once it is known to be one.
    pub(crate) fn name(self) -> Result<String, InvalidValue> {
        match self.path.split('/').all(is_name) {
            true => Ok(self.path),
            false => Err(InvalidValue(format!(
                "{:?} is no column: letters, digits and underscores, such as `telephone1`",
                self.path
            ))),
        }
    }
}

impl Condition {
    /// A condition in OData's own words, for what the methods of [`Column`] cannot say, such as
    /// `Microsoft.Dynamics.CRM.Today(PropertyName='createdon')`. It goes out as it is: make every value in it with
    /// [`literal`](super::literal) or [`pattern`](super::pattern).
    pub fn raw(text: impl Into<String>) -> Self {
        Self { text: Ok(text.into()), binding: Binding::Loose }
    }

    /// Both hold.
    pub fn and(self, other: Self) -> Self {
        self.joined("and", other, Binding::And)
    }

    /// One of the two holds, or both.
    pub fn or(self, other: Self) -> Self {
        self.joined("or", other, Binding::Loose)
    }

    /// The condition as it stands in a `$filter`.
    ///
    /// # Errors
    /// [`InvalidValue`] where a column in it has no name that could be one.
    pub fn to_odata(&self) -> Result<&str, InvalidValue> {
        self.text.as_deref().map_err(Clone::clone)
    }

    fn joined(self, word: &str, other: Self, binding: Binding) -> Self {
        // Nothing is looser than `or`, so what it joins needs nothing around it.
        let part = |condition: Self| condition.within(binding);
        let text = part(self).and_then(|left| Ok(format!("{left} {word} {}", part(other)?)));
        Self { text, binding }
    }

    fn within(self, outer: Binding) -> Result<String, InvalidValue> {
        let loose = self.binding == Binding::Loose && outer == Binding::And;
        self.text.map(|text| if loose { format!("({text})") } else { text })
    }
}

/// The condition does not hold.
impl Not for Condition {
    type Output = Self;

    fn not(self) -> Self {
        // Always in parentheses: OData's `not` binds more tightly than `eq`.
        let text = self.text.map(|text| format!("not ({text})"));
        Self { text, binding: Binding::Tight }
    }
}

/// The condition does not hold: `!condition`, for those who like a word better.
pub fn not(condition: Condition) -> Condition {
    !condition
}
