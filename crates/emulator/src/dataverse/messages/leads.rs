//! `QualifyLead`: an account, a contact and an opportunity made of a lead, and the lead closed.
//!
//! Columns of the same name and type are carried over, and those that the lead calls otherwise, as the
//! mappings of a new organisation have it. Source: the QualifyLead action's reference page.

use axum::response::Response;
use http::StatusCode;
use serde_json::{Value as Json, json};
use sqlx::SqliteConnection;

use super::super::access::{Right, demand_row};
use super::super::call::Call;
use super::super::duplicates;
use super::super::errors::DataverseError;
use super::super::payload::Changes;
use super::super::query::ast::Value;
use super::super::schema::Table;
use super::super::write::{self, Values, has, point};
use super::parameters::{Body, Target, refused};
use super::{Bound, current_state, stored_row};

const PARAMETERS: [&str; 9] = [
    "CreateAccount",
    "CreateContact",
    "CreateOpportunity",
    "OpportunityCurrencyId",
    "OpportunityCustomerId",
    "ProcessInstanceId",
    "SourceCampaignId",
    "Status",
    "SuppressDuplicateDetection",
];

/// Columns that the lead has under another name: table, the lead's, the table's.
const RENAMED: [(&str, &str, &str); 3] = [
    ("account", "companyname", "name"),
    ("opportunity", "subject", "name"),
    ("opportunity", "estimatedamount", "estimatedvalue"),
];

/// Columns of the lead that the table has too, and that mean the lead itself.
const LEADS_OWN: [&str; 6] = [
    "statecode",
    "statuscode",
    "createdon",
    "modifiedon",
    "overriddencreatedon",
    "importsequencenumber",
];

pub(super) async fn qualify(
    call: &Call<'_>,
    connection: &mut SqliteConnection,
    bound: Bound<'_>,
) -> Result<Response, DataverseError> {
    let body = Body::read(call, "QualifyLead", &PARAMETERS)?;
    let lead = bound.row(connection).await?;
    let mut qualified = Qualified::read(call, connection, lead, &body).await?;
    let made = [
        ("account", body.truth("CreateAccount")?),
        ("contact", body.truth("CreateContact")?),
        ("opportunity", body.truth("CreateOpportunity")?),
    ];
    let mut created = Vec::new();
    for (name, _) in made.iter().filter(|(_, wanted)| *wanted) {
        let table = call.dataverse().table(name)?;
        let changes = Changes { values: qualified.values_of(table), ..Changes::default() };
        if !body.optional_truth("SuppressDuplicateDetection")? {
            duplicates::check(call, connection, table, &changes, None).await?;
        }
        let made = write::create(call.dataverse(), connection, table, changes, call.author());
        let id = made.await?;
        qualified.know(name, &id);
        created.push(json!({
            "@odata.type": format!("#Microsoft.Dynamics.CRM.{name}"),
            &table.key: id,
        }));
    }
    qualified.close(call, connection).await?;
    let context = "$metadata#Collection(Microsoft.Dynamics.CRM.crmbaseentity)";
    let context = format!("{}/{context}", call.caller.base);
    let answer = json!({"@odata.context": context, "value": Json::Array(created)});
    Ok(call.json(StatusCode::OK, &answer))
}

/// A lead about to be closed, and the rows that it is linked to by then.
struct Qualified<'a> {
    lead: Target<'a>,
    values: Values,
    status: i64,
    state: i64,
    account: Option<String>,
    contact: Option<String>,
    opportunity: Option<String>,
    /// Table and id of the customer that was asked for.
    customer: Option<(String, String)>,
    currency: Option<String>,
}

impl<'a> Qualified<'a> {
    /// Source: the error codes `LeadAlreadyInClosedState` and `InvalidStateCodeStatusCode`.
    async fn read(
        call: &Call<'_>,
        connection: &mut SqliteConnection,
        lead: Target<'a>,
        body: &Body,
    ) -> Result<Self, DataverseError> {
        demand_row(call.author(), connection, lead.table, &lead.id, Right::Write).await?;
        if current_state(connection, lead.table, &lead.id).await? != 0 {
            return Err(refused("0x80040519", "The lead is already closed."));
        }
        for name in ["SourceCampaignId", "ProcessInstanceId"] {
            if body.optional_object(name)?.is_some() {
                return Err(DataverseError::not_implemented(&format!("QualifyLead with {name}")));
            }
        }
        let asked = body.number("Status")?;
        let status = if asked == -1 { qualified(lead.table) } else { asked };
        let state = lead.table.statuses.get(&status).map(|status| status.state);
        let state = state.filter(|state| *state != 0).ok_or_else(|| {
            let message = format!(
                "{status} is not a valid status code for state code 1 on lead with Id {}.",
                lead.id
            );
            refused("0x80048408", &message)
        })?;
        let customer = body.optional_row(call, connection, "OpportunityCustomerId", None).await?;
        if let Some(customer) =
            customer.as_ref().filter(|row| !["account", "contact"].contains(&&*row.table.logical))
        {
            let message = format!("'{}' can not be a customer.", customer.table.logical);
            return Err(super::parameters::invalid(&message));
        }
        let currency = Some("transactioncurrency");
        let currency =
            body.optional_row(call, connection, "OpportunityCurrencyId", currency).await?;
        let values = stored_row(connection, lead.table, &lead.id).await?;
        let linked = |name: &str| match values.get(name) {
            Some(Value::Text(id)) => Some(id.clone()),
            _ => None,
        };
        Ok(Self {
            status,
            state,
            account: linked("_parentaccountid_value"),
            contact: linked("_parentcontactid_value"),
            opportunity: None,
            customer: customer.map(|row| (row.table.logical.clone(), row.id)),
            currency: currency.map(|row| row.id),
            lead,
            values,
        })
    }

