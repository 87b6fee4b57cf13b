//! Tests of reading CSDL: what a document says, and what is said of a wrong one.

use proptest::prelude::*;

use super::*;

/// A document with `inner` in its schema, as Dataverse opens one.
fn document(inner: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="utf-8"?>
<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx">
  <edmx:DataServices>
    <Schema Namespace="Microsoft.Dynamics.CRM" Alias="mscrm" xmlns="http://docs.oasis-open.org/odata/ns/edm">
{inner}
    </Schema>
  </edmx:DataServices>
</edmx:Edmx>"#
    )
}

fn parse(inner: &str) -> Document {
    Document::parse(&document(inner)).unwrap()
}

/// The line of the problem, counted from the schema's first, and what it says.
fn problem(inner: &str) -> (usize, String) {
    let text = document(inner);
    let problem = Document::parse(&text).unwrap_err();
    let line = text[..problem.at].matches('\n').count() + 1;
    (line.saturating_sub(4), problem.text)
}

// Source: learn.microsoft.com/power-apps/developer/data-platform/webapi/web-api-navigation-properties
#[test]
fn navigation_properties_are_read_as_documented() {
    let document = parse(
        r#"<EntityType Name="socialprofile">
            <Key><PropertyRef Name="socialprofileid" /></Key>
            <Property Name="_customerid_value" Type="Edm.Guid">
                <Annotation Term="Org.OData.Core.V1.Description" String="Shows the customer." />
            </Property>
            <NavigationProperty Name="customerid_contact" Type="mscrm.contact" Nullable="false"
                Partner="Socialprofile_customer_contacts">
                <ReferentialConstraint Property="_customerid_value" ReferencedProperty="contactid" />
            </NavigationProperty>
            <NavigationProperty Name="Account_Tasks" Type="Collection(mscrm.task)"
                Partner="regardingobjectid_account_task" />
        </EntityType>"#,
    );
    let [profile] = document.types.as_slice() else { panic!("one type") };
    assert_eq!(profile.key, ["socialprofileid"]);
    assert_eq!(profile.properties[0].description, "Shows the customer.");
    let [single, many] = profile.navigations.as_slice() else { panic!("two properties") };
    assert_eq!((single.target.as_str(), single.collection), ("contact", false));
    assert_eq!(single.property.as_deref(), Some("_customerid_value"));
    assert_eq!(single.partner.as_deref(), Some("Socialprofile_customer_contacts"));
    assert_eq!((many.target.as_str(), many.collection), ("task", true));
}

// Source: learn.microsoft.com/power-apps/developer/data-platform/webapi/web-api-entitytypes
#[test]
fn alternate_keys_are_read_as_documented() {
    let document = parse(
        r#"<EntityType Name="account">
            <Annotation Term="OData.Community.Keys.V1.AlternateKeys">
                <Collection>
                    <Record Type="OData.Community.Keys.V1.AlternateKey">
                        <PropertyValue Property="Key">
                            <Collection>
                                <Record Type="OData.Community.Keys.V1.PropertyRef">
                                    <PropertyValue Property="Alias" String="accountnumber" />
                                    <PropertyValue Property="Name" PropertyPath="accountnumber" />
                                </Record>
                            </Collection>
                        </PropertyValue>
                    </Record>
                </Collection>
            </Annotation>
        </EntityType>"#,
    );
    let part = KeyPart { path: "accountnumber".into(), alias: Some("accountnumber".into()) };
    assert_eq!(document.types[0].alternate_keys, [[part]]);
}

// Source: learn.microsoft.com/power-apps/developer/data-platform/webapi/web-api-properties
#[test]
fn a_property_that_is_computed_or_only_read_is_readonly() {
    let document = parse(
        r#"<EntityType Name="account">
            <Property Name="name" Type="Edm.String" Unicode="false" MaxLength="160" />
            <Property Name="openrevenue" Type="Edm.Decimal" Scale="Variable" Nullable="false">
                <Annotation Term="Org.OData.Core.V1.Computed" Bool="true" />
            </Property>
            <Property Name="opendeals" Type="Edm.Int32">
                <Annotation Term="Org.OData.Core.V1.Permissions">
                    <EnumMember>Org.OData.Core.V1.PermissionType/Read</EnumMember>
                </Annotation>
            </Property>
        </EntityType>"#,
    );
    let [name, revenue, deals] = document.types[0].properties.as_slice() else { panic!("three") };
    assert_eq!((name.readonly, name.max_length, name.nullable), (false, Some(160), true));
    assert_eq!((revenue.readonly, revenue.nullable), (true, false));
    assert!(deals.readonly);
}

