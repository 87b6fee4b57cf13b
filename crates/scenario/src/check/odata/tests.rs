//! What is taken, what is refused, and where.

use proptest::prelude::*;

use super::{Looked, look};
use crate::problem::Severity;

fn fault(text: &str) -> Option<(usize, Severity, String)> {
    let Looked { faults, .. } = look(text);
    assert!(faults.len() < 2, "{text}: {faults:?}");
    faults.into_iter().next().map(|fault| (fault.at + 1, fault.severity, fault.problem))
}

/// From Microsoft's documentation of the Web API: "Query data", "Filter rows", "Join tables", "Order rows",
/// "Aggregate data", "Query functions".
const RIGHT: [&str; 49] = [
    "",
    "?$select=name&$top=3",
    "$select=name,revenue,_primarycontactid_value",
    "$select=*",
    "$filter=revenue gt 100000",
    "$filter=(contains(name,'sample') or contains(name,'test')) and revenue gt 5000",
    "$filter=not contains(name,'sample')",
    "$filter=not (statecode eq 0)",
    "$filter=name eq 'O''Neil & Co (50%)'",
    "$filter=primarycontactid/contactid eq a0dbf27c-8efb-e511-80d2-00155db07c77",
    "$filter=_parentcustomerid_value eq null",
    "$filter=createdon ge 2026-01-31T10:00:00Z and createdon lt 2026-02-01",
    "$filter=createdon ge 2026-01-31T10:00:00+01:00",
    "$filter=revenue eq -1.5",
    "$filter=Microsoft.Dynamics.CRM.LastXHours(PropertyName=@p1,PropertyValue=@p2)&@p1='modifiedon'&@p2=12",
    "$filter=Microsoft.Dynamics.CRM.In(PropertyName='name',PropertyValues=[\"a\",\"b\\\"]\"])",
    "$filter=Microsoft.Dynamics.CRM.Between(PropertyName='numberofemployees',PropertyValues=[\"5\",\"2000\"])",
    "$filter=Microsoft.Dynamics.CRM.ContainValues(PropertyName='p',PropertyValues=['1','2'])",
    "$filter=Microsoft.Dynamics.CRM.EqualUserId(PropertyName='ownerid')",
    "$filter=account_tasks/any(t:t/subject eq 'x' and t/prioritycode eq 1)",
    "$filter=Account_Tasks/any(t : t/subject eq 'x')",
    "$filter=Account_Tasks/any(t :t/subject eq 'x')",
    "$filter=contact_customer_accounts/all(c: c/lastname eq 'x')",
    "$filter=Account_Emails/any()",
    "$filter=a/any(o1:o1/b/any(o2:o2/c eq 1))",
    "$filter=statecode in (0,1)",
    "$filter=name in ('a', 'b')",
    "$filter=name eq @p1&@p1='x'",
    "$filter=contains(tolower(name),tolower('X')) eq true",
    "$filter=startswith(name,'a') eq false",
    "$filter=endswith(name,'$(name)') and x eq $(id)",
    "$filter=year(createdon) eq 2026 and revenue add 5 mul 2 gt 10",
    "$filter=-5 lt revenue",
    "$filter=flags has Ns.Color'Red'",
    "$filter=length(name) gt length('x')",
    "$filter=contacts/$count gt 2",
    "$filter=d eq duration'PT1H'",
    "$filter=NOT (a EQ 1) AND b eq 2",
    "$orderby=revenue desc,name asc , createdon",
    "$orderby=primarycontactid/fullname",
    "$top=$(n)&$count=true",
    "$expand=primarycontactid($select=fullname,$(columns);$expand=a($select=b)),createdby",
    "$expand=contact_customer_accounts($select=fullname;$filter=a eq 'x;y';$orderby=b desc;$top=1)",
    "$expand=primarycontactid/$ref",
    "$expand=*",
    "$apply=groupby((statuscode),aggregate(revenue with sum as total,$count as count))",
    "$apply=filter(a eq 'x)')/aggregate(revenue with average as r)&$filter=b eq 1",
    "$filter=name eq '$$(x)'",
    "$filter=eq eq eq",
];

#[test]
fn what_is_right_is_taken() {
    for text in RIGHT {
        assert_eq!(fault(text), None, "{text}");
    }
}