    /// What a new row of `table` takes over.
    fn values_of(&self, table: &Table) -> Values {
        let mut values = Values::new();
        let lead = self.lead.table;
        for column in table.columns.iter().filter(|column| !column.is_lookup() && !column.readonly)
        {
            let renamed = RENAMED
                .iter()
                .find(|(name, _, there)| *name == table.logical && *there == column.name);
            let source = renamed.map_or(column.name.as_str(), |(_, here, _)| here);
            let fits = lead.column(source).is_some_and(|own| own.kind.edm() == column.kind.edm());
            let own = LEADS_OWN.contains(&source) || source.starts_with("address1_addressid");
            if fits
                && !own
                && let Some(value) = self.values.get(source).filter(|value| **value != Value::Null)
            {
                values.insert(column.name.clone(), value.clone());
            }
        }
        if table.logical == "account" && !has(&values, "name") {
            let name = self.values.get("fullname").cloned().unwrap_or(Value::Null);
            values.insert("name".to_owned(), name);
        }
        point_where(table, &mut values, "_originatingleadid_value", "lead", Some(&self.lead.id));
        self.relate(table, &mut values);
        values
    }

    fn relate(&self, table: &Table, values: &mut Values) {
        let (account, contact) = (self.account.as_ref(), self.contact.as_ref());
        match table.logical.as_str() {
            "contact" => {
                point_where(table, values, "_parentcustomerid_value", "account", account);
            }
            "opportunity" => {
                point_where(table, values, "_parentaccountid_value", "account", account);
                point_where(table, values, "_parentcontactid_value", "contact", contact);
                let made = account.map(|id| ("account", id)).or(contact.map(|id| ("contact", id)));
                let asked = self.customer.as_ref().map(|(table, id)| (table.as_str(), id));
                if let Some((kind, id)) = asked.or(made) {
                    point_where(table, values, "_customerid_value", kind, Some(id));
                }
            }
            _ => {}
        }
        let own = match self.values.get("_transactioncurrencyid_value") {
            Some(Value::Text(id)) => Some(id),
            _ => None,
        };
        let asked = self.currency.as_ref().filter(|_| table.logical == "opportunity");
        let currency = asked.or(own);
        point_where(table, values, "_transactioncurrencyid_value", "transactioncurrency", currency);
    }

    fn know(&mut self, table: &str, id: &str) {
        let id = Some(id.to_owned());
        match table {
            "account" => self.account = id,
            "contact" => self.contact = id,
            _ => self.opportunity = id,
        }
    }

    async fn close(
        &self,
        call: &Call<'_>,
        connection: &mut SqliteConnection,
    ) -> Result<(), DataverseError> {
        let lead = self.lead.table;
        let mut changes = Changes::default();
        let values = &mut changes.values;
        values.insert("statecode".to_owned(), Value::Integer(self.state));
        values.insert("statuscode".to_owned(), Value::Integer(self.status));
        point_where(lead, values, "_parentaccountid_value", "account", self.account.as_ref());
        point_where(lead, values, "_parentcontactid_value", "contact", self.contact.as_ref());
        let opportunity = self.opportunity.as_ref();
        point_where(lead, values, "_qualifyingopportunityid_value", "opportunity", opportunity);
        let id = &self.lead.id;
        write::update(call.dataverse(), connection, lead, id, changes, call.author()).await
    }
}

/// The status that a lead takes with the state Qualified.
fn qualified(lead: &Table) -> i64 {
    lead.states.get(&1).map_or(3, |state| state.status)
}

/// Lets a lookup that the table has point to a row, if there is one.
fn point_where(
    table: &Table,
    values: &mut Values,
    lookup: &str,
    target: &str,
    id: Option<&String>,
) {
    if let Some(id) = id.filter(|_| table.column(lookup).is_some()) {
        point(values, lookup, target, id.clone());
    }
}
