//! Checks of how the exits are wired: what no run can reach, and where a run could go round for ever.

use crate::core::CoreBlock;
use crate::plan::{PlannedStep, Work};
use crate::problem::Problem;

pub(super) fn check(steps: &[PlannedStep], start: usize, problems: &mut Vec<Problem>) {
    let reached = reached_from(steps, start);
    let ending = can_end(steps);
    for (index, step) in steps.iter().enumerate() {
        let pointer = format!("/blocks/{index}");
        if !reached[index] {
            let message = format!("no run can reach `{}`", step.id);
            problems.push(Problem::warning(pointer, message));
        } else if !ending[index] {
            let message = format!("from `{}` no run can come to an Exit block", step.id);
            problems.push(Problem::error(pointer, message));
        } else if never_goes_round(steps, index) {
            let message = format!(
                "the way from `next` of `{}` never comes back to it: only the first item is looked at",
                step.id
            );
            problems.push(Problem::warning(format!("{pointer}/exits/next"), message));
        }
    }
}

fn never_goes_round(steps: &[PlannedStep], index: usize) -> bool {
    let is_loop = matches!(steps[index].work, Work::Core(CoreBlock::ForEach));
    let body = steps[index].exits.get("next");
    is_loop && body.is_some_and(|body| !reached_from(steps, *body)[index])
}

fn reached_from(steps: &[PlannedStep], start: usize) -> Vec<bool> {
    let mut reached = vec![false; steps.len()];
    let mut waiting = vec![start];
    while let Some(index) = waiting.pop() {
        if !std::mem::replace(&mut reached[index], true) {
            waiting.extend(steps[index].exits.values());
        }
    }
    reached
}

fn can_end(steps: &[PlannedStep]) -> Vec<bool> {
    let is_end = |step: &PlannedStep| matches!(step.work, Work::Core(CoreBlock::Exit));
    let mut before: Vec<Vec<usize>> = vec![Vec::new(); steps.len()];
    for (index, step) in steps.iter().enumerate() {
        for target in step.exits.values() {
            before[*target].push(index);
        }
    }
    let mut ending = vec![false; steps.len()];
    let mut waiting: Vec<usize> = (0..steps.len()).filter(|i| is_end(&steps[*i])).collect();
    while let Some(index) = waiting.pop() {
        if !std::mem::replace(&mut ending[index], true) {
            waiting.extend(&before[index]);
        }
    }
    ending
}
