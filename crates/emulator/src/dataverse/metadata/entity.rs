//! `EntityMetadata`: what `EntityDefinitions` says of a table.
//!
//! Member names, their order and the values that do not depend on the table follow the responses on
//! Microsoft's page "Web API Metadata Operations Sample".

use serde_json::{Map, Value as Json, json};

use super::label::{label, managed, managed_as, object};
use crate::dataverse::id_of;
use crate::dataverse::schema::{Ownership, Schema, Table};

pub(crate) fn id(table: &Table) -> String {
    id_of("entity", &table.logical)
}

pub(crate) fn describe(schema: &Schema, table: &Table) -> Map<String, Json> {
    let mut all = switches(schema, table);
    all.append(&mut names(table));
    all.append(&mut settings(schema, table));
    all.append(&mut labels(table));
    all.append(&mut abilities(table));
    all.insert("Privileges".into(), Json::Array(privileges(table)));
    all.insert("Settings".into(), json!([]));
    all
}

fn switches(schema: &Schema, table: &Table) -> Map<String, Json> {
    let managed = !table.custom;
    object([
        ("ActivityTypeMask", json!(if table.activity { 1 } else { 0 })),
        ("AutoRouteToOwnerQueue", json!(false)),
        ("CanTriggerWorkflow", json!(true)),
        ("EntityHelpUrlEnabled", json!(false)),
        ("EntityHelpUrl", json!(null)),
        ("IsDocumentManagementEnabled", json!(false)),
        ("IsOneNoteIntegrationEnabled", json!(false)),
        ("IsInteractionCentricEnabled", json!(false)),
        ("IsKnowledgeManagementEnabled", json!(false)),
        ("IsSLAEnabled", json!(false)),
        ("IsBPFEntity", json!(false)),
        ("IsDocumentRecommendationsEnabled", json!(false)),
        ("IsMSTeamsIntegrationEnabled", json!(false)),
        ("SettingOf", json!(null)),
        ("DataProviderId", json!(null)),
        ("DataSourceId", json!(null)),
        ("AutoCreateAccessTeams", json!(false)),
        ("IsActivity", json!(table.activity)),
        ("IsActivityParty", json!(points_at(schema, table, "partyid"))),
        ("IsRetrieveAuditEnabled", json!(false)),
        ("IsRetrieveMultipleAuditEnabled", json!(false)),
        ("IsArchivalEnabled", json!(false)),
        ("IsAvailableOffline", json!(true)),
        ("IsChildEntity", json!(false)),
        ("IsAIRUpdated", json!(managed)),
        ("IconLargeName", json!(null)),
        ("IconMediumName", json!(null)),
        ("IconSmallName", json!(null)),
        ("IconVectorName", json!(null)),
        ("IsCustomEntity", json!(table.custom)),
        ("IsBusinessProcessEnabled", json!(false)),
        ("SyncToExternalSearchIndex", json!(false)),
        ("IsOptimisticConcurrencyEnabled", json!(true)),
        ("ChangeTrackingEnabled", json!(true)),
        ("IsImportable", json!(true)),
        ("IsIntersect", json!(is_intersect(table))),
        ("IsManaged", json!(managed)),
        ("IsEnabledForCharts", json!(true)),
        ("IsEnabledForTrace", json!(false)),
        ("IsValidForAdvancedFind", json!(!is_intersect(table))),
        ("DaysSinceRecordLastModified", json!(0)),
        ("MobileOfflineFilters", json!("")),
        ("IsReadingPaneEnabled", json!(true)),
        ("IsQuickCreateEnabled", json!(false)),
    ])
}

fn names(table: &Table) -> Map<String, Json> {
    let image = table.attribute("entityimage").map(|column| column.logical.as_str());
    let set = Some(table.set.as_str()).filter(|set| !set.is_empty());
    let name = Some(table.name.as_str()).filter(|name| !name.is_empty());
    object([
        ("LogicalName", json!(table.logical)),
        ("ObjectTypeCode", json!(table.type_code)),
        ("TableType", json!("Standard")),
        (
            "OwnershipType",
            json!(match table.ownership {
                Ownership::User => "UserOwned",
                Ownership::Business => "BusinessOwned",
                Ownership::Organization => "OrganizationOwned",
                Ownership::None => "None",
            }),
        ),
        ("PrimaryNameAttribute", json!(name)),
        ("PrimaryImageAttribute", json!(image)),
        ("PrimaryIdAttribute", json!(table.key)),
        ("RecurrenceBaseEntityLogicalName", json!(null)),
        ("ReportViewName", json!(format!("Filtered{}", table.schema))),
        ("SchemaName", json!(table.schema)),
        ("IntroducedVersion", json!(if table.custom { "1.0.0.0" } else { "5.0.0.0" })),
        ("IsStateModelAware", json!(!table.states.is_empty())),
        ("EnforceStateTransitions", json!(false)),
        ("ExternalName", json!(null)),
        ("EntityColor", json!(null)),
        ("LogicalCollectionName", json!(set)),
        ("ExternalCollectionName", json!(null)),
        ("CollectionSchemaName", json!(collection_schema_name(table))),
        ("EntitySetName", json!(set)),
    ])
}

