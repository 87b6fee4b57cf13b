//! What somebody who changes something knows of it. Two people who work on one thing never overwrite each other without
//! having been told.

use jiff::Timestamp;

use crate::Error;

/// The state that a change is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precondition {
    /// Nothing is said: good where there is nothing yet.
    None,
    /// There is nothing yet.
    Absent,
    /// The revision that was seen.
    Revision(i64),
    /// Whatever is there.
    Any,
}

/// What there is, and who saved it.
pub(super) struct There {
    pub(super) revision: i64,
    pub(super) at: Timestamp,
    pub(super) by: Option<String>,
}

/// Why a change is not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unmet {
    /// There is something, and the change does not say that its author has seen it.
    Unseen,
    /// It is another revision than the one that was seen.
    Changed,
    /// There is nothing any more.
    Gone,
}

impl Precondition {
    /// As it is meant where what is changed must be there anyway: who says nothing means whatever is there.
    pub(super) fn or_any(self) -> Self {
        if self == Self::None { Self::Any } else { self }
    }

    /// Lets a change of `what` pass whose author has seen it as it is.
    ///
    /// # Errors
    /// Who has changed it, and when.
    pub(super) fn hold(self, what: String, there: Option<There>) -> Result<(), Error> {
        match (self.check(there.as_ref().map(|there| there.revision)), there) {
            (Ok(()), _) => Ok(()),
            (Err(unmet), Some(There { revision, at, by })) => {
                Err(Error::Stale { what, revision, at, by, unseen: unmet == Unmet::Unseen })
            }
            (Err(_), None) => Err(Error::Gone { what }),
        }
    }

    fn check(self, there: Option<i64>) -> Result<(), Unmet> {
        match (self, there) {
            (Self::Any, _) | (Self::None | Self::Absent, None) => Ok(()),
            (Self::Revision(seen), Some(there)) if seen == there => Ok(()),
            (Self::None, Some(_)) => Err(Unmet::Unseen),
            (Self::Revision(_), None) => Err(Unmet::Gone),
            (Self::Revision(_) | Self::Absent, Some(_)) => Err(Unmet::Changed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_seen_is_replaced() {
        let (nothing, there) = (None, Some(7));
        assert_eq!(Precondition::None.check(nothing), Ok(()));
        assert_eq!(Precondition::None.check(there), Err(Unmet::Unseen));
        assert_eq!(Precondition::Absent.check(nothing), Ok(()));
        assert_eq!(Precondition::Absent.check(there), Err(Unmet::Changed));
        assert_eq!(Precondition::Revision(7).check(there), Ok(()));
        assert_eq!(Precondition::Revision(6).check(there), Err(Unmet::Changed));
        assert_eq!(Precondition::Revision(7).check(nothing), Err(Unmet::Gone));
        assert_eq!(Precondition::Any.check(nothing), Ok(()));
        assert_eq!(Precondition::Any.check(there), Ok(()));
    }
}
