//! The query options of a read, checked against the table.

use super::super::errors::DataverseError;
use super::super::shape::Annotations;
use super::super::tables::Table;
use super::ast::Expr;
use super::parser;

/// Rows of a page, and of `$top`, at most.
pub(crate) const MAX_PAGE: u32 = 5000;

#[derive(Debug, Default)]
pub(crate) struct Options {
    /// Names of the selected columns, in the order asked for; `None` for all.
    pub(crate) select: Option<Vec<String>>,
    pub(crate) filter: Option<Expr>,
    /// Column names with `true` for descending.
    pub(crate) order: Vec<(String, bool)>,
    pub(crate) top: Option<u32>,
    pub(crate) count: bool,
    pub(crate) annotations: Annotations,
    /// From a next link.
    pub(crate) page: Option<Cookie>,
}

/// Where a next link goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cookie {
    pub(crate) page: u32,
    pub(crate) offset: u32,
}

impl Cookie {
    pub(crate) fn to_xml(self) -> String {
        let Cookie { page, offset } = self;
        format!("<cookie pagenumber=\"{page}\" pagingcookie=\"{offset}\" istracking=\"False\" />")
    }

    fn from_xml(text: &str) -> Option<Self> {
        let attribute = |name: &str| {
            let (_, rest) = text.split_once(&format!("{name}=\""))?;
            rest.split_once('"')?.0.parse().ok()
        };
        Some(Self { page: attribute("pagenumber")?, offset: attribute("pagingcookie")? })
    }
}

impl Options {
    /// Reads a raw query string. Options without `$` (`tag`, `partitionId`) have no effect here.
    pub(crate) fn parse(query: &str, table: &Table) -> Result<Self, DataverseError> {
        let mut options = Self::default();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            let value = value.trim();
            match name.as_ref() {
                "$select" => options.select = Some(select(value, table)?),
                "$filter" => options.filter = Some(parser::parse(value, table)?),
                "$orderby" => options.order = order(value, table)?,
                "$top" => options.top = Some(whole("$top", value)?.min(MAX_PAGE)),
                "$count" => options.count = truth(value)?,
                "$skiptoken" => {
                    let malformed = || DataverseError::odata("Malformed XML in the Paging Cookie");
                    options.page = Some(Cookie::from_xml(value).ok_or_else(malformed)?);
                }
                "$expand" | "$apply" | "fetchXml" | "savedQuery" | "userQuery" | "$deltatoken"
                | "$compute" => {
                    return Err(DataverseError::not_implemented(&name));
                }
                other if other.starts_with('$') => {
                    let message = format!("The query parameter {other} is not supported");
                    return Err(DataverseError::odata(message));
                }
                _ => {}
            }
        }
        Ok(options)
    }

    /// The options of one row: `$select` and nothing else.
    pub(crate) fn for_row(query: &str, table: &Table) -> Result<Self, DataverseError> {
        let options = Self::parse(query, table)?;
        if options.filter.is_some() || !options.order.is_empty() || options.top.is_some() {
            let message = "Query options $filter, $orderby and $top can not be applied to the \
                           requested resource, which is a single row.";
            return Err(DataverseError::odata(message));
        }
        Ok(options)
    }
}

fn select(value: &str, table: &Table) -> Result<Vec<String>, DataverseError> {
    let mut names: Vec<String> = Vec::new();
    for name in value.split(',').map(str::trim).filter(|name| !name.is_empty()) {
        if name == "*" {
            names = table.columns.iter().map(|column| column.name.clone()).collect();
            continue;
        }
        if table.column(name).is_none() {
            return Err(DataverseError::no_property(name, &table.logical));
        }
        if !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    }
    Ok(names)
}

fn order(value: &str, table: &Table) -> Result<Vec<(String, bool)>, DataverseError> {
    let mut order = Vec::new();
    for item in value.split(',').map(str::trim).filter(|item| !item.is_empty()) {
        let mut words = item.split_whitespace();
        let name = words.next().unwrap_or_default();
        let descending = match (words.next(), words.next()) {
            (None | Some("asc"), None) => false,
            (Some("desc"), None) => true,
            _ => {
                let message = format!("Syntax error at position 0 in '{item}'.");
                return Err(DataverseError::odata(message));
            }
        };
        if let Some((navigation, _)) = name.split_once('/')
            && table.navigations.contains_key(navigation)
        {
            return Err(DataverseError::not_implemented("paths through a lookup in $orderby"));
        }
        if table.column(name).is_none() {
            return Err(DataverseError::no_property(name, &table.logical));
        }
        order.push((name.to_owned(), descending));
    }
    Ok(order)
}

fn whole(option: &str, value: &str) -> Result<u32, DataverseError> {
    value.parse().map_err(|_| {
        DataverseError::odata(format!(
            "Invalid value '{value}' for {option} query option found. The {option} query option \
             requires a non-negative integer value."
        ))
    })
}

fn truth(value: &str) -> Result<bool, DataverseError> {
    value.parse().map_err(|_| {
        DataverseError::odata(format!("Invalid value '{value}' for $count query option found."))
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::tables::Tables;
    use super::*;

    fn options(query: &str) -> Result<Options, DataverseError> {
        Options::parse(query, Tables::built_in().unwrap().by_set("contacts").unwrap())
    }

    #[test]
    fn both_spellings_of_the_dollar_and_of_a_space_are_read() {
        for query in [
            "$select=fullname,mobilephone&$filter=firstname%20eq%20%27a%27",
            "%24select=fullname,%20mobilephone&%24filter=firstname+eq+'a'",
        ] {
            let options = options(query).unwrap();
            assert_eq!(options.select.unwrap(), ["fullname", "mobilephone"]);
            assert!(options.filter.is_some());
        }
    }

    #[test]
    fn unsupported_options_are_never_passed_over() {
        assert_eq!(
            options("$skip=1").unwrap_err().message,
            "The query parameter $skip is not supported"
        );
        assert_eq!(options("$expand=x").unwrap_err().status.as_u16(), 501);
        assert_eq!(options("fetchXml=x").unwrap_err().status.as_u16(), 501);
        assert!(options("$top=-1").unwrap_err().message.contains("non-negative"));
        assert!(options("$select=nosuch").unwrap_err().message.contains("'nosuch'"));
        assert!(options("tag=x").is_ok());
    }

    #[test]
    fn a_cookie_survives_the_way_there_and_back() {
        let cookie = Cookie { page: 2, offset: 5000 };
        assert_eq!(Cookie::from_xml(&cookie.to_xml()), Some(cookie));
        assert!(options("$skiptoken=abc").is_err());
    }
}
