//! Tests of tables made of documents: rules of Dataverse's documents on small ones.

use super::super::csdl::Document;
use super::*;
use crate::dataverse::schema::{Collection, Kind, Required, Schema};

/// Tables of a schema, with details of its own.
fn tables_with(details: &str, inner: &str) -> Result<Schema, Problem> {
    let text = format!(
        r#"<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>
        <Schema Namespace="Microsoft.Dynamics.CRM" Alias="mscrm">
        <EntityType Name="crmbaseentity" Abstract="true" />{inner}
        </Schema></edmx:DataServices></edmx:Edmx>"#
    );
    let details: Details = serde_json::from_str(details).unwrap();
    let document = Document::parse(&text)?;
    let tables = Model::new(&document, &details).tables()?;
    Ok(Schema::new(tables, text))
}

fn tables(inner: &str) -> Schema {
    tables_with("{}", inner).unwrap()
}

/// An entity type with a key and `inner`, and its set.
fn table(name: &str, inner: &str) -> String {
    format!(
        r#"<EntityType Name="{name}" BaseType="mscrm.crmbaseentity">
            <Key><PropertyRef Name="{name}id" /></Key><Property Name="{name}id" Type="Edm.Guid" />{inner}
        </EntityType>
        <EntityContainer Name="System"><EntitySet Name="{name}s" EntityType="mscrm.{name}" /></EntityContainer>"#
    )
}

fn property(name: &str, kind: &str) -> String {
    format!(r#"<Property Name="{name}" Type="{kind}" />"#)
}

/// A single-valued navigation property.
fn way(name: &str, target: &str, property: &str, partner: &str) -> String {
    format!(
        r#"<NavigationProperty Name="{name}" Type="mscrm.{target}" Partner="{partner}">
        <ReferentialConstraint Property="{property}" ReferencedProperty="{target}id" /></NavigationProperty>"#
    )
}

fn many(name: &str, target: &str, partner: &str) -> String {
    format!(
        r#"<NavigationProperty Name="{name}" Type="Collection(mscrm.{target})" Partner="{partner}" />"#
    )
}

#[test]
fn types_of_properties_become_kinds_of_columns() {
    let kinds = [
        ("name", "Edm.String", Kind::Text { max: None, memo: false }),
        ("count", "Edm.Int32", Kind::Integer),
        ("statecode", "Edm.Int32", Kind::State),
        ("statuscode", "Edm.Int32", Kind::Status),
        ("size", "Edm.Int64", Kind::BigInteger),
        ("share", "Edm.Decimal", Kind::Decimal),
        ("fee", "Edm.Decimal", Kind::Money),
        ("fee_base", "Edm.Decimal", Kind::Money),
        ("place", "Edm.Double", Kind::Double),
        ("done", "Edm.Boolean", Kind::Boolean(["No".into(), "Yes".into()])),
        ("at", "Edm.DateTimeOffset", Kind::DateTime),
        ("on", "Edm.Date", Kind::Date),
        ("other", "Edm.Guid", Kind::Guid),
        ("image", "Edm.Binary", Kind::Binary),
        ("_ownerid_value", "Edm.Guid", Kind::Lookup(vec![])),
    ];
    let all: String = kinds.iter().map(|(name, kind, _)| property(name, kind)).collect();
    let parts = property("may", "mscrm.BooleanManagedProperty");
    let schema = tables(&table("new_thing", &(all + &parts)));
    let thing = schema.by_set("new_things").unwrap();
    for (name, _, kind) in &kinds {
        assert_eq!(thing.column(name).unwrap().kind, *kind, "{name}");
    }
    assert_eq!(thing.column("new_thingid").unwrap().kind, Kind::Key);
    assert!(thing.column("fee_base").unwrap().readonly && !thing.column("fee").unwrap().readonly);
    assert!(thing.column("may").is_none(), "a value with parts is no column");
    assert!(thing.custom && thing.type_code == 10_000 && thing.ownership == Ownership::User);
    assert_eq!((thing.label.as_str(), thing.plural.as_str()), ("new_thing", "new_things"));
    assert_eq!(thing.name, "name");
}

#[test]
fn several_navigation_properties_on_one_lookup_make_it_polymorphic() {
    let lookup = property("_customerid_value", "Edm.Guid");
    let ways = way("customerid_account", "account", "_customerid_value", "cases")
        + &way("customerid_contact", "contact", "_customerid_value", "cases");
    let schema = tables(
        &(table("incident", &(lookup + &ways))
            + &table("account", &many("cases", "incident", "customerid_account"))
            + &table("contact", &many("cases", "incident", "customerid_contact"))),
    );
    let case = schema.by_logical("incident").unwrap();
    let customer = case.attribute("customerid").unwrap();
    assert_eq!(customer.targets(), ["account", "contact"]);
    assert_eq!(case.navigation_to(customer, "contact"), Some("customerid_contact"));
    assert_eq!(case.navigations["customerid_account"].partner.as_deref(), Some("cases"));
    let cases = &schema.by_logical("contact").unwrap().collections["cases"];
    let expected = Collection::OneToMany {
        table: "incident".into(),
        column: "_customerid_value".into(),
        navigation: "customerid_contact".into(),
    };
    assert_eq!(*cases, expected);
}

#[test]
fn owners_are_users_and_teams() {
    let owners = r#"<EntityType Name="principal" BaseType="mscrm.crmbaseentity">
            <Key><PropertyRef Name="ownerid" /></Key><Property Name="ownerid" Type="Edm.Guid" />
            <NavigationProperty Name="owner_accounts" Type="Collection(mscrm.account)" Partner="ownerid" />
        </EntityType>
        <EntityType Name="systemuser" BaseType="mscrm.principal"><Property Name="systemuserid" Type="Edm.Guid" /></EntityType>
        <EntityType Name="team" BaseType="mscrm.principal"><Property Name="teamid" Type="Edm.Guid" /></EntityType>"#;
    let owned = property("_ownerid_value", "Edm.Guid")
        + &way("ownerid", "principal", "_ownerid_value", "owner_accounts");
    let schema = tables(&(owners.to_owned() + &table("account", &owned)));
    let account = schema.by_logical("account").unwrap();
    assert_eq!(account.navigations["ownerid"].targets, ["systemuser", "team"]);
    let user = schema.by_logical("systemuser").unwrap();
    assert_eq!((user.key.as_str(), user.set.as_str()), ("systemuserid", ""));
    assert!(user.column("ownerid").is_none());
    assert!(user.collections.contains_key("owner_accounts"), "inherited");
    assert!(schema.by_logical("principal").is_none());
}

#[test]
fn activities_have_what_every_activity_has() {
    let base = r#"<EntityType Name="activitypointer" BaseType="mscrm.crmbaseentity">
            <Key><PropertyRef Name="activityid" /></Key><Property Name="activityid" Type="Edm.Guid" />
            <Property Name="subject" Type="Edm.String" /><Property Name="_ownerid_value" Type="Edm.Guid" />"#;
    let inherited = way("ownerid", "account", "_ownerid_value", "")
        + r#"</EntityType><EntityType Name="phonecall" BaseType="mscrm.activitypointer">"#
        + &way("ownerid_phonecall", "account", "_ownerid_value", "")
        + r#"</EntityType><EntityContainer Name="System">
            <EntitySet Name="activitypointers" EntityType="mscrm.activitypointer" />
            <EntitySet Name="phonecalls" EntityType="mscrm.phonecall" /></EntityContainer>"#;
    let details = r#"{"activitypointer": {"columns": {"subject": {"max": 400, "label": "Subject"}}},
        "phonecall": {"schema": "PhoneCall", "name": "subject", "columns": {"subject": {"max": 200}}}}"#;
    let schema =
        tables_with(details, &(base.to_owned() + &inherited + &table("account", ""))).unwrap();
    let call = schema.by_set("phonecalls").unwrap();
    assert_eq!(
        (call.key.as_str(), call.activity, call.name.as_str()),
        ("activityid", true, "subject")
    );
    assert_eq!(call.column("subject").unwrap().kind, Kind::Text { max: Some(200), memo: false });
    let owner = call.attribute("ownerid").unwrap();
    assert_eq!(call.navigation_to(owner, "account"), Some("ownerid_phonecall"));
    assert!(call.navigations["ownerid"].inherited);
    let all = schema.by_set("activitypointers").unwrap();
    assert_eq!(
        (all.members.as_slice(), all.activity),
        (["phonecall".to_owned()].as_slice(), false)
    );
}