#[test]
fn what_is_certain_to_be_refused_has_a_place() {
    let cases = [
        ("$filter=name = 'x'", 14, "`=` is no operator of OData; write `eq`"),
        ("$filter=name == 'x'", 14, "`==` is no operator of OData; write `eq`"),
        ("$filter=a >= 1", 11, "`>=` is no operator of OData; write `ge`"),
        ("$filter=name equals 'x'", 14, "`equals` is no operator of OData"),
        ("$filter=a eq 1 adn b eq 2", 16, "did you mean `and`?"),
        ("$filter=name eq", 15, "ends too early"),
        ("$filter=name eq and b eq 1", 17, "a value is wanted before `and`"),
        ("$filter=eq 1", 9, "a value is wanted before `eq`"),
        ("$filter=(a eq 1", 9, "this `(` is not closed"),
        ("$filter=a eq 1)", 15, "this `)` closes nothing"),
        ("$filter=contains(name,'x'&$top=1", 17, "this `(` is not closed"),
        ("$filter=name 'x'", 14, "an operator is wanted"),
        ("$filter=a eq '$(x)' '$(y)'", 21, "an operator is wanted"),
        ("$filter=a eq $(x) = 1", 19, "`=` is no operator of OData"),
        ("$filter='$$(' eq = 1", 18, "`=` stands where a value is wanted"),
        ("$filter=a eq %27x%27", 14, "percent-encoded"),
        ("$filter=In(P=[\"a\")", 14, "this list is not closed"),
        ("$filter=", 1, "the option `$filter` has no value"),
        ("$top=1&$top=2", 8, "stands here twice"),
        ("$top=five", 6, "`five` stands where a whole number is wanted"),
        ("$count=yes", 8, "true or false"),
        ("$select=a b", 10, "a comma is missing"),
        ("$select=a,,b", 10, "a name is missing between commas"),
        ("$orderby=a downwards", 12, "`downwards` stands where `asc` or `desc` is wanted"),
        ("$expand=a($select=b", 10, "this `(` is not closed"),
        ("$expand=a($filter=b = 1)", 21, "`=` is no operator of OData"),
        ("$expand=($select=b)", 9, "where a navigation property is wanted"),
        ("$apply=groupby((a)", 15, "this `(` is not closed"),
    ];
    for (text, at, message) in cases {
        let (found, severity, problem) = fault(text).unwrap_or_else(|| panic!("{text}"));
        assert!(problem.contains(message), "{text}: {problem}");
        assert_eq!((found, severity), (at, Severity::Error), "{text}: {problem}");
    }
}

#[test]
fn what_is_merely_unusual_is_a_warning() {
    let cases = [
        ("$fitler=a eq 1", 1, "did you mean `$filter`?"),
        ("$top=1&$skip=2", 8, "Dataverse does not know the option `$skip`"),
        ("a eq 'b'", 1, "is no option of a query"),
        ("filter=a eq 1", 1, "write `$filter`"),
        ("$filter=a eq 'x' & b eq 1", 20, "is no option of a query"),
    ];
    for (text, at, message) in cases {
        let (found, severity, problem) = fault(text).unwrap_or_else(|| panic!("{text}"));
        assert!(problem.contains(message), "{text}: {problem}");
        assert_eq!((found, severity), (at, Severity::Warning), "{text}: {problem}");
    }
}

#[test]
fn the_columns_of_the_table_itself_are_known_by_their_places() {
    let text = "$select=name,_x_value&$filter=(a eq 'b' and $(c) eq d) and contains(e,'f') \
                and g/h eq null and i/any(j:k eq 1)&$orderby=l desc&$expand=m($select=n)";
    let columns = look(text).columns;
    let names: Vec<_> = columns.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["name", "_x_value", "a", "d", "l"]);
    for (name, at) in &columns {
        assert_eq!(&text[*at..*at + name.len()], name, "{at}");
    }
}

#[test]
fn whatever_its_size_it_ends() {
    for text in [
        format!("$filter={}a{}", "(".repeat(50_000), ")".repeat(50_000)),
        format!("$filter=a{}", "/b(c)".repeat(50_000)),
        format!("$filter={}", "a: ".repeat(50_000)),
        format!("$filter={} a", "not ".repeat(50_000)),
        format!("$expand={}", "a($expand=".repeat(2_000)),
        format!("$filter=a eq {}", "[".repeat(50_000)),
    ] {
        let _ = look(&text);
    }
}

/// Filters by OData's own grammar, as far as Dataverse takes it.
fn filter() -> impl Strategy<Value = String> {
    let value = prop::sample::select(vec![
        "name",
        "a/b",
        "'x'",
        "'O''Neil'",
        "5",
        "-1.5",
        "null",
        "$(n)",
        "'$(x)'",
        "2026-01-31",
        "5531d753-95af-e711-a94e-000d3a11e605",
        "tolower(name)",
        "year(createdon)",
    ]);
    let operator = prop::sample::select(vec!["eq", "ne", "gt", "ge", "lt", "le"]);
    let comparison = (value.clone(), operator, value).prop_map(|(a, o, b)| format!("{a} {o} {b}"));
    let condition = prop_oneof![
        3 => comparison,
        1 => Just("contains(name,'x')".to_owned()),
        1 => Just("tasks/any(t:t/a eq 1)".to_owned()),
    ];
    condition.prop_recursive(4, 20, 2, |inner| {
        let pair = (inner.clone(), prop::sample::select(vec!["and", "or"]), inner.clone());
        prop_oneof![
            inner.prop_map(|inner| format!("not ({inner})")),
            pair.prop_map(|(a, o, b)| format!("({a} {o} {b})")),
        ]
    })
}

proptest! {
    #[test]
    fn no_right_filter_is_refused(filter in filter()) {
        let text = format!("$filter={filter}&$select=name");
        prop_assert_eq!(look(&text).faults, vec![], "{}", text);
    }

    #[test]
    fn a_filter_that_lacks_a_piece_is_refused(filter in filter()) {
        let text = format!("$filter={filter} and");
        prop_assert_eq!(look(&text).faults.len(), 1, "{}", text);
        let text = format!("$filter=({filter}");
        prop_assert_eq!(look(&text).faults.len(), 1, "{}", text);
    }

    #[test]
    fn any_text_is_taken_or_has_a_fault_within_it(
        text in "([$&=,;()'\"\\[\\]/ :]|select|filter|expand|\\$\\(x\\)|a|1|eq|é){0,20}",
    ) {
        if crate::template::Template::parse(&text).is_ok() {
            let length = text.chars().count().max(1);
            for fault in look(&text).faults {
                prop_assert!(fault.at < length, "{}: {:?}", text, fault);
            }
        }
    }
}
