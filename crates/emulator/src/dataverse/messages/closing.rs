//! Messages that close a row with an activity: cases, opportunities, quotes, orders.
//!
//! Each writes the closing activity, completed at once, and moves the row to the state that the message is
//! for, with the status asked for. Sources: the actions' reference pages and webapi/use-web-api-actions.

use axum::response::Response;
use serde_json::{Map, Value as Json};
use sqlx::SqliteConnection;

use super::super::access::{Right, demand_row};
use super::super::call::Call;
use super::super::errors::DataverseError;
use super::super::payload::{self, Changes};
use super::super::query::ast::Value;
use super::super::query::sql::Builder;
use super::super::resource::Key;
use super::super::schema::Table;
use super::super::write::{self, point};
use super::super::{values, write::Values};
use super::parameters::{Body, invalid, refused};
use super::{current_state, done};

/// A message that closes rows of a table.
struct Closing {
    message: &'static str,
    /// The parameter that holds the activity, and the activity's table.
    parameter: &'static str,
    activity: &'static str,
    table: &'static str,
    /// The states from which a row can be closed so.
    from: &'static [i64],
    state: i64,
    /// What a row in another state is answered.
    closed: (&'static str, &'static str),
}

const fn closing(
    message: &'static str,
    (parameter, activity, table): (&'static str, &'static str, &'static str),
    from: &'static [i64],
    state: i64,
    closed: (&'static str, &'static str),
) -> Closing {
    Closing { message, parameter, activity, table, from, state, closed }
}

const CASE: (&str, &str, &str) = ("IncidentResolution", "incidentresolution", "incident");
const OPPORTUNITY: (&str, &str, &str) = ("OpportunityClose", "opportunityclose", "opportunity");
const QUOTE: (&str, &str, &str) = ("QuoteClose", "quoteclose", "quote");
const ORDER: (&str, &str, &str) = ("OrderClose", "orderclose", "salesorder");

const CASE_CLOSED: (&str, &str) = ("0x80044411", "Already Closed or Canceled");
const OPPORTUNITY_CLOSED: (&str, &str) = ("0x80040515", "The opportunity is already closed.");
const OTHER_CLOSED: (&str, &str) =
    ("0x80040233", "The object is not in a valid state to perform this operation.");

const CLOSINGS: [Closing; 7] = [
    closing("CloseIncident", CASE, &[0], 1, CASE_CLOSED),
    closing("WinOpportunity", OPPORTUNITY, &[0], 1, OPPORTUNITY_CLOSED),
    closing("LoseOpportunity", OPPORTUNITY, &[0], 2, OPPORTUNITY_CLOSED),
    closing("WinQuote", QUOTE, &[1], 2, OTHER_CLOSED),
    closing("CloseQuote", QUOTE, &[1], 3, OTHER_CLOSED),
    closing("FulfillSalesOrder", ORDER, &[0, 1], 3, OTHER_CLOSED),
    closing("CancelSalesOrder", ORDER, &[0, 1], 2, OTHER_CLOSED),
];

/// Carries out the message `name`, if it is one of these.
pub(super) async fn close(
    call: &Call<'_>,
    connection: &mut SqliteConnection,
    name: &str,
) -> Option<Result<Response, DataverseError>> {
    let closing = CLOSINGS.iter().find(|closing| closing.message == name)?;
    Some(closing.carry_out(call, connection).await)
}

impl Closing {
    async fn carry_out(
        &self,
        call: &Call<'_>,
        connection: &mut SqliteConnection,
    ) -> Result<Response, DataverseError> {
        let (dataverse, author) = (call.dataverse(), call.author());
        let body = Body::read(call, self.message, &[self.parameter, "Status"])?;
        let (table, activity) = (dataverse.table(self.table)?, dataverse.table(self.activity)?);
        let (id, mut changes) =
            self.activity(call, connection, activity, body.object(self.parameter)?).await?;
        let status = body.number("Status")?;
        demand_row(author, connection, table, &id, Right::Write).await?;
        let current = current_state(connection, table, &id).await?;
        if !self.from.contains(&current) {
            return Err(refused(self.closed.0, self.closed.1));
        }
        if self.table == "incident" {
            no_open_activities(call, connection, &id).await?;
        }
        let revenue = changes.values.get("actualrevenue").cloned();
        let ended = changes.values.entry("actualend".to_owned());
        let ended = ended.or_insert_with(|| Value::Text(values::now())).clone();
        self.complete(activity, table, &id, &mut changes.values);
        write::create(dataverse, connection, activity, changes, author).await?;
        let mut closed = Changes::default();
        closed.values.insert("statecode".to_owned(), Value::Integer(self.state));
        if status != -1 {
            closed.values.insert("statuscode".to_owned(), Value::Integer(status));
        }
        if self.table == "opportunity" {
            closed.values.insert("actualclosedate".to_owned(), day(ended));
            closed.values.extend(revenue.map(|value| ("actualvalue".to_owned(), value)));
        }
        write::update(dataverse, connection, table, &id, closed, author).await?;
        Ok(done())
    }

    /// The row to close and what the closing activity is to hold.
    async fn activity(
        &self,
        call: &Call<'_>,
        connection: &mut SqliteConnection,
        activity: &Table,
        given: &Map<String, Json>,
    ) -> Result<(String, Changes), DataverseError> {
        let dataverse = call.dataverse();
        let mut changes = payload::from_object(&dataverse.schema, activity, given)?;
        let table = dataverse.table(self.table)?;
        let lookup = self.lookup();
        let bound = changes.binds.iter().position(|bind| bind.column == lookup);
        let nested = changes.parents.iter().position(|parent| parent.column == lookup);
        let key = match (bound, nested) {
            (Some(at), _) => Some(changes.binds.remove(at).key),
            (None, Some(at)) => changes.parents.remove(at).changes.id.map(Key::Id),
            (None, None) => None,
        };
        let missing = || invalid(&format!("Required field '{}id' is missing", self.table));
        let id = write::need(connection, table, &key.ok_or_else(missing)?).await?;
        Ok((id, changes))
    }

    fn lookup(&self) -> String {
        format!("_{}id_value", self.table)
    }

    fn complete(&self, activity: &Table, table: &Table, id: &str, values: &mut Values) {
        const COMPLETED: i64 = 1;
        point(values, &self.lookup(), &table.logical, id.to_owned());
        let regarding = "_regardingobjectid_value";
        if activity.column(regarding).is_some() {
            point(values, regarding, &table.logical, id.to_owned());
        }
        values.insert("statecode".to_owned(), Value::Integer(COMPLETED));
        values.remove("statuscode");
    }
}

/// The date of an instant.
fn day(value: Value) -> Value {
    match value {
        Value::Text(at) => Value::Text(at.get(..10).unwrap_or_default().to_owned()),
        other => other,
    }
}

/// Source: error `0x8004440a` of "Web service error codes".
async fn no_open_activities(
    call: &Call<'_>,
    connection: &mut SqliteConnection,
    id: &str,
) -> Result<(), DataverseError> {
    let Some(activities) = call.dataverse().schema.by_logical("activitypointer") else {
        return Ok(());
    };
    let mut builder = Builder::new(format!(
        "SELECT 1 FROM \"{}\" WHERE statecode IN (0, 3) AND _regardingobjectid_value = ",
        activities.logical
    ));
    builder.push_bind(id.to_owned()).push(" LIMIT 1");
    let open: Option<i64> = builder.build_query_scalar().fetch_optional(connection).await?;
    match open {
        Some(_) => Err(refused(
            "0x8004440a",
            "The incident can not be closed because there are open activities for this incident.",
        )),
        None => Ok(()),
    }
}

/// Source: the case table's reference: these states are reached by a message of their own only.
pub(crate) fn reached_by_message(table: &Table, state: i64) -> Option<DataverseError> {
    let closing =
        CLOSINGS.iter().find(|closing| closing.table == table.logical && closing.state == state)?;
    let state = table.states.get(&state).map_or("", |state| state.label.as_str());
    let message = format!(
        "This message can not be used to set the state of {} to {state}. In order to set state of {} to \
         {state}, use the {}Request message instead.",
        table.logical, table.logical, closing.message
    );
    Some(invalid(&message))
}

/// Whether `name` is one of these messages.
pub(super) fn is_one(name: &str) -> bool {
    CLOSINGS.iter().any(|closing| closing.message == name)
}
