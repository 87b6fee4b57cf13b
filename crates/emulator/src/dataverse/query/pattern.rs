//! The wildcards of Dataverse's string functions, as a regular expression.
//!
//! Dataverse hands the value to SQL Server's LIKE, where `%`, `_`, `[set]` and `[^set]` are
//! wildcards.

use super::ast::MatchKind;

/// An expression for the whole text, or `None` where the value can match nothing (an unclosed or an
/// empty set).
pub(crate) fn regex(kind: MatchKind, value: &str) -> Option<String> {
    let open = matches!(kind, MatchKind::Contains | MatchKind::EndsWith);
    let mut regex = String::from(if open { "(?s)^.*" } else { "(?s)^" });
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        match c {
            '%' => regex.push_str(".*"),
            '_' => regex.push('.'),
            '[' => {
                let (set, after) = chars.as_str().split_once(']')?;
                push_set(&mut regex, set)?;
                chars = after.chars();
            }
            c => push_letter(&mut regex, c),
        }
    }
    let open = matches!(kind, MatchKind::Contains | MatchKind::StartsWith);
    regex.push_str(if open { ".*$" } else { "$" });
    Some(regex)
}

fn push_set(regex: &mut String, set: &str) -> Option<()> {
    let (negated, members) = match set.strip_prefix('^') {
        Some(members) => (true, members),
        None => (false, set),
    };
    if members.is_empty() {
        regex.push_str(if negated { "." } else { return None });
        return Some(());
    }
    regex.push_str(if negated { "(?i:[^" } else { "(?i:[" });
    let members: Vec<char> = members.chars().collect();
    let mut at = 0;
    while let Some(&c) = members.get(at) {
        push_escaped(regex, c);
        if let (Some('-'), Some(&end)) = (members.get(at + 1), members.get(at + 2)) {
            // A range that runs backwards matches nothing in SQL Server, and is no expression here.
            if end < c {
                return None;
            }
            regex.push('-');
            push_escaped(regex, end);
            at += 2;
        }
        at += 1;
    }
    regex.push_str("])");
    Some(())
}

/// A letter in both its cases, and in no other letter's that Unicode folds with it: texts are equal where
/// their lower-cased letters are, and a part of a text must not be found by another rule.
fn push_letter(regex: &mut String, c: char) {
    let lower: String = c.to_lowercase().collect();
    let mut forms = vec![c.to_string(), lower.clone()];
    forms.extend(c.to_uppercase().map(String::from).filter(|upper| upper.to_lowercase() == lower));
    forms.sort_unstable();
    forms.dedup();
    match forms.as_slice() {
        [_] => push_escaped(regex, c),
        _ => {
            regex.push_str("(?:");
            regex.push_str(&forms.join("|"));
            regex.push(')');
        }
    }
}

/// Only signs that mean something are escaped: before others a backslash has a meaning of its own.
fn push_escaped(regex: &mut String, c: char) {
    if r"\.+*?()|[]{}^$#&-~".contains(c) {
        regex.push('\\');
    }
    regex.push(c);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_and_escapes_are_translated() {
        let regex = |value| regex(MatchKind::Like, value);
        assert_eq!(regex("1%2_3").as_deref(), Some("(?s)^1.*2.3$"));
        assert_eq!(regex("[%][_][[]1").as_deref(), Some(r"(?s)^(?i:[%])(?i:[_])(?i:[\[])1$"));
        assert_eq!(regex("[a-f][^x].*").as_deref(), Some(r"(?s)^(?i:[a-f])(?i:[^x])\.\*$"));
        assert_eq!(regex("[abc"), None);
        assert_eq!(regex("[]"), None);
        assert_eq!(regex("[z-a]"), None);
        assert_eq!(regex("1]2").as_deref(), Some(r"(?s)^1\]2$"));
    }

    #[test]
    fn letters_match_in_both_cases() {
        assert_eq!(regex(MatchKind::Like, "aÜ").as_deref(), Some("(?s)^(?:A|a)(?:Ü|ü)$"));
        assert_eq!(regex(MatchKind::Like, "ſ").as_deref(), Some("(?s)^ſ$"));
    }

    #[test]
    fn the_functions_leave_their_ends_open() {
        assert_eq!(regex(MatchKind::Contains, "1").as_deref(), Some("(?s)^.*1.*$"));
        assert_eq!(regex(MatchKind::StartsWith, "1").as_deref(), Some("(?s)^1.*$"));
        assert_eq!(regex(MatchKind::EndsWith, "1").as_deref(), Some("(?s)^.*1$"));
    }
}
