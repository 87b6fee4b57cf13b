//! Patterns of dates and times in the letters of ICU (Unicode TR 35, "Date Format Patterns"), as `yyyy-MM-dd HH:mm`.
//!
//! Names are English. Letters whose meaning depends on a country's calendar are not known.

mod read;

use jiff::Zoned;
use jiff::tz::{Offset, TimeZone};

use self::read::Reader;

/// Letters with what they stand for.
const LETTERS: &str = "yMLdDEaHhKkmsSzZXxV";

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: [&str; 7] =
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// A pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DatePattern(Vec<Piece>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Literal(String),
    /// A letter and how often it stands there.
    Field(char, usize),
}

impl DatePattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// A sentence saying what is wrong with it, with the character within the pattern.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let chars: Vec<char> = text.chars().collect();
        let (mut pieces, mut at) = (Vec::new(), 0);
        while at < chars.len() {
            let c = chars[at];
            let run = chars[at..].iter().take_while(|other| **other == c).count();
            if c == '\'' {
                let (literal, length) = quoted(&chars[at..])
                    .ok_or_else(|| fault(at, "the text that ' begins is not closed"))?;
                push_literal(&mut pieces, &literal);
                at += length;
            } else if c.is_ascii_alphabetic() {
                if !LETTERS.contains(c) || run > longest(c) {
                    let written: String = chars[at..at + run].iter().collect();
                    let problem =
                        format!("`{written}` is no part of a date; text stands between '…'");
                    return Err(fault(at, &problem));
                }
                pieces.push(Piece::Field(c, run));
                at += run;
            } else {
                push_literal(&mut pieces, &c.to_string());
                at += 1;
            }
        }
        Ok(Self(pieces))
    }

    /// Writes a time.
    pub(super) fn format(&self, time: &Zoned) -> String {
        let mut out = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Literal(text) => out.push_str(text),
                Piece::Field(letter, count) => out.push_str(&field(*letter, *count, time)),
            }
        }
        out
    }

    /// Reads a time, as seconds since 1970. What says nothing of a zone is of `zone`.
    pub(super) fn parse_text(&self, text: &str, zone: &TimeZone) -> Result<i64, String> {
        let mut reader = Reader::new(text);
        for (index, piece) in self.0.iter().enumerate() {
            match piece {
                Piece::Literal(literal) => reader.literal(literal)?,
                Piece::Field(letter, count) => {
                    let next = self.0.get(index + 1);
                    let adjacent = matches!(next, Some(Piece::Field(c, n)) if is_number(*c, *n));
                    reader.field(*letter, *count, adjacent)?;
                }
            }
        }
        reader.end(zone)
    }
}

fn fault(at: usize, problem: &str) -> String {
    format!("{problem} (character {} of the pattern)", at + 1)
}

/// How often a letter may stand in a row.
fn longest(letter: char) -> usize {
    match letter {
        'y' => 9,
        'S' => 9,
        'M' | 'L' | 'E' | 'z' => 4,
        'Z' | 'X' | 'x' => {
            if letter == 'Z' {
                5
            } else {
                3
            }
        }
        'D' => 3,
        'a' => 1,
        _ => 2,
    }
}

/// Whether it is written in digits.
fn is_number(letter: char, count: usize) -> bool {
    match letter {
        'M' | 'L' => count <= 2,
        _ => "ydDHhKkmsS".contains(letter),
    }
}

/// Text between apostrophes, two of which stand for one, and its length with them.
fn quoted(chars: &[char]) -> Option<(String, usize)> {
    if chars.get(1) == Some(&'\'') {
        return Some(("'".into(), 2));
    }
    let (mut text, mut at) = (String::new(), 1);
    loop {
        match (chars.get(at)?, chars.get(at + 1)) {
            ('\'', Some('\'')) => {
                text.push('\'');
                at += 2;
            }
            ('\'', _) => return Some((text, at + 1)),
            (c, _) => {
                text.push(*c);
                at += 1;
            }
        }
    }
}

fn push_literal(pieces: &mut Vec<Piece>, text: &str) {
    match pieces.last_mut() {
        Some(Piece::Literal(before)) => before.push_str(text),
        _ => pieces.push(Piece::Literal(text.to_owned())),
    }
}

fn field(letter: char, count: usize, time: &Zoned) -> String {
    let padded = |number: i64| format!("{number:0count$}");
    let hour = i64::from(time.hour());
    match letter {
        'y' if count == 2 => format!("{:02}", time.year().rem_euclid(100)),
        'y' => padded(time.year().into()),
        'M' | 'L' => match count {
            1 | 2 => padded(time.month().into()),
            _ => name(&MONTHS, time.month() - 1, count),
        },
        'd' => padded(time.day().into()),
        'D' => padded(time.day_of_year().into()),
        'E' => name(&DAYS, time.weekday().to_monday_zero_offset(), count),
        'a' => if hour < 12 { "AM" } else { "PM" }.to_owned(),
        'H' => padded(hour),
        'h' => padded((hour + 11) % 12 + 1),
        'K' => padded(hour % 12),
        'k' => padded((hour + 23) % 24 + 1),
        'm' => padded(time.minute().into()),
        's' => padded(time.second().into()),
        'S' => format!("{:09}", time.subsec_nanosecond())[..count].to_owned(),
        'V' => time.time_zone().iana_name().unwrap_or("UTC").to_owned(),
        'z' => time.strftime("%Z").to_string(),
        _ => offset(letter, count, time.offset()),
    }
}

