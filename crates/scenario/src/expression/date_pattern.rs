//! Patterns of dates and times in the letters of ICU (Unicode TR 35, "Date Format Patterns"), as `yyyy-MM-dd HH:mm`.
//!
//! Names are English. Letters whose meaning depends on a country's calendar are not known.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, Zoned};

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
        let mut reader = Reader { rest: text, parts: Parts::default() };
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
        match reader.rest {
            "" => reader.parts.seconds(zone),
            rest => Err(format!("`{}` is left over", shown(rest))),
        }
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

/// What was read of a time.
#[derive(Default)]
struct Parts {
    year: Option<i64>,
    month: Option<i64>,
    day: Option<i64>,
    day_of_year: Option<i64>,
    hour: i64,
    /// 0 or 12, where the hour is one of twelve.
    half: Option<i64>,
    minute: i64,
    second: i64,
    zone: Option<TimeZone>,
}

impl Parts {
    fn seconds(self, zone: &TimeZone) -> Result<i64, String> {
        let none = || "the text is no date that there is".to_owned();
        let small = |number: i64| i8::try_from(number).map_err(|_| none());
        let year = i16::try_from(self.year.unwrap_or(1970)).map_err(|_| none())?;
        let (month, day) = (self.month.unwrap_or(1), self.day.unwrap_or(1));
        let mut date = Date::new(year, small(month)?, small(day)?).map_err(|_| none())?;
        if let Some(day) = self.day_of_year {
            let day = i16::try_from(day).map_err(|_| none())?;
            date = date.with().day_of_year(day).build().map_err(|_| none())?;
        }
        let hour = match self.half {
            Some(half) => self.hour % 12 + half,
            None => self.hour % 24,
        };
        let time = Time::new(small(hour)?, small(self.minute)?, small(self.second)?, 0);
        let time = DateTime::from_parts(date, time.map_err(|_| none())?);
        let zoned = time.to_zoned(self.zone.unwrap_or_else(|| zone.clone()));
        let time: Timestamp = zoned.map_err(|_| none())?.timestamp();
        Ok(time.as_second())
    }
}

/// Reads text piece by piece.
struct Reader<'a> {
    rest: &'a str,
    parts: Parts,
}

impl Reader<'_> {
    fn literal(&mut self, literal: &str) -> Result<(), String> {
        let rest = self.rest.strip_prefix(literal);
        self.rest = rest.ok_or_else(|| self.wanted(&format!("`{literal}`")))?;
        Ok(())
    }

    fn wanted(&self, what: &str) -> String {
        format!("{what} is wanted where `{}` stands", shown(self.rest))
    }

    fn field(&mut self, letter: char, count: usize, adjacent: bool) -> Result<(), String> {
        match letter {
            'M' | 'L' if count > 2 => self.parts.month = Some(self.named(&MONTHS)? + 1),
            'E' => drop(self.named(&DAYS)?),
            'a' => self.parts.half = Some(self.named(&["AM", "PM"])? * 12),
            'z' | 'V' => self.parts.zone = Some(self.zone()?),
            'Z' | 'X' | 'x' => self.parts.zone = Some(TimeZone::fixed(self.offset()?)),
            _ => {
                let most = if adjacent { count } else { 9 };
                let (number, digits) = self.number(most)?;
                self.keep(letter, count, number, digits)?;
            }
        }
        Ok(())
    }

    fn keep(
        &mut self,
        letter: char,
        count: usize,
        number: i64,
        digits: usize,
    ) -> Result<(), String> {
        let parts = &mut self.parts;
        let within = |range: std::ops::RangeInclusive<i64>| match range.contains(&number) {
            true => Ok(number),
            false => Err(format!("{number} is no `{letter}` of a date")),
        };
        match letter {
            // As the two digits of a year are read most often: from 1970 to 2069.
            'y' if count == 2 && digits == 2 => {
                parts.year = Some(if number < 70 { 2000 + number } else { 1900 + number });
            }
            'y' => parts.year = Some(number),
            'M' | 'L' => parts.month = Some(within(1..=12)?),
            'd' => parts.day = Some(within(1..=31)?),
            'D' => parts.day_of_year = Some(within(1..=366)?),
            'H' => parts.hour = within(0..=23)?,
            'k' => parts.hour = within(1..=24)?,
            'K' => (parts.hour, parts.half) = (within(0..=11)?, parts.half.or(Some(0))),
            'h' => (parts.hour, parts.half) = (within(1..=12)?, parts.half.or(Some(0))),
            'm' => parts.minute = within(0..=59)?,
            's' => parts.second = within(0..=59)?,
            // Parts of a second are read over.
            _ => {}
        }
        Ok(())
    }

    fn number(&mut self, most: usize) -> Result<(i64, usize), String> {
        let digits = self.rest.bytes().take(most).take_while(u8::is_ascii_digit).count();
        let number = self.rest[..digits].parse().map_err(|_| self.wanted("a number"))?;
        self.rest = &self.rest[digits..];
        Ok((number, digits))
    }

    /// The index of the name that stands next, whole or by its first three letters.
    fn named(&mut self, names: &[&str]) -> Result<i64, String> {
        let begins = |name: &str| {
            self.rest.get(..name.len()).is_some_and(|text| text.eq_ignore_ascii_case(name))
        };
        for (index, name) in (0_i64..).zip(names) {
            for form in [name, &name[..3.min(name.len())]] {
                if begins(form) {
                    self.rest = &self.rest[form.len()..];
                    return Ok(index);
                }
            }
        }
        Err(self.wanted(&format!("one of {}", names.join(", "))))
    }

    fn zone(&mut self) -> Result<TimeZone, String> {
        let fits = |c: char| c.is_ascii_alphanumeric() || "/_+-".contains(c);
        let length = self.rest.find(|c| !fits(c)).unwrap_or(self.rest.len());
        let name = &self.rest[..length];
        let zone = match name {
            "Z" | "GMT" => TimeZone::UTC,
            name => {
                TimeZone::get(name).map_err(|_| format!("`{}` is no time zone", shown(name)))?
            }
        };
        self.rest = &self.rest[length..];
        Ok(zone)
    }

    fn offset(&mut self) -> Result<Offset, String> {
        self.rest = self.rest.strip_prefix("GMT").unwrap_or(self.rest);
        if let Some(rest) = self.rest.strip_prefix('Z') {
            self.rest = rest;
            return Ok(Offset::UTC);
        }
        let sign = match self.rest.chars().next() {
            Some('+') => 1,
            Some('-') => -1,
            _ => return Err(self.wanted("an offset such as +01:00")),
        };
        self.rest = &self.rest[1..];
        let (hours, _) = self.number(2)?;
        self.rest = self.rest.strip_prefix(':').unwrap_or(self.rest);
        let minutes =
            if self.rest.starts_with(|c: char| c.is_ascii_digit()) { self.number(2)?.0 } else { 0 };
        let seconds = i32::try_from(sign * (hours * 3_600 + minutes * 60)).unwrap_or(i32::MAX);
        Offset::from_seconds(seconds).map_err(|_| "there is no such offset from UTC".to_owned())
    }
}

/// As much of a text as a message holds.
fn shown(text: &str) -> String {
    text.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
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
