//! Phone numbers: read in any notation that a call brings, and written in every notation in which people store them.
//!
//! What a number is, Google's libphonenumber knows, in its Rust port `phonenumber` with the metadata embedded. What it
//! cannot place (an extension, a number of a region that nobody named) is not given up: its digits are searched for as
//! they are.

mod find;
mod notations;
mod text;

pub use find::{PhoneMatch, PhoneSearch};
pub use notations::notations;

use phonenumber::metadata::DATABASE;
use phonenumber::{Metadata, country, is_valid};

/// A phone number, as far as it could be read.
#[derive(Debug, Clone)]
pub struct PhoneNumber(Known);

#[derive(Debug, Clone)]
enum Known {
    /// A number of the world's numbering plan.
    Whole(phonenumber::PhoneNumber),
    /// Digits of which no more is known.
    Digits(String),
}

/// Longest text that is looked at; a number has at most 15 digits (ITU-T E.164), and a SIP address few words more.
const MOST_BYTES: usize = 256;
/// Longest run of digits that can be a number, an international prefix included.
const MOST_DIGITS: usize = 20;

impl PhoneNumber {
    /// Reads a number in any notation: `tel:` and `sip:` addresses, E.164 with `+`, `00` or neither, and the national
    /// notation of `region` (ISO 3166-1, such as `US`). None where there is no number in the text: it is empty or a word
    /// such as `anonymous`, spelled out or in the digits of a keypad.
    pub fn parse(text: &str, region: Option<&str>) -> Option<Self> {
        let number = text::number_in(text.get(..MOST_BYTES).unwrap_or(text));
        let digits: String = number.chars().filter(char::is_ascii_digit).collect();
        if digits.len() > MOST_DIGITS || text::is_withheld(&digits) {
            return None;
        }
        let home = region.and_then(|region| region.trim().to_uppercase().parse().ok());
        let home = |reading: &Reading| home.filter(|_| reading.is_national);
        let readings = || readings(&number, &digits);
        let known = readings().find_map(|one| read(&one.text, home(&one), is_valid));
        let whole = known.or_else(|| {
            // Any digits are some country's once a `+` is put before them, and some region's without.
            let mut abroad = readings().filter(|one| !one.is_guessed && one.text.starts_with('+'));
            abroad.find_map(|one| read(&one.text, None, is_plausible))
        });
        Some(Self(whole.map_or(Known::Digits(digits), Known::Whole)))
    }

    /// The number in E.164, such as `+13175550125`; none where its country is not known.
    pub fn e164(&self) -> Option<String> {
        match &self.0 {
            Known::Whole(number) => Some(written(number, phonenumber::Mode::E164)),
            Known::Digits(_) => None,
        }
    }
}

/// A text as which a number may be meant.
struct Reading {
    text: String,
    is_national: bool,
    is_guessed: bool,
}

/// As it stands, then as the number after an international prefix, then as one whose `+` was lost on the way.
fn readings(number: &str, digits: &str) -> impl Iterator<Item = Reading> + use<> {
    let abroad = |digits: &str, is_guessed| Reading {
        text: format!("+{digits}"),
        is_national: false,
        is_guessed,
    };
    let written = Reading { text: number.to_owned(), is_national: true, is_guessed: false };
    let dialled = digits.strip_prefix("00").map(|rest| abroad(rest, false));
    let bare = (!number.starts_with('+')).then(|| abroad(digits, true));
    [Some(written), dialled, bare].into_iter().flatten()
}

/// A number of the numbering plan; none where the text is no such number.
fn read(
    text: &str,
    region: Option<country::Id>,
    fits: impl Fn(&phonenumber::PhoneNumber) -> bool,
) -> Option<phonenumber::PhoneNumber> {
    phonenumber::parse(region, text).ok().filter(fits)
}

/// Whether a number that the plan does not know is as long as its numbers are: plans get new areas, and those that know
/// them come later.
fn is_plausible(number: &phonenumber::PhoneNumber) -> bool {
    let length = number.national().to_string().len();
    let plans = DATABASE.by_code(&number.code().value()).unwrap_or_default();
    let has = |plan: &&Metadata| {
        let kinds = [plan.descriptors().fixed_line(), plan.descriptors().mobile()];
        let mut lengths = kinds.into_iter().flatten().flat_map(|kind| kind.possible_length());
        lengths.any(|possible| usize::from(*possible) == length)
    };
    plans.iter().any(has)
}

/// A number without its extension: people store the number that is dialled.
fn written(number: &phonenumber::PhoneNumber, mode: phonenumber::Mode) -> String {
    let text = number.format().mode(mode).to_string();
    match text.find([';', 'e', 'x']).filter(|_| number.extension().is_some()) {
        Some(end) => text[..end].trim_end().to_owned(),
        None => text,
    }
}

#[cfg(test)]
mod tests;
