//! Paths with `*`, which stands for any characters, `/` among them.

/// Whether all of `path` is what `pattern` says; upper and lower case are told apart, as in the Web
/// API's addresses.
pub(super) fn matches(pattern: &str, path: &str) -> bool {
    let mut pieces = pattern.split('*');
    let Some(mut rest) = pieces.next().and_then(|first| path.strip_prefix(first)) else {
        return false;
    };
    let mut pieces: Vec<&str> = pieces.collect();
    let Some(last) = pieces.pop() else {
        return rest.is_empty();
    };
    for piece in pieces {
        match rest.find(piece) {
            Some(at) => rest = &rest[at + piece.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::matches;
    use proptest::prelude::*;

    #[test]
    fn a_star_stands_for_anything() {
        let contacts = "/api/data/*/contacts*";
        assert!(matches(contacts, "/api/data/v9.2/contacts"));
        assert!(matches(contacts, "/api/data/v9.0/contacts(00000000-0000-0000-0000-000000000000)"));
        assert!(!matches(contacts, "/api/data/v9.2/accounts"));
        assert!(!matches("/a", "/a/b") && matches("/a", "/a") && matches("*", ""));
        assert!(!matches("/ab*ba", "/aba") && matches("/a*b*c", "/a/b/b/c"));
    }

    proptest! {
        #[test]
        fn what_is_put_in_place_of_stars_matches(
            pieces in proptest::collection::vec(("[a-c/]{0,4}", "[a-c/]{0,4}"), 1..5), end in "[a-c]{0,3}",
        ) {
            let mut pattern = String::new();
            let mut path = String::new();
            for (fixed, free) in &pieces {
                pattern += &format!("{fixed}*");
                path += &format!("{fixed}{free}");
            }
            prop_assert!(matches(&(pattern + &end), &(path + &end)));
        }
    }
}
