//! What may be a name. The host refuses anything else when it loads the block; here the author learns of it while typing.

/// What is wrong with the identity of a block.
pub(crate) fn id(text: &str) -> Option<String> {
    let words = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let good = text.len() <= 128
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.split(['.', '-']).all(|word| !word.is_empty() && word.chars().all(words));
    (!good).then(|| {
        format!(
            "`{text}` is no identity: write lower-case letters and digits, in words joined by `.` or `-`, such as \
             \"example.count-colleagues\""
        )
    })
}

/// What is wrong with a semantic version.
pub(crate) fn version(text: &str) -> Option<String> {
    let (rest, build) =
        text.split_once('+').map_or((text, None), |(rest, build)| (rest, Some(build)));
    let (core, pre) = rest.split_once('-').map_or((rest, None), |(core, pre)| (core, Some(pre)));
    let number = |part: &str| {
        let digits = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        digits && (part == "0" || !part.starts_with('0'))
    };
    let labels = |part: &str| {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        part.split('.').all(|label| !label.is_empty() && label.bytes().all(allowed))
    };
    let good = core.split('.').count() == 3
        && core.split('.').all(number)
        && pre.is_none_or(labels)
        && build.is_none_or(labels);
    (!good).then(|| {
        format!("`{text}` is no semantic version: write \"1.0.0\", or \"1.0.0-dev\" while you work on it")
    })
}

/// What is wrong with the id of an exit.
pub(crate) fn exit(text: &str) -> Option<String> {
    let letters = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if matches!(text, "next" | "failed") {
        return Some(format!("every block has the exit `{text}`: leave it out here"));
    }
    let good = text.starts_with(|c: char| c.is_ascii_lowercase()) && text.chars().all(letters);
    (!good).then(|| {
        format!(
            "`{text}` is no id of an exit: write lower-case letters, digits and underscores, such as `no_data`"
        )
    })
}

/// What is wrong with the entity set name of a table.
pub(crate) fn table(text: &str) -> Option<String> {
    let good = !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    (!good).then(|| {
        format!(
            "`{text}` is no entity set name: write letters, digits and underscores, such as \"contacts\""
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_is_words_joined_by_dots_and_dashes() {
        for good in ["a", "microsoft-dynamics.find-caller", "example.v2"] {
            assert_eq!(id(good), None);
        }
        for wrong in ["", "A", "a..b", "-a", "1a", "a_b", "a b", &"a".repeat(129)] {
            assert!(id(wrong).is_some(), "{wrong}");
        }
    }

    #[test]
    fn a_version_is_semantic() {
        for good in ["0.1.0", "1.20.3", "1.0.0-dev", "1.0.0-rc.1+build.7", "1.0.0+a-b"] {
            assert_eq!(version(good), None);
        }
        for wrong in
            ["", "1", "1.0", "1.0.0.0", "01.0.0", "1.0.x", "1.0.0-", "1.0.0-a..b", "v1.0.0"]
        {
            assert!(version(wrong).is_some(), "{wrong}");
        }
    }

    #[test]
    fn an_exit_is_in_lower_case_and_not_one_that_every_block_has() {
        for good in ["no_data", "e2"] {
            assert_eq!(exit(good), None);
        }
        for wrong in ["", "NoData", "no-data", "2e", "_e"] {
            assert!(exit(wrong).is_some_and(|problem| problem.contains("is no id")), "{wrong}");
        }
        for every in ["next", "failed"] {
            assert!(exit(every).is_some_and(|problem| problem.contains("leave it out")), "{every}");
        }
    }

    #[test]
    fn a_table_is_an_entity_set_name() {
        assert_eq!(table("new_calls2"), None);
        for wrong in ["", "contacts?$top=1", "my table"] {
            assert!(table(wrong).is_some(), "{wrong}");
        }
    }
}
