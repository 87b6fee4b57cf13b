//! Reads a time by a pattern.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{Offset, TimeZone};

use super::{DAYS, MONTHS};

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
pub(super) struct Reader<'a> {
    rest: &'a str,
    parts: Parts,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { rest: text, parts: Parts::default() }
    }

    /// What was read, as seconds since 1970; nothing may be left.
    pub(super) fn end(self, zone: &TimeZone) -> Result<i64, String> {
        match self.rest {
            "" => self.parts.seconds(zone),
            rest => Err(format!("`{}` is left over", shown(rest))),
        }
    }

    pub(super) fn literal(&mut self, literal: &str) -> Result<(), String> {
        let rest = self.rest.strip_prefix(literal);
        self.rest = rest.ok_or_else(|| self.wanted(&format!("`{literal}`")))?;
        Ok(())
    }

    fn wanted(&self, what: &str) -> String {
        format!("{what} is wanted where `{}` stands", shown(self.rest))
    }

    pub(super) fn field(
        &mut self,
        letter: char,
        count: usize,
        adjacent: bool,
    ) -> Result<(), String> {
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
