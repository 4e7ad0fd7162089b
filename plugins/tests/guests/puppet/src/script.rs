//! Finding the script of a call, and playing it step by step.

use crate::outcome::Outcome;
use crate::values::text;
use crate::{calls, harm};
use mortise_sdk::prelude::*;
use serde_json::Value;

/// A call, as a script sees it.
pub struct Scene<'a> {
    function: &'a str,
    call: &'a Call,
    issue: Option<&'a Issue>,
    /// Texts that may be the script, the likeliest first.
    texts: Vec<&'a str>,
}

impl<'a> Scene<'a> {
    pub fn of_issue(function: &'a str, call: &'a Call, issue: &'a Issue, comment: Option<&'a str>) -> Self {
        let texts = comment.into_iter().chain([issue.title.as_str(), issue.description.as_str()]).collect();
        Self { function, call, issue: Some(issue), texts }
    }

    pub fn without_issue(function: &'a str, call: &'a Call, text: &'a str) -> Self {
        Self { function, call, issue: None, texts: vec![text] }
    }

    fn script(&self) -> Result<Vec<Value>, Failure> {
        let told = self.texts.iter().filter(|text| text.starts_with(['[', '{']));
        let script = match told.filter_map(|text| serde_json::from_str(text).ok()).next() {
            Some(script) => Some(script),
            None => host::settings::get("script")?,
        };
        Ok(match script {
            Some(Value::Array(steps)) => steps,
            Some(Value::Object(mut all)) => match all.remove(self.function).or_else(|| all.remove("*")) {
                Some(Value::Array(steps)) => steps,
                _ => Vec::new(),
            },
            _ => Vec::new(),
        })
    }
}

/// What a script remembers from step to step.
pub struct Play<'a> {
    scene: &'a Scene<'a>,
    outcome: Outcome,
    last: String,
    silent: bool,
}

/// Does what the script of this call says.
pub fn play(scene: &Scene<'_>) -> Result<Outcome, Failure> {
    harm::enter();
    let mut play = Play { scene, outcome: Outcome::default(), last: String::new(), silent: false };
    play.steps(&scene.script()?)?;
    Ok(play.outcome)
}

impl Play<'_> {
    fn steps(&mut self, steps: &[Value]) -> Result<(), Failure> {
        steps.iter().try_for_each(|step| self.step(step))
    }

    fn step(&mut self, step: &Value) -> Result<(), Failure> {
        let step = step.as_array().map(Vec::as_slice).unwrap_or_default();
        let Some((word, arguments)) = step.split_first() else {
            return Err(Failure::permanent("a step is a list that begins with a word"));
        };
        let (word, strict) = match word.as_str().unwrap_or_default() {
            word if word.starts_with('!') => (word.trim_start_matches('!'), true),
            word => (word, false),
        };
        match (word, arguments) {
            ("repeat", [Value::Number(times), Value::Array(steps)]) => {
                return (0..times.as_u64().unwrap_or_default()).try_for_each(|_| self.steps(steps));
            }
            ("silent", _) => {
                self.silent = true;
                return Ok(());
            }
            ("fill", [Value::String(what), Value::Number(bytes)]) => {
                let much = "x".repeat(usize::try_from(bytes.as_u64().unwrap_or_default()).unwrap_or(0));
                return self.step(&harm::filled(what, much));
            }
            _ => {}
        }
        let arguments: Vec<Value> = arguments.iter().map(|argument| self.filled_in(argument)).collect();
        if self.outcome.take(word, &arguments)? || harm::done(word, &arguments) {
            return Ok(());
        }
        self.host_call(word, &arguments, strict)
    }

    fn host_call(&mut self, word: &str, arguments: &[Value], strict: bool) -> Result<(), Failure> {
        let answer = match calls::made(word, arguments) {
            Some(answer) => answer,
            None => return Err(Failure::permanent(format!("no step is called `{word}`"))),
        };
        if !self.silent && word != "log" {
            match &answer {
                Ok(answer) => host::log::info(&format!("{word}: ok {}", answer.shown)),
                Err(error) => host::log::info(&format!("{word}: error {error:?}")),
            }
        }
        match answer {
            Ok(answer) => self.last = answer.last,
            Err(error) if strict => return Err(error.into()),
            Err(_) => {}
        }
        Ok(())
    }

    /// The argument with what its `$` words stand for, at any depth.
    fn filled_in(&self, argument: &Value) -> Value {
        match argument {
            Value::String(text) if text.contains('$') => {
                let call = self.scene.call;
                let (id, key) = self.scene.issue.map_or(("", ""), |issue| (&issue.id, &issue.key));
                let text = text.replace("$issue", id).replace("$key", key).replace("$actor", &call.actor.id);
                let text = text.replace("$invocation", &call.invocation);
                Value::String(
                    text.replace("$attempt", &call.attempt.to_string()).replace("$last", &self.last),
                )
            }
            Value::Array(items) => items.iter().map(|item| self.filled_in(item)).collect(),
            Value::Object(fields) => {
                fields.iter().map(|(key, value)| (key.clone(), self.filled_in(value))).collect()
            }
            other => other.clone(),
        }
    }
}

/// What a host call answered.
pub struct Answer {
    pub shown: String,
    /// What `$last` becomes.
    pub last: String,
}

impl Answer {
    /// Shown as it is.
    pub fn of(value: impl std::fmt::Debug) -> Self {
        Self { shown: format!("{value:?}"), last: String::new() }
    }

    /// An id or a text, which the next steps can name.
    pub fn named(value: String) -> Self {
        Self { shown: value.clone(), last: value }
    }

    /// Bytes, taken as text.
    pub fn bytes(value: &[u8]) -> Self {
        Self::named(text(&Value::String(String::from_utf8_lossy(value).into_owned())))
    }
}
