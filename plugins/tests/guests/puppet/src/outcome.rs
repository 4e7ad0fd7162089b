//! What a script has said should be answered.

use crate::values::{edits, text};
use mortise_sdk::prelude::*;
use serde_json::Value;

pub struct Outcome {
    pub verdict: Verdict,
    pub edits: Vec<Edit>,
    /// Keys of states, and why they cannot be entered.
    pub disabled: Vec<(String, String)>,
    pub misshaped: bool,
    pub response: Option<(u16, String)>,
}

impl Default for Outcome {
    fn default() -> Self {
        Self {
            verdict: Verdict::allow(),
            edits: Vec::new(),
            disabled: Vec::new(),
            misshaped: false,
            response: None,
        }
    }
}

impl Outcome {
    /// Takes in a step that says what to answer; whether it was one.
    pub fn take(&mut self, word: &str, arguments: &[Value]) -> Result<bool, Failure> {
        let argument = |at: usize| arguments.get(at).unwrap_or(&Value::Null);
        match word {
            "allow" => self.verdict = Verdict::allow(),
            "deny" => self.verdict = denial(&text(argument(0)), argument(1)),
            "edits" => self.edits.extend(edits(argument(0))?),
            "disable" => self.disabled.extend(pairs(argument(0))),
            "misshape" => self.misshaped = true,
            "respond" => {
                let status = argument(0).as_u64().and_then(|it| u16::try_from(it).ok()).unwrap_or(200);
                self.response = Some((status, text(argument(1))));
            }
            "retry" => return Err(Failure::retry(text(argument(0)))),
            "permanent" => return Err(Failure::permanent(text(argument(0)))),
            _ => return Ok(false),
        }
        Ok(true)
    }

    pub fn next_state(&self, state: &StateRef) -> NextState {
        match self.disabled.iter().find(|(key, _)| *key == state.key) {
            Some((_, why_not)) => NextState::disabled(state.clone(), why_not.clone()),
            None => NextState::enabled(state.clone()),
        }
    }
}

fn denial(message: &str, fields: &Value) -> Verdict {
    pairs(fields).into_iter().fold(Verdict::deny(message), |denial, (field, why)| denial.at(field, why))
}

fn pairs(object: &Value) -> Vec<(String, String)> {
    let pairs = object.as_object().into_iter().flatten();
    pairs.map(|(key, value)| (key.clone(), text(value))).collect()
}