fn name(names: &[&str], index: i8, count: usize) -> String {
    let name = usize::try_from(index).ok().and_then(|index| names.get(index));
    let name = name.copied().unwrap_or_default();
    if count < 4 { name[..3.min(name.len())].to_owned() } else { name.to_owned() }
}

fn offset(letter: char, count: usize, offset: Offset) -> String {
    let seconds = offset.seconds();
    let sign = if seconds < 0 { '-' } else { '+' };
    let (hours, minutes) = (seconds.abs() / 3_600, seconds.abs() / 60 % 60);
    match (letter, count) {
        ('X', _) | ('Z', 5) if seconds == 0 => "Z".to_owned(),
        ('X' | 'x', 1) if minutes == 0 => format!("{sign}{hours:02}"),
        ('X' | 'x', 3) | ('Z', 5) => format!("{sign}{hours:02}:{minutes:02}"),
        ('Z', 4) if seconds == 0 => "GMT".to_owned(),
        ('Z', 4) => format!("GMT{sign}{hours:02}:{minutes:02}"),
        _ => format!("{sign}{hours:02}{minutes:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;
    use proptest::prelude::*;

    fn formatted(pattern: &str, seconds: i64, zone: &str) -> String {
        let time = Timestamp::from_second(seconds).unwrap();
        let zoned = Zoned::new(time, TimeZone::get(zone).unwrap());
        DatePattern::parse(pattern).unwrap().format(&zoned)
    }

    fn parsed(pattern: &str, text: &str) -> Result<i64, String> {
        DatePattern::parse(pattern).unwrap().parse_text(text, &TimeZone::UTC)
    }

    // 2021-01-01 is a Friday.
    const NEW_YEAR: i64 = 1_609_459_200;

    #[test]
    fn writes_what_icu_writes() {
        for (pattern, expected) in [
            ("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", "2021-01-01T00:00:00.000Z"),
            ("EEEE, d MMMM y", "Friday, 1 January 2021"),
            ("EEE d MMM yy", "Fri 1 Jan 21"),
            ("h:mm a", "12:00 AM"),
            ("K 'o''clock'", "0 o'clock"),
            ("kk:mm ''", "24:00 '"),
            ("D XXX x Z ZZZZ", "1 Z +00 +0000 GMT"),
        ] {
            assert_eq!(formatted(pattern, NEW_YEAR, "UTC"), expected, "{pattern}");
        }
        let berlin = formatted("dd.MM.yyyy HH:mm z VV XXX", 1_625_097_600, "Europe/Berlin");
        assert_eq!(berlin, "01.07.2021 02:00 CEST Europe/Berlin +02:00");
    }

    #[test]
    fn reads_what_it_writes() {
        assert_eq!(parsed("yyyy-MM-dd'T'HH:mm:ssX", "2021-01-01T01:00:00+01"), Ok(NEW_YEAR));
        assert_eq!(parsed("yyyyMMdd", "20210101"), Ok(NEW_YEAR));
        assert_eq!(parsed("d. MMMM yyyy h:mm a", "1. january 2021 12:00 am"), Ok(NEW_YEAR));
        assert_eq!(parsed("yyyy-MM-dd z", "2021-01-01 GMT"), Ok(NEW_YEAR));
        assert_eq!(parsed("yyyy D", "2021 1"), Ok(NEW_YEAR));
        for (pattern, text) in [
            ("yyyy-MM-dd", "2021-02-30"),
            ("yyyy-MM-dd", "2021-13-01"),
            ("yyyy-MM-dd", "2021-01-01x"),
            ("yyyy-MM-dd", "é"),
            ("HH", "25"),
            ("VV", "Nowhere"),
            ("X", "+99"),
        ] {
            assert!(parsed(pattern, text).is_err(), "{pattern} {text}");
        }
    }

    #[test]
    fn faults_have_a_place() {
        let error = DatePattern::parse("yyyy-QQ").unwrap_err();
        assert!(error.contains("`QQ`") && error.contains("character 6"), "{error}");
        assert!(DatePattern::parse("yyyy 'at").unwrap_err().contains("character 6"));
    }

    proptest! {
        #[test]
        fn no_pattern_and_no_text_panics(
            pattern in "([yMLdDEaHhKkmsSzZXxV' :é-]|\\PC){0,12}", text in "([0-9A-Za-z:+-]|\\PC){0,12}",
            seconds in -300_000_000_000_i64..250_000_000_000,
        ) {
            if let Ok(pattern) = DatePattern::parse(&pattern) {
                let time = Timestamp::from_second(seconds).unwrap();
                let written = pattern.format(&Zoned::new(time, TimeZone::UTC));
                let _ = pattern.parse_text(&written, &TimeZone::UTC);
                let _ = pattern.parse_text(&text, &TimeZone::UTC);
            }
        }

        #[test]
        fn a_time_comes_back(seconds in 0_i64..250_000_000_000) {
            let pattern = "yyyy-MM-dd HH:mm:ss XXX";
            prop_assert_eq!(parsed(pattern, &formatted(pattern, seconds, "UTC")), Ok(seconds));
        }
    }
}
