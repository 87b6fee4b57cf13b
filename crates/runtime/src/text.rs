//! Text that a guest chose and the host keeps: cut, because a trace holds on to it long after the sandbox is gone, and
//! thousands of traces are kept.

use std::fmt::{self, Display, Write};

/// What the trace keeps of a message of the guest, in bytes.
pub(crate) const MESSAGE_BYTES: usize = 4096;
/// What the trace keeps of a name that the guest chose: a table, a function.
pub(crate) const NAME_BYTES: usize = 256;

/// How deep JSON may be that a guest hands over: as deep as what reads it all at once would take it.
pub(crate) const MOST_LEVELS: usize = 128;

/// How deep the arrays and objects of `json`, which is valid, stand within each other. Reads it without nesting itself.
pub(crate) fn levels(json: &str) -> usize {
    let (mut level, mut deepest) = (0_usize, 0);
    let (mut in_text, mut escaped) = (false, false);
    for byte in json.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            b'[' | b'{' if !in_text => {
                level += 1;
                deepest = deepest.max(level);
            }
            b']' | b'}' if !in_text => level = level.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// At most `bytes` of `text`, which then ends with an ellipsis.
pub(crate) fn cut(mut text: String, bytes: usize) -> String {
    if text.len() > bytes {
        text.truncate(text.floor_char_boundary(bytes));
        text.push('…');
        text.shrink_to_fit();
    }
    text
}

/// As [`cut`], of what is not a text yet, and never becomes one that is longer.
pub(crate) fn written(what: impl Display, bytes: usize) -> String {
    let mut text = Bounded { text: String::new(), bytes };
    match write!(text, "{what}") {
        Ok(()) => text.text,
        // It is cut where the writer refused to go on.
        Err(fmt::Error) => text.text + "…",
    }
}

struct Bounded {
    text: String,
    bytes: usize,
}

impl Write for Bounded {
    fn write_str(&mut self, more: &str) -> fmt::Result {
        let left = self.bytes - self.text.len();
        let taken = more.floor_char_boundary(left);
        self.text.push_str(&more[..taken]);
        if taken == more.len() { Ok(()) } else { Err(fmt::Error) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    fn nesting(value: &Value) -> usize {
        let of =
            |items: &mut dyn Iterator<Item = &Value>| 1 + items.map(nesting).max().unwrap_or(0);
        match value {
            Value::Array(items) => of(&mut items.iter()),
            Value::Object(members) => of(&mut members.values()),
            _ => 0,
        }
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<i64>().prop_map(Value::from),
            r#"[\[\]{}"\\\\a\n]{0,8}"#.prop_map(Value::from),
        ];
        leaf.prop_recursive(8, 64, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::vec((r#"[\[{"\\\\]{0,4}"#, inner), 0..4)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn levels_are_those_of_the_tree(value in any_json()) {
            prop_assert_eq!(levels(&value.to_string()), nesting(&value));
        }

        #[test]
        fn what_is_cut_is_a_beginning(text in ".{0,40}", bytes in 0_usize..40) {
            for short in [cut(text.clone(), bytes), written(&text, bytes)] {
                if text.len() <= bytes {
                    prop_assert_eq!(&short, &text);
                } else {
                    let kept = short.strip_suffix('…').unwrap();
                    prop_assert!(text.starts_with(kept) && kept.len() <= bytes);
                    prop_assert!(kept.len() + 4 > bytes, "no more than a character is lost");
                }
            }
        }
    }

    #[test]
    fn levels_are_those_of_arrays_and_objects_only() {
        for (json, expected) in [
            ("1", 0),
            ("[]", 1),
            (r#"{"a": [1, {"b": 2}], "c": [[]]}"#, 3),
            (r#"["[[[[", "\"[[[", "\\"]"#, 1),
            (r#"[{}, {}, {}]"#, 2),
        ] {
            assert_eq!(levels(json), expected, "{json}");
        }
        assert_eq!(levels(&"[".repeat(1 << 20)), 1 << 20);
    }

    #[test]
    fn cuts_between_characters() {
        assert_eq!(cut("short".into(), 5), "short");
        assert_eq!(cut("ü".repeat(10), 5), "üü…");
        assert_eq!(written("short", 5), "short");
        assert_eq!(written("ü".repeat(10), 5), "üü…");
    }

    #[test]
    fn what_never_ends_is_cut_too() {
        struct Endless;
        impl Display for Endless {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                loop {
                    f.write_str("and so on ")?;
                }
            }
        }
        assert_eq!(written(Endless, 12), "and so on an…");
    }
}
