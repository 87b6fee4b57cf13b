//! What was expected, held against what came. The differences are written for whoever has to find the mistake: line by
//! line, `-` was expected and `+` came, with little of what is alike around.

use serde::Serialize;
use serde_json::{Map, Value, json};
use similar::{ChangeTag, TextDiff};

/// Lines that are alike before and after one that differs.
const AROUND: usize = 3;

/// Something that is not as expected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// What differs, such as `variables`.
    pub what: &'static str,
    /// What was expected and what came, line by line: `-` was expected, `+` came.
    pub diff: String,
    /// What was expected; of a list, each with the parts of which the case speaks.
    pub expected: Value,
    /// What came, where that is as expected equal to it.
    pub came: Value,
}

/// The differences that were found.
#[derive(Debug, Default)]
pub struct Differences(Vec<Difference>);

impl Differences {
    /// Notes that the two are not equal, where they are not.
    pub fn compare(&mut self, what: &'static str, wanted: &Value, came: &Value) {
        if wanted != came {
            let (expected, came) = (wanted.clone(), came.clone());
            self.0.push(Difference { what, diff: diff(&expected, &came), expected, came });
        }
    }

    /// All of them, in order.
    pub fn found(self) -> Vec<Difference> {
        self.0
    }
}

/// What there is to say of a thing, part by part.
pub type Parts = Map<String, Value>;

/// What a case says of one part of a thing.
#[derive(Debug, Clone, PartialEq)]
pub enum Want {
    /// It is this.
    Is(Value),
    /// It is a text that holds this one.
    Holds(String),
}

impl Want {
    fn fits(&self, came: Option<&Value>) -> bool {
        match self {
            Self::Is(wanted) => came == Some(wanted),
            Self::Holds(wanted) => {
                came.and_then(Value::as_str).is_some_and(|came| came.contains(wanted))
            }
        }
    }

    fn shown(&self) -> Value {
        match self {
            Self::Is(wanted) => wanted.clone(),
            Self::Holds(wanted) => json!(wanted),
        }
    }
}

type Wants = Vec<(&'static str, Want)>;

/// Both sides of a list of things, each with the parts that the case speaks of. What fits is equal on both; what the case
/// does not expect at all is shown whole.
pub fn sides(wanted: &[Wants], came: &[Parts]) -> (Value, Value) {
    let partners = partners(wanted, came);
    let shown: Vec<Parts> = wanted
        .iter()
        .map(|wants| wants.iter().map(|(part, want)| ((*part).to_owned(), want.shown())).collect())
        .collect();
    let like = |(parts, partner): (&Parts, &Partner)| match partner {
        Partner::Fits(at) => shown[*at].clone(),
        Partner::Stands(at) => beside(&wanted[*at], parts),
        Partner::Nobody => whole(parts),
    };
    let came: Vec<Parts> = came.iter().zip(&partners).map(like).collect();
    (json!(shown), json!(came))
}

/// The one of those expected that something stands beside.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Partner {
    /// It is as expected.
    Fits(usize),
    /// It came in this one's place.
    Stands(usize),
    Nobody,
}

/// Finds the most that fit, in order, and sets those between beside each other.
fn partners(wanted: &[Wants], came: &[Parts]) -> Vec<Partner> {
    let fits =
        |w: usize, c: usize| wanted[w].iter().all(|(part, want)| want.fits(came[c].get(*part)));
    // The most that fit from here to the end.
    let mut most = vec![vec![0_usize; came.len() + 1]; wanted.len() + 1];
    for w in (0..wanted.len()).rev() {
        for c in (0..came.len()).rev() {
            most[w][c] = match fits(w, c) {
                true => most[w + 1][c + 1] + 1,
                false => most[w + 1][c].max(most[w][c + 1]),
            };
        }
    }
    let mut partners = vec![Partner::Nobody; came.len()];
    let (mut w, mut c) = (0, 0);
    while w < wanted.len() && c < came.len() {
        if fits(w, c) {
            partners[c] = Partner::Fits(w);
            (w, c) = (w + 1, c + 1);
        } else if most[w + 1][c + 1] == most[w][c] {
            partners[c] = Partner::Stands(w);
            (w, c) = (w + 1, c + 1);
        } else if most[w + 1][c] >= most[w][c + 1] {
            w += 1;
        } else {
            c += 1;
        }
    }
    partners
}