#[test]
fn both_prefixes_of_a_type_mean_the_same() {
    let document = parse(
        r#"<EntityType Name="crmbaseentity" Abstract="true" />
        <EntityType Name="account" BaseType="Microsoft.Dynamics.CRM.crmbaseentity" />
        <EntityType Name="contact" BaseType="mscrm.crmbaseentity" />
        <ComplexType Name="unknown" /><Whatever />
        <EntityContainer Name="System">
            <EntitySet Name="accounts" EntityType="Microsoft.Dynamics.CRM.account" />
            <EntitySet Name="contacts" EntityType="mscrm.contact" />
        </EntityContainer>"#,
    );
    let bases: Vec<_> = document.types.iter().map(|kind| kind.base.as_deref()).collect();
    assert_eq!(bases, [None, Some("crmbaseentity"), Some("crmbaseentity")]);
    assert_eq!(document.sets["account"].name, "accounts");
    assert_eq!(document.sets["contact"].name, "contacts");
}

#[test]
fn a_wrong_document_is_told_with_the_line() {
    let (line, text) = problem("\n<EntityType Name='a'>\n<Property Name='b' />\n</EntityType>");
    assert_eq!((line, text.as_str()), (3, "Property has no Type"));
    let (line, text) = problem("<EntityType />");
    assert_eq!((line, text.as_str()), (1, "EntityType has no Name"));
    let (_, text) = problem("<EntityType Name='a' /><EntityType Name='a' />");
    assert_eq!(text, "there are two entity types a");
    let (_, text) = problem("<EntityType Name='a' BaseType='mscrm.b' />");
    assert_eq!(text, "there is no entity type b, the base of a");
    let loops =
        "<EntityType Name='a' BaseType='mscrm.b' /><EntityType Name='b' BaseType='mscrm.a' />";
    assert_eq!(problem(loops).1, "entity type a is its own base");
    let (line, text) = problem("<EntityType Name='x&quot;; DROP' />");
    assert_eq!((line, text.as_str()), (1, r#""x\"; DROP" is no name of a table or column"#));
    let twice = "<Property Name='b' Type='Edm.Guid' />\n<Property Name='b' Type='Edm.Guid' />";
    let (line, text) = problem(&format!("<EntityType Name='a'>\n{twice}</EntityType>"));
    assert_eq!((line, text.as_str()), (3, "a has two properties b"));
    let long = "<EntityType Name='a'><Property Name='b' Type='Edm.String' MaxLength='long' /></EntityType>";
    assert_eq!(problem(long).1, r#"MaxLength "long" is no number"#);
    let set =
        "<EntityContainer Name='S'>\n<EntitySet Name='s' EntityType='mscrm.x' /></EntityContainer>";
    assert_eq!(problem(set), (2, "entity set s is of x, which is no entity type".into()));
}

#[test]
fn what_is_no_metadata_document_is_told() {
    let html = Document::parse("<!-- a page -->\n<html></html>").unwrap_err();
    assert_eq!(html.text, "this is no $metadata document: it begins with html");
    let old = Document::parse(r#"<edmx:Edmx Version="1.0" xmlns:edmx="e"/>"#).unwrap_err();
    assert_eq!(old.text, "this describes OData version 1.0; the Web API's $metadata is 4.0");
    let empty = Document::parse(r#"<edmx:Edmx Version="4.0" xmlns:edmx="e"/>"#).unwrap_err();
    assert_eq!(empty.text, "there is no Schema element");
    let json = Document::parse("{}").unwrap_err();
    assert!(json.text.starts_with("this is not well-formed XML"), "{}", json.text);
    let cut = Document::parse("<a>\n<x>\n</a>").unwrap_err();
    assert_eq!(cut.at, "<a>\n<x>\n".len());
}

#[test]
fn entities_do_not_grow_a_document() {
    let bomb =
        "<!DOCTYPE a [<!ENTITY b 'bb'>]>\n<edmx:Edmx Version='4.0' xmlns:edmx='e'>&b;</edmx:Edmx>";
    assert!(Document::parse(bomb).is_err());
}

proptest! {
    #[test]
    fn no_text_makes_it_fall_over(text in "[ -~\n]{0,200}") {
        let _ = Document::parse(&text);
    }

    #[test]
    fn no_schema_makes_it_fall_over(
        name in "[a-z]{1,3}",
        base in "(mscrm[.][a-z]{1,3})?",
        inner in "(<Property Name='[a-z_]{1,8}' Type='Edm[.][A-Z][a-z]{2,5}'/>){0,4}",
    ) {
        let text = format!("<EntityType Name='{name}' BaseType='{base}'>{inner}</EntityType>");
        let _ = Document::parse(&document(&text));
    }
}
