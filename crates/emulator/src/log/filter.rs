//! Which entries of the log somebody wants to see.

use super::LogEntry;
use crate::members::Misread;

/// What an entry has to be like; what is not asked for does not matter.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter {
    pub(crate) path: String,
    pub(crate) method: String,
    pub(crate) status: String,
    pub(crate) text: String,
    pub(crate) since: String,
    wanted_status: Option<Status>,
    from: Option<Since>,
    before: Option<u64>,
}

#[derive(Debug, Clone, Copy)]
enum Status {
    Cut,
    Class(u16),
    Exact(u16),
}

#[derive(Debug, Clone, Copy)]
enum Since {
    Number(u64),
    Time(jiff::Timestamp),
}

impl Filter {
    /// Reads the options of a query; empty ones, as a form sends them, are not there.
    pub(crate) fn parse(query: &str) -> Result<Self, Misread> {
        let mut filter = Self::default();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            let value = value.trim();
            if !value.is_empty() {
                filter.take(&name, value)?;
            }
        }
        Ok(filter)
    }

    fn take(&mut self, name: &str, value: &str) -> Result<(), Misread> {
        match name {
            "path" => value.clone_into(&mut self.path),
            "text" => value.clone_into(&mut self.text),
            "method" => self.method = value.to_ascii_uppercase(),
            "status" => {
                value.clone_into(&mut self.status);
                self.wanted_status = Some(status(value)?);
            }
            "since" => {
                value.clone_into(&mut self.since);
                self.from = Some(since(value)?);
            }
            "before" => {
                let number = value.parse();
                self.before =
                    Some(number.map_err(|_| Misread::at("before", "a number is needed"))?);
            }
            _ => return Err(Misread::at(name, "there is no such filter")),
        }
        Ok(())
    }

    pub(crate) fn takes(&self, entry: &LogEntry) -> bool {
        self.before.is_none_or(|before| entry.n < before)
            && self.from.is_none_or(|since| since.reached_by(entry))
            && self.wanted_status.is_none_or(|status| status.is_of(entry.status))
            && (self.method.is_empty() || self.method == entry.method)
            && holds(&entry.path, &self.path)
            && self.text_is_in(entry)
    }

    fn text_is_in(&self, entry: &LogEntry) -> bool {
        let values = |pairs: &[(String, String)]| {
            pairs.iter().any(|(name, value)| holds(name, &self.text) || holds(value, &self.text))
        };
        self.text.is_empty()
            || [&entry.url, &entry.query, &entry.request_body, &entry.response_body]
                .into_iter()
                .chain(entry.who.as_ref())
                .chain(entry.fault.as_ref())
                .any(|text| holds(text, &self.text))
            || values(&entry.request_headers)
            || values(&entry.response_headers)
    }
}

/// Whether `text` holds `part`, in small or capital letters.
fn holds(text: &str, part: &str) -> bool {
    part.is_empty() || text.contains(part) || text.to_lowercase().contains(&part.to_lowercase())
}

fn status(value: &str) -> Result<Status, Misread> {
    let wrong = || Misread::at("status", "a status such as 404, a class such as 4xx, or cut");
    match value.strip_suffix("xx") {
        _ if value == "cut" => Ok(Status::Cut),
        Some(class) => match class.parse() {
            Ok(class @ 1..=5) => Ok(Status::Class(class)),
            _ => Err(wrong()),
        },
        None => value.parse().map(Status::Exact).map_err(|_| wrong()),
    }
}

fn since(value: &str) -> Result<Since, Misread> {
    if let Ok(number) = value.parse() {
        return Ok(Since::Number(number));
    }
    let reason = "a time such as 2026-01-31T10:00:00Z, or the number of an entry, is needed";
    value.parse().map(Since::Time).map_err(|_| Misread::at("since", reason))
}

impl Status {
    fn is_of(self, status: u16) -> bool {
        match self {
            Self::Cut => status == 0,
            Self::Class(class) => status / 100 == class,
            Self::Exact(exact) => status == exact,
        }
    }
}

impl Since {
    /// From that time on; behind that entry.
    fn reached_by(self, entry: &LogEntry) -> bool {
        match self {
            Self::Number(number) => entry.n > number,
            Self::Time(time) => entry.time.parse::<jiff::Timestamp>().is_ok_and(|at| at >= time),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> LogEntry {
        LogEntry {
            n: 7,
            time: "2026-01-31T10:00:00.5Z".into(),
            method: "GET".into(),
            path: "/api/data/v9.2/contacts".into(),
            status: 404,
            response_body: "{\"error\":\"Gone\"}".into(),
            ..LogEntry::default()
        }
    }

    #[test]
    fn entries_are_chosen_by_all_that_is_asked() {
        let takes = |query: &str| Filter::parse(query).unwrap().takes(&entry());
        for query in [
            "",
            "path=&status=&text=",
            "path=CONTACTS&method=get",
            "status=404",
            "status=4xx&text=gone",
            "since=6",
            "since=2026-01-31T10:00:00Z",
            "before=8",
        ] {
            assert!(takes(query), "{query}");
        }
        for query in [
            "path=accounts",
            "method=POST",
            "status=200",
            "status=cut",
            "text=missing",
            "since=7",
            "since=2026-01-31T10:00:01Z",
            "before=7",
        ] {
            assert!(!takes(query), "{query}");
        }
    }

    #[test]
    fn what_can_not_be_asked_is_named() {
        let wrong = |query: &str| Filter::parse(query).unwrap_err().place;
        assert_eq!(wrong("status=many"), "/status");
        assert_eq!(wrong("status=9xx"), "/status");
        assert_eq!(wrong("since=today"), "/since");
        assert_eq!(wrong("colour=red"), "/colour");
    }
}
