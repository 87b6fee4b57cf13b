//! What somebody may be called: what can be told apart in a list, and typed.

use patchcord_dynamics::FieldError;

const LONGEST: usize = 64;

/// What is wrong with a name; none where it is good.
pub(super) fn fault(name: &str) -> Option<FieldError> {
    let known = |c: char| c.is_alphanumeric() || "._-@+".contains(c);
    let message = match name.chars().count() {
        0 => "is missing; give the name with which the user signs in",
        1..=LONGEST if name.chars().all(known) => return None,
        1..=LONGEST => "may have letters, digits and the characters . _ - @ + only",
        _ => "is longer than 64 characters",
    };
    Some(FieldError { field: "name".into(), message: message.into() })
}

/// By what a name is found: nobody remembers how it was written.
pub(super) fn key(name: &str) -> String {
    name.trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_can_be_typed_and_told_apart() {
        for good in ["ann", "ann@example.org", "Müller-7", "a.b_c+d"] {
            assert_eq!(fault(good), None, "{good}");
        }
        for bad in ["", " ", "ann b", "<b>", "a/b", "a\u{202e}b", &"a".repeat(65)] {
            assert!(fault(bad).is_some(), "{bad:?}");
        }
        assert_eq!(key(" Ann@Example.org"), key("ann@example.org"));
    }
}
