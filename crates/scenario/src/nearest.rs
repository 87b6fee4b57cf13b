//! The name that was probably meant.

/// The one of `known` that is at most a third of its letters away from `name`.
pub(crate) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted: Vec<char> = name.to_lowercase().chars().take(LONGEST).collect();
    let most = (wanted.len() / 3).max(1);
    let far = known.into_iter().map(|known| (distance(&wanted, known), known));
    far.filter(|(far, _)| *far <= most).min_by_key(|(far, _)| *far).map(|(_, known)| known)
}

/// Longer names are compared by their beginning.
const LONGEST: usize = 64;

/// How many letters must be added, dropped, replaced or exchanged with the next (optimal string alignment), in whatever
/// case.
fn distance(wanted: &[char], known: &str) -> usize {
    let known: Vec<char> = known.to_lowercase().chars().take(LONGEST).collect();
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=known.len()).collect();
    for i in 0..wanted.len() {
        let mut next = vec![i + 1];
        for j in 0..known.len() {
            let replaced = row[j] + usize::from(wanted[i] != known[j]);
            let mut least = replaced.min(row[j + 1] + 1).min(next[j] + 1);
            if i > 0 && j > 0 && wanted[i] == known[j - 1] && wanted[i - 1] == known[j] {
                least = least.min(before[j - 1] + 1);
            }
            next.push(least);
        }
        before = std::mem::replace(&mut row, next);
    }
    row[known.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_near_and_another_name_is_not() {
        let known = ["Caller", "case_id", "subject"];
        assert_eq!(nearest("Calller", known), Some("Caller"));
        assert_eq!(nearest("caller", known), Some("Caller"));
        assert_eq!(nearest("caseid", known), Some("case_id"));
        assert_eq!(nearest("titel", ["title"]), Some("title"));
        assert_eq!(nearest("queue", known), None);
        assert_eq!(nearest("", known), None);
    }
}
