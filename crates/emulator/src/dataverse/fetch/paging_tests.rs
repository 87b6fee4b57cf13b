//! Paging cookies of FetchXML: their form, and what is refused.

use super::super::parse::parse;
use super::*;

fn part(attributes: &str, preferred: Option<u32>) -> Result<Part, DataverseError> {
    let fetch = parse(&format!("<fetch {attributes}><entity name='account'/></fetch>")).unwrap();
    Part::of(&fetch, preferred, &["name", "accountid"])
}

#[test]
fn a_page_is_found_by_its_number_and_size() {
    let page = |page, size, offset| Part { page, size, offset };
    assert_eq!(part("", None).unwrap(), page(1, 5000, 0));
    assert_eq!(part("", Some(7)).unwrap(), page(1, 7, 0));
    assert_eq!(part("count='3' page='3'", Some(7)).unwrap(), page(3, 3, 6));
    assert_eq!(part("count='9000'", None).unwrap(), page(1, 5000, 0));
    assert_eq!(part("top='4'", Some(7)).unwrap(), page(1, 4, 0));
}

#[test]
fn a_cookie_survives_the_way_there_and_back() {
    let edge = |name: &str, first: Option<&str>, last: Option<&str>| Edge {
        name: name.into(),
        first: first.map(str::to_owned),
        last: last.map(str::to_owned),
    };
    let edges =
        [edge("name", Some("a \"<&>\u{1} b"), None), edge("accountid", Some("{1}"), Some("{2}"))];
    let cookie = cookie(20, &edges);
    assert!(cookie.starts_with("<cookie pagenumber=\"21\" "));
    assert_eq!(read(&cookie, &["name", "accountid"]).unwrap(), 20);
    assert_eq!(read(&cookie, &["name"]).unwrap_err().code, "0x80041129");
    let quoted = cookie.replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    let far = part(&format!("paging-cookie='{quoted}' page='21'"), None).unwrap();
    assert_eq!(far.offset, 100_000, "past the limit of simple paging");
}
