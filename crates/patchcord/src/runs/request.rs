//! What a call flow asks for and what it is answered; and the look at a request before it is run.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use patchcord_runtime::ScreenPop;
use patchcord_scenario::{Call, Failure, Path, Plan, Variables};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::Runs;
use crate::CallError;
use crate::invoke::deadline_is_wrong;
use crate::plans::Ready;

/// How long a call may take where neither the call flow nor the scenario says so.
pub(crate) const DEADLINE: Duration = Duration::from_secs(10);
/// Longest deadline that a call flow may ask for.
pub(crate) const LONGEST_DEADLINE: Duration = Duration::from_secs(600);
pub(crate) const LOCALE: &str = "en-US";

/// What a call flow asks for.
#[derive(Debug, Clone, Default)]
pub struct CallRequest {
    /// Name of the scenario.
    pub scenario: String,
    /// What the call flow knows: `item.from` and the like.
    pub variables: Map<String, Value>,
    /// Within what time an answer is of use: more than nothing, and ten minutes at most.
    pub deadline: Option<Duration>,
    /// The variables wanted; none for all that the scenario sets.
    pub want: Option<Vec<String>>,
    /// Language of the call, a BCP 47 tag.
    pub locale: Option<String>,
    /// What names this call and no other, so that asking again is answered by the first run and starts no second one.
    pub idempotency_key: Option<String>,
}

/// What a call flow is answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CallAnswer {
    /// Id of the run.
    pub run: Uuid,
    /// What the Exit block said; `failed` where a failure ended the run.
    pub result: String,
    /// The failure that ended the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// The variables asked for.
    pub variables: Map<String, Value>,
    /// The record to show to the agent.
    pub screen_pop: Option<ScreenPop>,
    /// Milliseconds from the call to the answer.
    pub elapsed_ms: f64,
}

/// A call that was found good and waits to be run.
pub(super) struct Taken {
    pub(super) began: Instant,
    pub(super) started_at: Timestamp,
    pub(super) allowance: Duration,
    pub(super) request: CallRequest,
    pub(super) plan: Arc<Plan>,
    pub(super) want: Option<Vec<Path>>,
    pub(super) call: Call,
}

impl Runs {
    /// How long a call may take.
    pub(super) fn allowance(&self, request: &CallRequest) -> Duration {
        let of_scenario = || match self.scenarios.ready(&request.scenario).as_deref() {
            Some(Ready::Runs(plan)) => plan.deadline(),
            _ => None,
        };
        request.deadline.or_else(of_scenario).unwrap_or(DEADLINE)
    }

    pub(super) fn take(&self, request: CallRequest) -> Result<Taken, CallError> {
        let (began, started_at) = (Instant::now(), Timestamp::now());
        let plan = match self.scenarios.ready(&request.scenario).as_deref() {
            Some(Ready::Runs(plan)) => Arc::clone(plan),
            Some(Ready::Broken(problems)) => {
                let (name, problems) = (request.scenario, problems.clone());
                return Err(CallError::Broken { name, problems });
            }
            None => return Err(CallError::UnknownScenario(request.scenario)),
        };
        let want = request.want.as_deref().map(paths).transpose()?;
        let variables = Variables::from_call(&request.variables)
            .map_err(|problem| CallError::Invalid { at: "/variables".into(), problem })?;
        let allowance = request.deadline.or(plan.deadline()).unwrap_or(DEADLINE);
        if allowance.is_zero() || allowance > LONGEST_DEADLINE {
            let problem = deadline_is_wrong();
            return Err(CallError::Invalid { at: "/deadline_ms".into(), problem });
        }
        let locale = request.locale.clone().unwrap_or_else(|| LOCALE.to_owned());
        let call = Call::new(Uuid::now_v7(), began + allowance, locale, variables);
        Ok(Taken { began, started_at, allowance, request, plan, want, call })
    }
}

pub(super) fn paths(names: &[String]) -> Result<Vec<Path>, CallError> {
    let path = |(index, name): (usize, &String)| {
        Path::parse(name)
            .map_err(|problem| CallError::Invalid { at: format!("/want/{index}"), problem })
    };
    names.iter().enumerate().map(path).collect()
}
