//! What must not be seen in what came of a trial: the same as in the trace of a run.

use std::sync::Arc;

use patchcord_scenario::Variables;
use serde_json::Value;

use super::request::TryAnswer;
use crate::rehearsal::{AskedQuestion, Unrecorded, UnsentRequest};
use crate::runs::Runs;
use crate::runs::mask::{Mask, RunMask, tables};

impl Runs {
    /// What is to be masked in a trial of a scenario that hides the variables `sensitive`.
    pub(super) fn trial_mask(&self, sensitive: &[String], variables: &Variables) -> Arc<RunMask> {
        let columns = self.scenarios.catalog().accounts.sensitive_columns();
        let mask = Mask::new(&columns, sensitive, variables);
        RunMask::new(mask, Arc::clone(&self.scenarios))
    }
}

/// Masks what is answered, once it is all there.
pub(super) fn cover(mask: &RunMask, answer: &mut TryAnswer) {
    let mut mask = mask.learn(&answer.steps);
    let all: Vec<String> = answer.steps.iter().flat_map(tables).collect();
    let asked = answer.differences.iter().flat_map(|it| [Some(&it.asked), it.recorded.as_ref()]);
    let bodies = answer.requests.iter().filter_map(|request| request.body.as_ref());
    for body in bodies.chain(asked.flatten().map(|asked| &asked.asked)) {
        mask.learn_body(body, &all);
    }
    answer.steps.iter_mut().for_each(|step| mask.cover(step));
    let call = &mut answer.call;
    mask.cover_text(&mut call.result);
    if let Some(failure) = &mut call.failure {
        mask.cover_text(&mut failure.message);
    }
    let mut variables = Value::Object(std::mem::take(&mut call.variables));
    mask.cover_json(&mut variables, &all);
    if let Value::Object(variables) = variables {
        call.variables = variables;
    }
    answer.requests.iter_mut().for_each(|request| cover_request(&mask, request, &all));
    for difference in &mut answer.differences {
        let Unrecorded { asked, recorded, .. } = difference;
        for asked in [asked].into_iter().chain(recorded) {
            cover_question(&mask, asked, &all);
        }
    }
}

fn cover_request(mask: &Mask, request: &mut UnsentRequest, tables: &[String]) {
    mask.cover_address(&mut request.url);
    if let Some(body) = &mut request.body {
        mask.cover_body(body, tables);
    }
    request.headers.values_mut().for_each(|value| mask.cover_text(value));
}

fn cover_question(mask: &Mask, question: &mut AskedQuestion, tables: &[String]) {
    mask.cover_address(&mut question.table);
    if let Some(key) = &mut question.key {
        mask.cover_address(key);
    }
    mask.cover_body(&mut question.asked, tables);
    mask.cover_address(&mut question.asked);
    mask.cover_address(&mut question.options);
}
