//! Every notation in which people store a phone number, the likeliest first.
//!
//! All of them are made from four things: country code, trunk prefix, area, and the groups of the rest as
//! libphonenumber writes them. Somebody's own grouping (`12 34 56`) is not among them; that would need a column of
//! digits alone, which Dynamics 365 does not have.

use phonenumber::Mode;
use phonenumber::metadata::DATABASE;

use super::{Known, PhoneNumber, written};

/// The notations of a number, each once, the likeliest first.
pub fn notations(number: &PhoneNumber) -> Vec<String> {
    let mut all = match &number.0 {
        Known::Whole(number) => of_whole(number),
        Known::Digits(digits) => vec![digits.clone(), format!("+{digits}")],
    };
    let mut seen = std::collections::HashSet::new();
    all.retain(|notation| !notation.is_empty() && seen.insert(notation.clone()));
    all
}

fn of_whole(number: &phonenumber::PhoneNumber) -> Vec<String> {
    let parts = Parts::of(number);
    let mut all = vec![
        format!("+{}{}", parts.code, parts.digits()),
        written(number, Mode::National),
        written(number, Mode::International),
        parts.digits(),
        format!("{}{}", parts.code, parts.digits()),
    ];
    all.extend(parts.national());
    all.extend(parts.international());
    let rfc3966 = written(number, Mode::Rfc3966);
    all.push(format!("tel:{}", rfc3966.trim_start_matches("tel:")));
    all.push(format!("tel:+{}{}", parts.code, parts.digits()));
    all.push(format!("00{}{}", parts.code, parts.digits()));
    all.push(format!("00 {} {}", parts.code, parts.groups.join(" ")));
    all
}

/// What a number is made of.
struct Parts {
    /// Country code.
    code: u16,
    /// What is dialled before the area within the country; empty where there is nothing.
    trunks: Vec<String>,
    /// Area first; never empty.
    groups: Vec<String>,
}

impl Parts {
    fn of(number: &phonenumber::PhoneNumber) -> Self {
        let code = number.code().value();
        let international = written(number, Mode::International);
        let rest = international.trim_start_matches('+').trim_start_matches(&code.to_string());
        let groups: Vec<String> = rest
            .split(|c: char| !c.is_ascii_digit())
            .filter(|group| !group.is_empty())
            .map(str::to_owned)
            .collect();
        let national = written(number, Mode::National);
        let national: String = national.chars().filter(char::is_ascii_digit).collect();
        let shown = national.strip_suffix(&groups.concat()).unwrap_or("").to_owned();
        let mut trunks = vec![shown];
        // Some plans have a prefix that is dialled and not printed. Where it is the country code (1 in North America)
        // the international notations without `+` cover it.
        let dialled = number
            .country()
            .id()
            .and_then(|id| DATABASE.by_id(id.as_ref()))
            .and_then(|metadata| metadata.national_prefix())
            .filter(|prefix| *prefix != code.to_string());
        trunks.extend([String::new()]);
        trunks.extend(dialled.map(str::to_owned));
        trunks.dedup();
        Self { code, trunks, groups }
    }

    fn digits(&self) -> String {
        self.groups.concat()
    }

    /// Area and the rest, joined in the usual ways; `trunk` is put before the area.
    fn joined(&self, trunk: &str) -> Vec<String> {
        let (area, rest) = match self.groups.split_first() {
            Some((area, rest)) => (format!("{trunk}{area}"), rest),
            None => return Vec::new(),
        };
        if rest.is_empty() {
            return vec![area];
        }
        let tight = rest.concat();
        let mut all: Vec<String> =
            ["-", " ", ".", ""].iter().map(|mark| [&area, &*rest.join(mark)].join(mark)).collect();
        all.push(format!("({area}) {}", rest.join("-")));
        all.push(format!("({area}) {}", rest.join(" ")));
        all.push(format!("({area}) {tight}"));
        all.push(format!("({area}){}", rest.join("-")));
        all.push(format!("{area} {tight}"));
        all.push(format!("{area} {}", rest.join("-")));
        all.push(format!("{area}/{tight}"));
        all.push(format!("{area}-{tight}"));
        all.push(format!("{area}-{}", rest.join(" ")));
        all
    }

    fn national(&self) -> Vec<String> {
        self.trunks.iter().flat_map(|trunk| self.joined(trunk)).collect()
    }

    fn international(&self) -> Vec<String> {
        let code = self.code;
        let mut all = Vec::new();
        for local in self.joined("") {
            all.push(format!("+{code} {local}"));
            all.push(format!("+{code}-{local}"));
            all.push(format!("{code} {local}"));
            all.push(format!("{code}-{local}"));
        }
        for mark in ["-", ".", " "] {
            all.push(format!("+{code}{mark}{}", self.groups.join(mark)));
            all.push(format!("{code}{mark}{}", self.groups.join(mark)));
        }
        if let (Some(trunk), Some((area, rest))) =
            (self.trunks.iter().find(|trunk| !trunk.is_empty()), self.groups.split_first())
        {
            all.push(format!("+{code} ({trunk}){area} {}", rest.join(" ")));
            all.push(format!("+{code} ({trunk}) {area} {}", rest.join(" ")));
            all.push(format!("+{code} ({trunk}){area}{}", rest.concat()));
            all.push(format!("+{code}({trunk}){area}{}", rest.concat()));
        }
        all.push(format!("00{code} {}", self.groups.join(" ")));
        all
    }
}
