//! The interface `actions`. That a block imports it is what allows it to call it; see `imports.rs`.

use super::State;
use super::crm_call::{Answered, Asked, require_object};
use super::shape;
use crate::bindings::patchcord::block::actions::Host;
use crate::bindings::patchcord::block::dynamics::Reference;
use crate::{Execute, HostFunction};

impl Host for State {
    async fn execute(
        &mut self,
        bound_to: Option<Reference>,
        action: String,
        parameters: String,
    ) -> Answered<String> {
        let bound =
            bound_to.as_ref().map_or(0, |record| record.entity_set.len() + record.key.len());
        self.cross_out(bound + action.len() + parameters.len())?;
        let table: Vec<&str> = bound_to.iter().map(|record| record.entity_set.as_str()).collect();
        let record = bound_to.as_ref().map(Into::into);
        let asked = Execute { bound_to: record, action: &action, parameters: &parameters };
        let told = Asked {
            function: HostFunction::Execute,
            tables: &table,
            shape: shape::execute(&asked),
            bytes: parameters.len(),
        };
        let answered = self
            .crm(told, async |crm, deadline| {
                require_object("parameters", asked.parameters)?;
                crm.execute(&asked, deadline).await
            })
            .await?;
        match answered {
            Ok(answer) => {
                self.cross_in(answer.value.len())?;
                Ok(Ok(answer.value))
            }
            Err(error) => self.refuse(error),
        }
    }
}
