//! Tests of tables made of documents.

use super::super::Schema;

#[test]
fn loads() {
    let schema = Schema::load(None).unwrap();
    for table in schema.all() {
        println!("{} {} {} {} {}", table.logical, table.columns.len(), table.navigations.len(), table.collections.len(), table.key);
    }
    println!("{:?}", schema.by_logical("systemuser").unwrap().collections.get("teammembership_association"));
    println!("{:?}", schema.by_logical("contact").unwrap().navigations.get("parentcustomerid_account"));
    println!("{:?}", schema.by_logical("activitypointer").unwrap().members);
}
