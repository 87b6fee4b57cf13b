//! The wildcards of Dataverse's string functions, as a regular expression.
//!
//! Dataverse hands the value to SQL Server's LIKE, where `%`, `_`, `[set]` and `[^set]` are
//! wildcards.

use super::ast::MatchKind;

/// An expression for the whole text, or `None` where the value can match nothing (an unclosed or an
/// empty set).
pub(crate) fn regex(kind: MatchKind, value: &str) -> Option<String> {
    let open = matches!(kind, MatchKind::Contains | MatchKind::EndsWith);
    let mut regex = String::from(if open { "(?is)^.*" } else { "(?is)^" });
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
            c => push_escaped(&mut regex, c),
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
    regex.push_str(if negated { "[^" } else { "[" });
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
    regex.push(']');
    Some(())
}

fn push_escaped(regex: &mut String, c: char) {
    if !c.is_alphanumeric() && c.is_ascii() && !c.is_ascii_control() && c != ' ' {
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
        assert_eq!(regex("a%b_c").as_deref(), Some("(?is)^a.*b.c$"));
        assert_eq!(regex("[%][_][[]x").as_deref(), Some(r"(?is)^[\%][\_][\[]x$"));
        assert_eq!(regex("[a-f][^x].*").as_deref(), Some(r"(?is)^[a-f][^x]\.\*$"));
        assert_eq!(regex("[abc"), None);
        assert_eq!(regex("[]"), None);
        assert_eq!(regex("[z-a]"), None);
        assert_eq!(regex("a]b").as_deref(), Some(r"(?is)^a\]b$"));
    }

    #[test]
    fn the_functions_leave_their_ends_open() {
        assert_eq!(regex(MatchKind::Contains, "a").as_deref(), Some("(?is)^.*a.*$"));
        assert_eq!(regex(MatchKind::StartsWith, "a").as_deref(), Some("(?is)^a.*$"));
        assert_eq!(regex(MatchKind::EndsWith, "a").as_deref(), Some("(?is)^.*a$"));
    }
}