#[test]
fn both_ends_of_a_many_to_many_relationship_agree() {
    let links = r#"<EntityType Name="teamroles" BaseType="mscrm.crmbaseentity">
            <Key><PropertyRef Name="teamroleid" /></Key><Property Name="teamroleid" Type="Edm.Guid" />
            <Property Name="teamid" Type="Edm.Guid" /><Property Name="roleid" Type="Edm.Guid" /></EntityType>"#;
    let schema = tables(
        &(table("team", &many("teamroles_association", "role", "teamroles_association"))
            + &table(
                "role",
                &(many("teamroles_association", "team", "teamroles_association")
                    + &many("new_Role_Account", "account", "new_Role_Account")),
            )
            + &table(
                "account",
                &(many("new_Role_Account", "role", "new_Role_Account")
                    + &many("parents", "account", "children")
                    + &many("children", "account", "parents")),
            )
            + links),
    );
    let link = |table: &str, name: &str| match &schema.by_logical(table).unwrap().collections[name]
    {
        Collection::ManyToMany { relation, here, there, key, .. } => {
            (relation.clone(), here.clone(), there.clone(), key.clone())
        }
        other => panic!("{other:?}"),
    };
    let of = |parts: [&str; 4]| parts.map(str::to_owned).into();
    assert_eq!(
        link("team", "teamroles_association"),
        of(["teamroles", "teamid", "roleid", "roleid"])
    );
    assert_eq!(
        link("role", "teamroles_association"),
        of(["teamroles", "roleid", "teamid", "teamid"])
    );
    let roles = link("account", "new_Role_Account");
    assert_eq!(roles, of(["new_Role_Account", "accountid", "roleid", "roleid"]));
    let (children, parents) = (link("account", "children"), link("account", "parents"));
    assert_eq!(children, of(["children", "accountidone", "accountidtwo", "accountid"]));
    assert_eq!(parents, of(["children", "accountidtwo", "accountidone", "accountid"]));
    assert!(schema.by_logical("teamroles").is_none(), "links are no table");
}

