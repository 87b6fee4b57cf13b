//! How a block ends badly, and what makes that of an error on its way up.

use std::any::Any;
use std::fmt::Display;

use crate::{InvalidValue, dynamics};

/// What a block's functions return: [`Failure`] is the error where no other is named.
pub type Result<T, E = Failure> = std::result::Result<T, E>;

/// Why a block could not do its work. The run leaves the step by `failed`, and no effect happens.
///
/// `?` makes one of an error of Dynamics 365, of JSON that has another shape, and of a value that is not of its kind.
/// Any other error becomes one by [`OrFail::or_fail`], which says what it was that did not work; a sentence by
/// [`Failure::other`].
///
/// ```
/// use patchcord_block::prelude::*;
///
/// fn extension(number: &str) -> Result<u16> {
///     let (_, extension) = number.rsplit_once('x').or_fail("the number has no extension")?;
///     let extension = extension.parse().or_fail("reading the extension")?;
///     if extension < 100 {
///         return Err(Failure::other("an extension has three digits"));
///     }
///     Ok(extension)
/// }
///
/// assert_eq!(extension("+1 317 555 x204")?, 204);
/// let problem = |number| extension(number).map_err(|failure| failure.to_string());
/// assert_eq!(problem("+1 317 555"), Err("the number has no extension".into()));
/// assert_eq!(problem("1x2a"), Err("reading the extension: invalid digit found in string".into()));
/// # Ok::<(), Failure>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// Dynamics 365 refused, or could not be reached.
    #[error(transparent)]
    Dynamics(#[from] dynamics::Error),
    /// The properties make no sense; the text names the property.
    #[error("invalid properties: {0}")]
    InvalidProperties(String),
    /// Anything else, in a sentence for the designer.
    #[error("{0}")]
    Other(String),
}

impl Failure {
    /// A property whose value makes no sense, and why.
    pub fn invalid(property: &str, problem: impl Display) -> Self {
        Self::InvalidProperties(format!("`{property}`: {problem}"))
    }

    /// Anything that is neither Dynamics 365's fault nor a property's, in a sentence for the designer.
    pub fn other(problem: impl Display) -> Self {
        Self::Other(problem.to_string())
    }

    /// The error of Dynamics 365 that it comes from.
    pub fn dynamics(&self) -> Option<&dynamics::Error> {
        match self {
            Self::Dynamics(error) => Some(error),
            Self::InvalidProperties(_) | Self::Other(_) => None,
        }
    }

    /// Whether a record was missing: [`dynamics::Error::is_missing_record`].
    pub fn is_missing_record(&self) -> bool {
        self.dynamics().is_some_and(dynamics::Error::is_missing_record)
    }

    /// Whether somebody else was faster: [`dynamics::Error::is_conflict`].
    pub fn is_conflict(&self) -> bool {
        self.dynamics().is_some_and(dynamics::Error::is_conflict)
    }

    /// The same failure, with what was being done put before its text.
    #[must_use]
    pub fn while_doing(self, what: impl Display) -> Self {
        let with = |text: String| format!("{what}: {text}");
        match self {
            Self::Dynamics(error) => {
                let message = with(error.message);
                Self::Dynamics(dynamics::Error { message, ..error })
            }
            Self::InvalidProperties(text) => Self::InvalidProperties(with(text)),
            Self::Other(text) => Self::Other(with(text)),
        }
    }
}

/// A record or a text that is not of the expected shape.
impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::Other(format!("unexpected shape of JSON: {error}"))
    }
}

/// Text that a block has itself made a name or an id of. In a property it is refused before the block runs.
impl From<InvalidValue> for Failure {
    fn from(error: InvalidValue) -> Self {
        Self::Other(error.to_string())
    }
}

/// Makes a failure of what did not work.
pub trait OrFail<T> {
    /// Says what was being done, such as `reading the case`; of a value that is missing it is the whole sentence.
    ///
    /// An error of Dynamics 365 keeps its kind, and so does a failure.
    ///
    /// # Errors
    /// Where there was an error, or no value.
    fn or_fail(self, what: impl Display) -> Result<T>;
}

impl<T, E: std::error::Error + 'static> OrFail<T> for std::result::Result<T, E> {
    fn or_fail(self, what: impl Display) -> Result<T> {
        self.map_err(|error| failure_of(error).while_doing(what))
    }
}

impl<T> OrFail<T> for Option<T> {
    fn or_fail(self, what: impl Display) -> Result<T> {
        self.ok_or_else(|| Failure::other(what))
    }
}

/// By its type, where it is one that a failure holds, and otherwise by its text.
fn failure_of<E: std::error::Error + 'static>(error: E) -> Failure {
    let mut slot = Some(error);
    let any: &mut dyn Any = &mut slot;
    if let Some(failure) = any.downcast_mut::<Option<Failure>>().and_then(Option::take) {
        return failure;
    }
    if let Some(error) = any.downcast_mut::<Option<dynamics::Error>>().and_then(Option::take) {
        return error.into();
    }
    Failure::Other(slot.map(|error| error.to_string()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dynamics::{Error, ErrorKind};

    #[test]
    fn context_keeps_what_kind_of_failure_it_is() {
        let error =
            Error { code: Some("0x80040217".into()), ..Error::new(ErrorKind::NotFound, "gone") };
        let failure = Err::<(), _>(error).or_fail("reading the case").unwrap_err();
        assert!(failure.is_missing_record());
        assert_eq!(failure.to_string(), "reading the case: gone");
        let failure = Err::<(), _>(failure).or_fail("greeting").unwrap_err();
        assert!(failure.is_missing_record());
        assert_eq!(failure.to_string(), "greeting: reading the case: gone");
        let invalid = Err::<(), _>(Failure::invalid("a", "wrong")).or_fail("x").unwrap_err();
        assert_eq!(invalid, Failure::InvalidProperties("x: `a`: wrong".into()));
        let other = Err::<(), _>(std::fmt::Error).or_fail("writing").unwrap_err();
        assert_eq!(other, Failure::Other(format!("writing: {}", std::fmt::Error)));
    }

    #[test]
    fn what_is_missing_is_said_in_the_sentence_given() {
        assert_eq!(None::<()>.or_fail("nobody is there"), Err(Failure::other("nobody is there")));
        assert_eq!(Some(1).or_fail("nobody is there"), Ok(1));
    }

    #[test]
    fn errors_of_the_sdk_become_failures() {
        let json = || -> Result<u8> { Ok(serde_json::from_str("{}")?) };
        assert!(json().unwrap_err().to_string().starts_with("unexpected shape of JSON: "));
        let id = || -> Result<crate::RecordId> { Ok(crate::RecordId::new("7")?) };
        assert_eq!(id().unwrap_err(), Failure::other("\"7\" is no record id (GUID)"));
        let conflict = Failure::from(Error::new(ErrorKind::Conflict, "changed"));
        assert!(conflict.is_conflict() && !conflict.is_missing_record());
    }
}
