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
        let bound = bound_to.as_ref().map(Into::into);
        let asked = Execute { bound_to: bound, action: &action, parameters: &parameters };
        let told = Asked {
            function: HostFunction::Execute,
            tables: bound_to.iter().map(|record| record.entity_set.clone()).collect(),
            shape: shape::execute(&asked),
            bytes: parameters.len(),
        };
        let answered = self
            .crm(told, |crm, deadline| async move {
                require_object("parameters", &parameters)?;
                let bound_to = bound_to.as_ref().map(Into::into);
                let asked = Execute { bound_to, action: &action, parameters: &parameters };
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