#[test]
fn what_can_not_be_followed_is_left_out() {
    let loose = r#"<NavigationProperty Name="loose" Type="Collection(mscrm.contact)" />"#
        .to_owned()
        + &many("lost", "contact", "nowhere")
        + &many("gone", "unknown", "x")
        + &way("unknown", "unknown", "_x_value", "");
    let metadata = r#"<EntityType Name="crmmodelbaseentity" Abstract="true" />
        <EntityType Name="EntityMetadata" BaseType="mscrm.crmmodelbaseentity">
            <Key><PropertyRef Name="MetadataId" /></Key><Property Name="MetadataId" Type="Edm.Guid" /></EntityType>
        <EntityType Name="expando" BaseType="mscrm.crmbaseentity" OpenType="true" />"#;
    let schema = tables(&(table("account", &loose) + &table("contact", "") + metadata));
    let account = schema.by_logical("account").unwrap();
    assert!(account.collections.is_empty() && account.navigations.is_empty());
    let names: Vec<&str> = schema.all().iter().map(|table| table.logical.as_str()).collect();
    assert_eq!(names, ["account", "contact"]);
}

#[test]
fn details_are_laid_over_a_table_of_the_same_name() {
    let details = r#"{"account": {"schema": "Account", "label": "Account", "type_code": 1, "name": "name",
        "indexes": ["name", "telephone1"], "cascade": ["_gone_value"],
        "states": {"0": {"label": "Active", "status": 1}}, "statuses": {"1": {"label": "Active", "state": 0}},
        "keys": [{"name": "number_key", "label": "Number", "columns": ["accountnumber"]}],
        "columns": {"industrycode": {"schema": "IndustryCode", "options": {"1": "Accounting"}},
            "name": {"label": "Account Name", "max": 160, "required": "Application"},
            "tags": {"kind": "Choices", "options": {"1": "One"}}, "gone": {"label": "Gone"},
            "creditonhold": {"options": {"0": "No", "1": "On hold"}}}}}"#;
    let key = r#"<Annotation Term="OData.Community.Keys.V1.AlternateKeys"><Collection><Record>
        <PropertyValue Property="Key"><Collection><Record><PropertyValue Property="Name" PropertyPath="accountnumber" />
        </Record></Collection></PropertyValue></Record></Collection></Annotation>"#;
    let columns = property("industrycode", "Edm.Int32")
        + &property("name", "Edm.String")
        + &property("tags", "Edm.String")
        + &property("creditonhold", "Edm.Boolean")
        + &property("accountnumber", "Edm.String")
        + &property("new_extra", "Edm.Int32")
        + key;
    let schema = tables_with(details, &table("account", &columns)).unwrap();
    let account = schema.by_logical("account").unwrap();
    let industry = account.column("industrycode").unwrap();
    assert_eq!(industry.kind, Kind::Choice([(1, "Accounting".to_owned())].into()));
    assert_eq!(
        (industry.schema.as_str(), industry.label.as_str()),
        ("IndustryCode", "IndustryCode")
    );
    let name = account.column("name").unwrap();
    assert_eq!((name.required, name.label.as_str()), (Required::Application, "Account Name"));
    assert_eq!(account.column("tags").unwrap().kind, Kind::Choices([(1, "One".to_owned())].into()));
    let hold = Kind::Boolean(["No".into(), "On hold".into()]);
    assert_eq!(account.column("creditonhold").unwrap().kind, hold);
    assert_eq!(account.column("new_extra").unwrap().kind, Kind::Integer);
    assert_eq!(
        (account.indexes.as_slice(), account.cascade.len()),
        (["name".to_owned()].as_slice(), 0)
    );
    assert_eq!((account.keys[0].name.as_str(), account.states[&0].status), ("number_key", 1));
    assert_eq!(account.statuses[&1].state, 0);
}

#[test]
fn a_model_that_makes_no_tables_is_told() {
    let told = |inner: &str| tables_with("{}", inner).err().unwrap().text;
    assert_eq!(told(""), "there is no entity set with a table behind it");
    let broken = way("parent", "account", "_parent_value", "");
    let text = told(&table("account", &broken));
    assert_eq!(text, "parent constrains _parent_value, which account has not");
    let keyless = r#"<EntityType Name="a"><Key><PropertyRef Name="aid" /></Key></EntityType>"#;
    assert_eq!(told(keyless), "the key of a is aid, which it has not");
    let key = r#"<Annotation Term="OData.Community.Keys.V1.AlternateKeys"><Collection><Record>
        <PropertyValue Property="Key"><Collection><Record><PropertyValue Property="Name" PropertyPath="nothing" />
        </Record></Collection></PropertyValue></Record></Collection></Annotation>"#;
    assert_eq!(told(&table("account", key)), "account has no column nothing, of an alternate key");
}