fn settings(schema: &Schema, table: &Table) -> Map<String, Json> {
    let owner_type = 8;
    object([
        ("IsEnabledForExternalChannels", json!(false)),
        ("IsPrivate", json!(false)),
        ("UsesBusinessDataLabelTable", json!(false)),
        ("IsLogicalEntity", json!(false)),
        ("HasNotes", json!(referenced(schema, "annotation", "objectid", table))),
        (
            "HasActivities",
            json!(
                schema
                    .all()
                    .iter()
                    .any(|other| other.activity && lookup_to(other, "regardingobjectid", table))
            ),
        ),
        ("HasFeedback", json!(false)),
        ("IsSolutionAware", json!(false)),
        ("CreatedOn", json!("1900-01-01T00:00:00Z")),
        ("ModifiedOn", json!("1900-01-01T00:00:00Z")),
        ("HasEmailAddresses", json!(table.attribute("emailaddress1").is_some())),
        ("OwnerId", json!(null)),
        ("OwnerIdType", json!(owner_type)),
        ("OwningBusinessUnit", json!(null)),
        ("MetadataId", json!(id(table))),
        ("HasChanged", json!(null)),
        (
            "IsValidForQueue",
            managed("canmodifyqueuesettings", referenced(schema, "queueitem", "objectid", table)),
        ),
    ])
}

fn labels(table: &Table) -> Map<String, Json> {
    let owner = |member: &str| format!("{}/{member}", table.logical);
    object([
        ("Description", label(&owner("Description"), &table.description)),
        ("DisplayCollectionName", label(&owner("DisplayCollectionName"), &table.plural)),
        ("DisplayName", label(&owner("DisplayName"), &table.label)),
    ])
}

fn abilities(table: &Table) -> Map<String, Json> {
    let plain = !is_intersect(table);
    object([
        ("IsAuditEnabled", managed("canmodifyauditsettings", plain)),
        ("IsConnectionsEnabled", managed("canmodifyconnectionsettings", plain)),
        ("IsCustomizable", managed("iscustomizable", plain)),
        ("IsRenameable", managed("isrenameable", plain)),
        ("IsMappable", managed_as("ismappable", plain, false)),
        ("IsDuplicateDetectionEnabled", managed("canmodifyduplicatedetectionsettings", false)),
        ("CanCreateAttributes", managed_as("cancreateattributes", plain, false)),
        ("CanCreateForms", managed("cancreateforms", plain)),
        ("CanCreateViews", managed("cancreateviews", plain)),
        ("CanCreateCharts", managed("cancreatecharts", plain)),
        ("CanBeRelatedEntityInRelationship", managed("canberelatedentityinrelationship", plain)),
        ("CanBePrimaryEntityInRelationship", managed("canbeprimaryentityinrelationship", plain)),
        ("CanBeInManyToMany", managed("canbeinmanytomany", plain)),
        ("CanBeInCustomEntityAssociation", managed("canbeincustomentityassociation", plain)),
        (
            "CanEnableSyncToExternalSearchIndex",
            managed("canenablesynctoexternalsearchindex", plain),
        ),
        ("CanModifyAdditionalSettings", managed("canmodifyadditionalsettings", plain)),
        ("CanChangeHierarchicalRelationship", managed("canchangehierarchicalrelationship", plain)),
        ("CanChangeTrackingBeEnabled", managed("canchangetrackingbeenabled", plain)),
        ("IsMailMergeEnabled", managed("canmodifymailmergesettings", false)),
        ("IsVisibleInMobile", managed("canmodifymobilevisibility", false)),
        ("IsVisibleInMobileClient", managed("canmodifymobileclientvisibility", plain)),
        ("IsReadOnlyInMobileClient", managed("canmodifymobileclientreadonly", false)),
        ("IsOfflineInMobileClient", managed("canmodifymobileclientoffline", false)),
    ])
}

/// All activities share the privileges of one name.
fn privileges(table: &Table) -> Vec<Json> {
    let name = if table.activity { "Activity" } else { table.schema.as_str() };
    let owned = table.ownership == Ownership::User;
    let common = ["Create", "Read", "Write", "Delete", "Append", "AppendTo"];
    let kinds = common.iter().chain(["Assign", "Share"].iter().filter(|_| owned));
    let privilege = |kind: &&str| {
        let name = format!("prv{kind}{name}");
        json!({
            "CanBeBasic": owned,
            "CanBeDeep": owned,
            "CanBeGlobal": true,
            "CanBeLocal": owned,
            "CanBeEntityReference": false,
            "CanBeParentEntityReference": false,
            "PrivilegeId": id_of("privilege", &name),
            "Name": name,
            "PrivilegeType": kind,
        })
    };
    kinds.map(privilege).collect()
}

/// A table that only links rows of two others.
pub(crate) fn is_intersect(table: &Table) -> bool {
    table.set.is_empty() && table.ownership == Ownership::None && table.name.is_empty()
}

/// `Account` and `accounts` make `Accounts`.
fn collection_schema_name(table: &Table) -> String {
    let ending = table.set.strip_prefix(&table.logical);
    match ending {
        Some(ending) => format!("{}{ending}", table.schema),
        None => {
            let mut letters = table.set.chars();
            let first = letters.next().map(|first| first.to_ascii_uppercase());
            first.into_iter().chain(letters).collect()
        }
    }
}

fn lookup_to(from: &Table, attribute: &str, to: &Table) -> bool {
    let column = from.attribute(attribute);
    column.is_some_and(|column| column.targets().contains(&to.logical))
}

fn referenced(schema: &Schema, from: &str, attribute: &str, to: &Table) -> bool {
    schema.by_logical(from).is_some_and(|from| lookup_to(from, attribute, to))
}

fn points_at(schema: &Schema, table: &Table, attribute: &str) -> bool {
    referenced(schema, "activityparty", attribute, table)
}
