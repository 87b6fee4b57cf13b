//! The FetchXML reader: whatever comes in, it answers with a query or an error that names the place.

use super::super::document::{DatePart, Part};
use super::*;
use crate::dataverse::query::operators::Operator;

#[test]
fn attributes_of_every_element_are_read() {
    let fetch = parse(
        "<fetch version='1.0' count='3' page='2' distinct='1' useraworderby='true'>\
         <entity name='account'><attribute name='createdon' alias='d' groupby='1' dategrouping='week'/>\
         <order attribute='name' descending='true' entityname='c'/>\
         <filter type='or' hint='union'><condition attribute='name' operator='eq' value='a' uiname='x'/>\
         <filter/></filter>\
         <link-entity name='contact' from='contactid' to='primarycontactid' alias='c' \
         link-type='outer' intersect='true' visible='false'/></entity></fetch>",
    )
    .unwrap();
    assert_eq!((fetch.count, fetch.page, fetch.top), (Some(3), Some(2), None));
    assert!(fetch.distinct && fetch.raw_order && !fetch.aggregate && !fetch.total);
    let entity = &fetch.entity;
    assert_eq!(entity.named()[0].part, Some(DatePart::Week));
    assert!(entity.named()[0].group);
    assert_eq!(entity.orders[0].entity.as_deref(), Some("c"));
    assert!(entity.orders[0].descending && entity.filters[0].any);
    let Part::Condition(condition) = &entity.filters[0].parts[0] else { panic!() };
    assert_eq!(condition.values, ["a"]);
    assert_eq!(entity.links[0].kind, LinkType::Outer);
    assert_eq!(entity.links[0].between, Some(("contactid".into(), "primarycontactid".into())));
}

#[test]
fn values_are_read_as_the_operator_takes_them() {
    let values = |condition: &str| {
        let xml = format!("<fetch><entity name='a'><filter>{condition}</filter></entity></fetch>");
        let fetch = parse(&xml).unwrap();
        let Part::Condition(condition) = &fetch.entity.filters[0].parts[0] else { panic!() };
        (condition.operator, condition.values.clone())
    };
    let (operator, found) = values(
        "<condition attribute='x' operator='in' value=''><value uitype='t'>1</value><value/></condition>",
    );
    assert_eq!(operator, Operator::In { negated: false });
    assert_eq!(found, ["1", ""]);
    let stale = "<condition attribute='x' operator='null' value='old'/>";
    assert!(values(stale).1.is_empty());
    assert_eq!(values("<condition attribute='x' operator='eq' value=''/>").1, [""]);
    assert_eq!(values("<condition attribute='x' operator='in' value='1'/>").1, ["1"]);
    assert!(values("<condition attribute='x' operator='in' value=''/>").1.is_empty());
}

#[test]
fn links_are_numbered_as_they_stand_in_the_document() {
    let link = |inner: &str| format!("<link-entity name='b' from='x' to='y'>{inner}</link-entity>");
    let any = "<filter><link-entity name='c' from='x' to='y' link-type='any'/></filter>";
    let xml =
        format!("<fetch><entity name='a'>{any}{}{}</entity></fetch>", link(&link("")), link(""));
    let fetch = parse(&xml).unwrap();
    let mut ids = Vec::new();
    fetch.entity.each_link(&mut |link| ids.push(link.entity.id));
    assert_eq!(ids, [1, 2, 3, 4]);
    assert_eq!(fetch.links, 4);
}
