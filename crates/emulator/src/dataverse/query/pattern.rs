//! The wildcards of Dataverse's string functions, in SQLite's terms.
//!
//! Dataverse hands the value to SQL Server's LIKE, where `%`, `_`, `[set]` and `[^set]` are
//! wildcards. SQLite's LIKE has no sets; its GLOB has, under other signs.

use super::ast::MatchKind;

/// A GLOB pattern, or `None` where the value can match nothing (an unclosed or an empty set).
pub(crate) fn glob(kind: MatchKind, value: &str) -> Option<String> {
    let mut glob = String::new();
    if kind != MatchKind::StartsWith {
        glob.push('*');
    }
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        match c {
            '%' => glob.push('*'),
            '_' => glob.push('?'),
            '*' => glob.push_str("[*]"),
            '?' => glob.push_str("[?]"),
            '[' => {
                let rest = chars.as_str();
                let (set, after) = rest.split_once(']')?;
                if set.is_empty() {
                    return None;
                }
                glob.push_str(&if set == "^" { "?".to_owned() } else { format!("[{set}]") });
                chars = after.chars();
            }
            c => glob.push(c),
        }
    }
    if kind != MatchKind::EndsWith {
        glob.push('*');
    }
    Some(glob)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_and_escapes_are_translated() {
        let glob = |value| glob(MatchKind::StartsWith, value);
        assert_eq!(glob("a%b_c").as_deref(), Some("a*b?c*"));
        assert_eq!(glob("[%][_][[]x").as_deref(), Some("[%][_][[]x*"));
        assert_eq!(glob("[a-f][^x]*?").as_deref(), Some("[a-f][^x][*][?]*"));
        assert_eq!(glob("[abc"), None);
        assert_eq!(glob("a]b").as_deref(), Some("a]b*"));
    }
}
