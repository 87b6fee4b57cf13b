//! Tests of documents in files: an organisation's own, as big as real ones are, and wrong ones.

use std::fmt::Write as _;
use std::time::Instant;

use super::*;

/// An organisation's document of `types` entity types: as big as real ones are.
fn big(types: usize) -> String {
    let mut text = String::from(
        r#"<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>
<Schema Namespace="Microsoft.Dynamics.CRM" Alias="mscrm" xmlns="http://docs.oasis-open.org/odata/ns/edm">
<EntityType Name="crmbaseentity" Abstract="true" />"#,
    );
    for n in 0..types {
        let _ =
            write!(text, "\n<EntityType Name=\"new_table{n}\" BaseType=\"mscrm.crmbaseentity\">");
        let _ = write!(text, "<Key><PropertyRef Name=\"new_table{n}id\" /></Key>");
        let _ = write!(text, "<Property Name=\"new_table{n}id\" Type=\"Edm.Guid\" />");
        for column in 0..80 {
            let _ = write!(
                text,
                "\n<Property Name=\"new_column{column}\" Type=\"Edm.String\" Unicode=\"false\">"
            );
            text.push_str("<Annotation Term=\"Org.OData.Core.V1.Description\" String=\"About it.\" /></Property>");
        }
        for way in 0..10 {
            let target = (n + way * 7) % types;
            let _ = write!(text, "\n<Property Name=\"_new_to{way}_value\" Type=\"Edm.Guid\" />");
            let _ = write!(
                text,
                "<NavigationProperty Name=\"new_to{way}\" Type=\"mscrm.new_table{target}\" Partner=\"back{way}\">"
            );
            let _ = write!(
                text,
                "<ReferentialConstraint Property=\"_new_to{way}_value\" ReferencedProperty=\"x\" /></NavigationProperty>"
            );
            let from = (n + types * 100 - way * 7) % types;
            let _ = write!(
                text,
                "<NavigationProperty Name=\"back{way}\" Type=\"Collection(mscrm.new_table{from})\" Partner=\"new_to{way}\" />"
            );
        }
        text.push_str("</EntityType>");
    }
    text.push_str("<EntityContainer Name=\"System\">");
    for n in 0..types {
        let _ = write!(
            text,
            "<EntitySet Name=\"new_table{n}s\" EntityType=\"Microsoft.Dynamics.CRM.new_table{n}\" />"
        );
    }
    text + "</EntityContainer></Schema></edmx:DataServices></edmx:Edmx>"
}

#[test]
fn an_organisation_s_own_document_is_read_quickly() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("metadata.xml");
    let text = big(800);
    assert!(text.len() > 10_000_000, "{}", text.len());
    std::fs::write(&file, &text).unwrap();
    let start = Instant::now();
    let schema = Schema::load(Some(&file)).unwrap();
    let took = start.elapsed();
    assert_eq!(schema.all().len(), 800);
    let table = schema.by_set("new_table42s").unwrap();
    assert_eq!(
        (table.columns.len(), table.navigations.len(), table.collections.len()),
        (91, 10, 10)
    );
    assert_eq!(schema.document, text);
    assert!(took.as_secs() < 5, "{took:?}");
}

#[test]
fn a_wrong_file_is_told_by_name_and_line() {
    let folder = tempfile::tempdir().unwrap();
    let told = |name: &str, bytes: &[u8]| {
        let file = folder.path().join(name);
        std::fs::write(&file, bytes).unwrap();
        let error = Schema::load(Some(&file)).err().unwrap().to_string();
        error.strip_prefix(folder.path().to_str().unwrap()).unwrap_or(&error).to_owned()
    };
    let broken = "<edmx:Edmx Version=\"4.0\" xmlns:edmx=\"e\"><edmx:DataServices><Schema Namespace=\"a\">\n\
        <EntityType Name=\"b\">\n<Property Name=\"c\" /></EntityType></Schema></edmx:DataServices></edmx:Edmx>";
    assert_eq!(told("own.xml", broken.as_bytes()), "/own.xml, line 3: Property has no Type");
    assert_eq!(told("a.xml", b"\xff\xfe<"), "/a.xml, line 1: the document is not UTF-8");
    let missing = Schema::load(Some(&folder.path().join("none.xml"))).err().unwrap();
    assert!(matches!(missing, EmulatorError::File { .. }));
}

#[test]
fn a_byte_order_mark_is_no_part_of_a_document() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("metadata.xml");
    std::fs::write(&file, format!("\u{feff}{}", big(1))).unwrap();
    assert_eq!(Schema::load(Some(&file)).unwrap().all().len(), 1);
}
