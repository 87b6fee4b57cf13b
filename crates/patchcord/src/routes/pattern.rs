//! What a value of a call is held against: a text, a number, or how a number begins.

/// A value that fits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Pattern {
    /// This and nothing else.
    Exactly(String),
    /// Whatever begins so.
    Begins(String),
}

impl Pattern {
    /// A queue or a channel.
    pub(super) fn text(text: &str) -> Self {
        Self::Exactly(text.trim().to_owned())
    }

    /// A number, with a `*` after it for all that begin so.
    pub(super) fn number(text: &str) -> Self {
        match text.trim().strip_suffix('*') {
            Some(begin) => Self::Begins(bare_number(begin)),
            None => Self::Exactly(bare_number(text)),
        }
    }

    pub(super) fn fits(&self, value: &str) -> bool {
        match self {
            Self::Exactly(text) => text == value,
            Self::Begins(begin) => value.starts_with(begin.as_str()),
        }
    }

    /// Whether all that fits `other` fits this one too.
    pub(super) fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Exactly(text), Self::Exactly(other)) => text == other,
            (Self::Exactly(_), Self::Begins(_)) => false,
            (Self::Begins(begin), Self::Exactly(other) | Self::Begins(other)) => {
                other.starts_with(begin.as_str())
            }
        }
    }
}

/// A number without what only makes it easier to read, and without what makes it an address: `tel:+1-317-555-0125` and
/// `sip:+13175550125@pbx.example` are `+13175550125`. What is no number stays as it is, so that names of lines can be
/// called too.
pub(super) fn bare_number(text: &str) -> String {
    let text = text.trim();
    let scheme = |scheme: &str| {
        let begin = text.get(..scheme.len())?;
        begin.eq_ignore_ascii_case(scheme).then(|| &text[scheme.len()..])
    };
    let address = ["sips:", "sip:", "tel:"].into_iter().find_map(scheme);
    let line = match address {
        Some(address) => address.split(['@', ';', '?']).next().unwrap_or(address),
        None => text,
    };
    let filler = |c: char| matches!(c, ' ' | '-' | '.' | '(' | ')' | '/' | '\u{a0}');
    let dialled = |c: char| c.is_ascii_digit() || matches!(c, '+' | '*' | '#') || filler(c);
    if !line.chars().all(dialled) {
        return line.to_owned();
    }
    line.chars().filter(|c| !filler(*c)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_number_fits_in_any_notation() {
        let number = Pattern::number("+1 (317) 555-0125");
        for value in
            ["+13175550125", "tel:+1-317-555-0125", "SIP:+13175550125@pbx.example;user=phone"]
        {
            assert!(number.fits(&bare_number(value)), "{value}");
        }
        for value in ["+13175550126", "13175550125", "+131755501250", ""] {
            assert!(!number.fits(&bare_number(value)), "{value}");
        }
    }

    #[test]
    fn a_star_takes_all_that_begins_so() {
        let numbers = Pattern::number("+1 317 555*");
        assert!(numbers.fits("+13175550125") && numbers.fits("+1317555"));
        assert!(!numbers.fits("+13175560125") && !numbers.fits("3175550125"));
        assert!(Pattern::number("*").fits("anything"));
    }

    #[test]
    fn what_is_no_number_is_left_alone() {
        assert_eq!(bare_number("sip:support-desk@pbx.example"), "support-desk");
        assert_eq!(bare_number(" front desk "), "front desk");
        assert!(Pattern::number("support*").fits("support-desk"));
        assert_eq!(bare_number("té"), "té");
    }

    proptest! {
        #[test]
        fn what_covers_takes_whatever_the_other_takes(
            one in "[+0-9]{0,4}\\*?", other in "[+0-9]{0,5}\\*?", value in "[+0-9]{0,6}"
        ) {
            let (one, other) = (Pattern::number(&one), Pattern::number(&other));
            prop_assert!(!one.covers(&other) || !other.fits(&value) || one.fits(&value));
        }

        #[test]
        fn a_number_is_made_bare_once_and_for_all(text in "\\PC{0,12}") {
            let bare = bare_number(&text);
            prop_assume!(!bare.contains(':'));
            prop_assert_eq!(bare_number(&bare), bare);
        }
    }
}