/// The parts of which the case speaks; one that holds what it is to hold is shown as the case has it.
fn beside(wants: &Wants, parts: &Parts) -> Parts {
    let one = |(part, want): &(&'static str, Want)| {
        let came = parts.get(*part)?;
        let shown = if want.fits(Some(came)) { want.shown() } else { came.clone() };
        Some(((*part).to_owned(), shown))
    };
    wants.iter().filter_map(one).collect()
}

/// All there is to say, but nothing twice: columns are asked for as text too.
fn whole(parts: &Parts) -> Parts {
    let mut parts = parts.clone();
    if parts.contains_key("columns") {
        parts.remove("asked");
    }
    parts
}

fn diff(wanted: &Value, came: &Value) -> String {
    let text = |value: &Value| serde_json::to_string_pretty(value).unwrap_or_default() + "\n";
    let (wanted, came) = (text(wanted), text(came));
    let diff = TextDiff::from_lines(&wanted, &came);
    let line = |change: similar::Change<&str>| {
        let sign = match change.tag() {
            ChangeTag::Delete => '-',
            ChangeTag::Insert => '+',
            ChangeTag::Equal => ' ',
        };
        format!("{sign} {}", change.value())
    };
    let groups = diff.grouped_ops(AROUND);
    let group = |ops: &Vec<similar::DiffOp>| {
        ops.iter().flat_map(|op| diff.iter_changes(op)).map(line).collect::<String>()
    };
    let groups: Vec<String> = groups.iter().map(group).collect();
    groups.join("  …\n").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_is_shown_line_by_line() {
        assert_eq!(
            diff(&json!({"a": 1, "b": 2}), &json!({"a": 1, "b": 3})),
            "  {\n    \"a\": 1,\n-   \"b\": 2\n+   \"b\": 3\n  }"
        );
    }

    #[test]
    fn what_is_alike_is_left_out_where_it_is_far_from_what_is_not() {
        let list = |first: u32, last: u32| {
            let mut list: Vec<u32> = (10..30).collect();
            (list[0], list[19]) = (first, last);
            json!(list)
        };
        assert_eq!(
            diff(&list(1, 2), &list(3, 4)),
            "  [\n-   1,\n+   3,\n    11,\n    12,\n    13,\n  …\n    26,\n    27,\n    28,\n-   2\n+   4\n  ]"
        );
    }

    fn is(part: &'static str, text: &str) -> (&'static str, Want) {
        (part, Want::Is(json!(text)))
    }

    fn parts(value: Value) -> Parts {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn what_the_case_does_not_speak_of_is_left_out_of_both_sides() {
        let wanted = vec![vec![is("call", "query"), ("asked", Want::Holds("a eq".into()))]];
        let came = parts(json!({"call": "query", "table": "t", "asked": "$filter=a eq 1"}));
        let (wanted, came) = sides(&wanted, &[came]);
        assert_eq!(wanted, came);
    }

    #[test]
    fn one_too_many_in_the_middle_does_not_make_the_others_differ() {
        let wanted = vec![vec![is("call", "query")], vec![is("call", "create")]];
        let came =
            ["query", "update", "create"].map(|call| parts(json!({"call": call, "table": "t"})));
        let (wanted, came) = sides(&wanted, &came);
        assert_eq!(wanted, json!([{"call": "query"}, {"call": "create"}]));
        assert_eq!(
            came,
            json!([{"call": "query"}, {"call": "update", "table": "t"}, {"call": "create"}])
        );
    }

    #[test]
    fn what_stands_in_the_place_of_another_is_shown_in_the_same_parts() {
        let wanted = vec![vec![is("call", "query"), is("table", "contacts")]];
        let came = parts(json!({"call": "query", "table": "leads", "asked": "x"}));
        let (_, came) = sides(&wanted, &[came]);
        assert_eq!(came, json!([{"call": "query", "table": "leads"}]));
    }
}
