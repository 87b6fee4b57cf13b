//! What a FetchXML document says, before its names are looked up.
//!
//! Source: learn.microsoft.com/power-apps/developer/data-platform/fetchxml/reference.

use super::super::query::operators::Operator;

#[derive(Debug)]
pub(crate) struct Fetch {
    pub(crate) top: Option<u32>,
    /// Rows of a page.
    pub(crate) count: Option<u32>,
    pub(crate) page: Option<u32>,
    pub(crate) cookie: Option<String>,
    pub(crate) total: bool,
    pub(crate) distinct: bool,
    pub(crate) aggregate: bool,
    pub(crate) aggregate_limit: Option<u32>,
    /// Choices are ordered by number in place of label.
    pub(crate) raw_order: bool,
    pub(crate) entity: Entity,
    /// How many `link-entity` elements there are.
    pub(crate) links: usize,
}

/// What `entity` and `link-entity` have in common.
#[derive(Debug, Default)]
pub(crate) struct Entity {
    pub(crate) name: String,
    /// 0 for the entity of the query, then the number of the link in the document.
    pub(crate) id: usize,
    pub(crate) columns: Columns,
    pub(crate) orders: Vec<OrderBy>,
    pub(crate) filters: Vec<Filter>,
    pub(crate) links: Vec<Link>,
}

#[derive(Debug, Default)]
pub(crate) enum Columns {
    /// None is named: all of an entity, none of a link.
    #[default]
    Unnamed,
    All,
    None,
    Named(Vec<Attribute>),
}

#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) entity: Entity,
    pub(crate) alias: Option<String>,
    pub(crate) kind: LinkType,
    /// The column of the linked table, and that of the table it is linked to.
    pub(crate) between: Option<(String, String)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LinkType {
    Inner,
    Outer,
    /// At most one linked row, by `matchfirstrowusingcrossapply`.
    First,
    /// `exists` and `in`.
    Exists,
    Any,
    NotAny,
    /// There are linked rows, and none of them fulfils the link's filter.
    All,
}

#[derive(Debug)]
pub(crate) struct Attribute {
    pub(crate) name: String,
    pub(crate) alias: Option<String>,
    pub(crate) group: bool,
    pub(crate) aggregate: Option<Aggregate>,
    pub(crate) distinct: bool,
    pub(crate) part: Option<DatePart>,
    pub(crate) count_children: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Aggregate {
    Count,
    CountColumn,
    Sum,
    Average,
    Min,
    Max,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DatePart {
    Day,
    Week,
    Month,
    Quarter,
    Year,
    FiscalPeriod,
    FiscalYear,
}

#[derive(Debug)]
pub(crate) struct OrderBy {
    pub(crate) attribute: Option<String>,
    pub(crate) alias: Option<String>,
    /// The alias of a link in place of the entity around it.
    pub(crate) entity: Option<String>,
    pub(crate) descending: bool,
}

#[derive(Debug)]
pub(crate) struct Filter {
    pub(crate) any: bool,
    pub(crate) parts: Vec<Part>,
}

#[derive(Debug)]
pub(crate) enum Part {
    Condition(Condition),
    Filter(Filter),
    Link(Link),
}

#[derive(Debug)]
pub(crate) struct Condition {
    pub(crate) entity: Option<String>,
    pub(crate) attribute: String,
    pub(crate) operator: Operator,
    pub(crate) values: Vec<String>,
    /// A column in place of values, with the alias of a link before it.
    pub(crate) value_of: Option<String>,
}

impl Filter {
    /// Whether it speaks of other rows than those of the element around it, and is therefore about
    /// what the joins have made.
    pub(crate) fn is_after_joins(&self) -> bool {
        self.parts.iter().any(|part| match part {
            Part::Condition(condition) => {
                let value_of = condition.value_of.as_deref().unwrap_or_default();
                condition.entity.is_some() || value_of.contains('.')
            }
            Part::Filter(filter) => filter.is_after_joins(),
            Part::Link(_) => false,
        })
    }

    fn each_link<'a>(&'a self, visit: &mut dyn FnMut(&'a Link)) {
        for part in &self.parts {
            match part {
                Part::Condition(_) => {}
                Part::Filter(filter) => filter.each_link(visit),
                Part::Link(link) => {
                    visit(link);
                    link.entity.each_link(visit);
                }
            }
        }
    }
}

impl Entity {
    /// All links below, those of filters too.
    pub(crate) fn each_link<'a>(&'a self, visit: &mut dyn FnMut(&'a Link)) {
        for filter in &self.filters {
            filter.each_link(visit);
        }
        for link in &self.links {
            visit(link);
            link.entity.each_link(visit);
        }
    }

    pub(crate) fn named(&self) -> &[Attribute] {
        match &self.columns {
            Columns::Named(attributes) => attributes,
            _ => &[],
        }
    }
}
