//! Nothing is completed without an estimate. Which fields are asked for is a setting, so a company may ask for more.
//!
//! The same plugin is beside this in JavaScript and in Python.

use mortise_sdk::prelude::*;

struct EstimateGate;

mortise_sdk::register!(EstimateGate: workflow);

impl WorkflowPlugin for EstimateGate {
    fn validate(_: &Call, issue: &Issue, proposal: &Proposal) -> Result<Verdict, Error> {
        if !completes(issue, proposal) {
            return Ok(Verdict::allow());
        }
        let required = required()?;
        let missing = missing(issue, &required);
        if missing.is_empty() {
            return Ok(Verdict::allow());
        }
        // One that is being created has no key yet.
        let which = if issue.key.is_empty() { "this issue" } else { issue.key.as_str() };
        let denial = Verdict::deny(format!("{which} is not done: {}", sentence(&missing)));
        Ok(missing.iter().fold(denial, |denial, field| denial.at(*field, "is missing")))
    }

    fn next_states(
        _: &Call,
        issues: &[Issue],
        candidates: &[Vec<StateRef>],
    ) -> Result<Vec<Vec<NextState>>, Error> {
        let required = required()?;
        let of_each = issues.iter().zip(candidates);
        Ok(of_each.map(|(issue, states)| narrowed(&missing(issue, &required), states)).collect())
    }
}

/// Whether the issue would be completed: by a move, or because it is created so.
fn completes(issue: &Issue, proposal: &Proposal) -> bool {
    match proposal {
        Proposal::Create => issue.state.category == Category::Completed,
        Proposal::Transition(it) => it.to.category == Category::Completed,
        _ => false,
    }
}

/// Fields that must be filled; `estimate` unless the company says otherwise.
fn required() -> Result<Vec<String>, Error> {
    Ok(host::settings::get("required")?.unwrap_or_else(|| vec!["estimate".to_owned()]))
}

fn missing<'a>(issue: &Issue, required: &'a [String]) -> Vec<&'a str> {
    required.iter().map(String::as_str).filter(|field| !is_filled(issue, field)).collect()
}

fn is_filled(issue: &Issue, field: &str) -> bool {
    match field {
        "estimate" => issue.estimate.is_some(),
        "assignees" => !issue.assignees.is_empty(),
        "due-date" => issue.due_date.is_some(),
        "description" => !issue.description.trim().is_empty(),
        _ => true,
    }
}

fn narrowed(missing: &[&str], states: &[StateRef]) -> Vec<NextState> {
    let choice = |state: &StateRef| {
        if state.category == Category::Completed && !missing.is_empty() {
            NextState::disabled(state.clone(), sentence(missing))
        } else {
            NextState::enabled(state.clone())
        }
    };
    states.iter().map(choice).collect()
}

/// `estimate is missing`; `estimate, due-date are missing`.
fn sentence(missing: &[&str]) -> String {
    format!("{} {} missing", missing.join(", "), if missing.len() == 1 { "is" } else { "are" })
}

#[cfg(test)]
mod tests;
