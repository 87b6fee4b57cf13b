//! The words of FetchXML. Source: "FetchXml reference" of Microsoft's documentation, and for what it leaves out the
//! schema fetch.xsd ("FetchXML schema").

/// An element.
pub(super) struct Element {
    pub(super) name: &'static str,
    /// What must be there and say something.
    pub(super) required: &'static [&'static str],
    pub(super) attributes: &'static [&'static str],
    /// The elements that it takes.
    pub(super) children: &'static [&'static str],
}

const IN_ENTITY: &[&str] =
    &["attribute", "all-attributes", "no-attrs", "order", "filter", "link-entity"];

const ELEMENTS: [Element; 10] = [
    Element {
        name: "fetch",
        required: &[],
        attributes: &[
            "aggregate",
            "aggregatelimit",
            "count",
            "datasource",
            "distinct",
            "latematerialize",
            "mapping",
            "min-active-row-version",
            "no-lock",
            "options",
            "output-format",
            "page",
            "paging-cookie",
            "returntotalrecordcount",
            "top",
            "useraworderby",
            "utc-offset",
            "version",
        ],
        children: &["entity", "order"],
    },
    Element {
        name: "entity",
        required: &["name"],
        attributes: &["name", "enableprefiltering", "forceseek", "prefilterparametername"],
        children: IN_ENTITY,
    },
    Element {
        name: "link-entity",
        required: &["name"],
        attributes: &[
            "name",
            "alias",
            "enableprefiltering",
            "forceseek",
            "from",
            "intersect",
            "link-type",
            "prefilterparametername",
            "to",
            "visible",
        ],
        children: IN_ENTITY,
    },
    Element {
        name: "attribute",
        required: &["name"],
        attributes: &[
            "name",
            "addedby",
            "aggregate",
            "alias",
            "build",
            "dategrouping",
            "distinct",
            "groupby",
            "rowaggregate",
            "usertimezone",
        ],
        children: &[],
    },
    Element { name: "all-attributes", required: &[], attributes: &[], children: &[] },
    Element { name: "no-attrs", required: &[], attributes: &[], children: &[] },
    Element {
        name: "order",
        required: &[],
        attributes: &["attribute", "alias", "descending", "entityname"],
        children: &[],
    },
    Element {
        name: "filter",
        required: &[],
        attributes: &[
            "type",
            "bypassquickfind",
            "hint",
            "isquickfindfields",
            "overridequickfindrecordlimitdisabled",
            "overridequickfindrecordlimitenabled",
        ],
        children: &["condition", "filter", "link-entity"],
    },
    Element {
        name: "condition",
        required: &["operator"],
        attributes: &[
            "operator",
            "aggregate",
            "alias",
            "attribute",
            "column",
            "entityname",
            "rowaggregate",
            "uihidden",
            "uiname",
            "uitype",
            "value",
            "valueof",
        ],
        children: &["value"],
    },
    Element { name: "value", required: &[], attributes: &["uiname", "uitype"], children: &[] },
];

/// What is known of an element.
pub(super) fn element(name: &str) -> Option<&'static Element> {
    ELEMENTS.iter().find(|element| element.name == name)
}

/// The words that an attribute takes, where it takes no others. An empty one says nothing.
pub(super) fn words(element: &str, attribute: &str) -> Option<&'static [&'static str]> {
    Some(match (element, attribute) {
        ("filter", "type") => &["and", "or"],
        ("link-entity", "link-type") => &[
            "inner",
            "outer",
            "any",
            "not any",
            "all",
            "not all",
            "exists",
            "in",
            "matchfirstrowusingcrossapply",
            "natural",
        ],
        ("attribute", "aggregate") => &["avg", "count", "countcolumn", "max", "min", "sum"],
        ("attribute", "dategrouping") => {
            &["day", "week", "month", "quarter", "year", "fiscal-period", "fiscal-year"]
        }
        ("fetch", "aggregate" | "distinct" | "no-lock" | "returntotalrecordcount")
        | ("attribute", "distinct" | "groupby")
        | ("order", "descending") => &["true", "false", "1", "0", "True", "False"],
        _ => return None,
    })
}

/// How many values an operator compares with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Values {
    None,
    Some,
}

/// Operators of conditions that compare with a value or with several ("condition operator values").
const COMPARING: [&str; 52] = [
    "above",
    "begins-with",
    "between",
    "contain-values",
    "ends-with",
    "eq",
    "eq-or-above",
    "eq-or-under",
    "ge",
    "gt",
    "in",
    "in-fiscal-period",
    "in-fiscal-period-and-year",
    "in-fiscal-year",
    "in-or-after-fiscal-period-and-year",
    "in-or-before-fiscal-period-and-year",
    "last-x-days",
    "last-x-fiscal-periods",
    "last-x-fiscal-years",
    "last-x-hours",
    "last-x-months",
    "last-x-weeks",
    "last-x-years",
    "le",
    "like",
    "lt",
    "ne",
    "neq",
    "next-x-days",
    "next-x-fiscal-periods",
    "next-x-fiscal-years",
    "next-x-hours",
    "next-x-months",
    "next-x-weeks",
    "next-x-years",
    "not-begin-with",
    "not-between",
    "not-contain-values",
    "not-end-with",
    "not-in",
    "not-like",
    "not-under",
    "olderthan-x-days",
    "olderthan-x-hours",
    "olderthan-x-minutes",
    "olderthan-x-months",
    "olderthan-x-weeks",
    "olderthan-x-years",
    "on",
    "on-or-after",
    "on-or-before",
    "under",
];

/// Those that say all themselves.
const ALONE: [&str; 31] = [
    "eq-businessid",
    "eq-userid",
    "eq-userlanguage",
    "eq-useroruserhierarchy",
    "eq-useroruserhierarchyandteams",
    "eq-useroruserteams",
    "eq-userteams",
    "last-fiscal-period",
    "last-fiscal-year",
    "last-month",
    "last-seven-days",
    "last-week",
    "last-year",
    "ne-businessid",
    "ne-userid",
    "next-fiscal-period",
    "next-fiscal-year",
    "next-month",
    "next-seven-days",
    "next-week",
    "next-year",
    "not-null",
    "null",
    "this-fiscal-period",
    "this-fiscal-year",
    "this-month",
    "this-week",
    "this-year",
    "today",
    "tomorrow",
    "yesterday",
];

pub(super) fn operator(name: &str) -> Option<Values> {
    let is_in = |list: &[&str]| list.contains(&name);
    match () {
        () if is_in(&COMPARING) => Some(Values::Some),
        () if is_in(&ALONE) => Some(Values::None),
        () => None,
    }
}

pub(super) fn operators() -> impl Iterator<Item = &'static str> {
    COMPARING.into_iter().chain(ALONE)
}
