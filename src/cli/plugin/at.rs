//! A company at a running server, as the commands of plugins ask it. It knows no command.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use anyhow::{Context as _, bail, ensure};
use clap::Args;
use mortise::time::Timestamp;
use serde_json::{Value, json};

use crate::cli::output;
use crate::cli::remote::{Keyed, Remote};

/// Issues whose keys are asked for at once.
const KEYS_AT_ONCE: usize = 100;

/// Which company, and how to answer. The variables `MORTISE_SERVER` and `MORTISE_TOKEN_FILE` are for platform keys, and are
/// not looked at.
#[derive(Debug, Args)]
pub(super) struct At {
    /// Address of the server, such as https://tracker.example.com or http://127.0.0.1:4000
    #[arg(long, value_name = "URL", help_heading = "A running server")]
    server: String,
    /// File whose first line is an API key of scope ADMIN of an admin: the company is that of the key
    #[arg(long, value_name = "FILE", help_heading = "A running server")]
    token_file: PathBuf,
    /// Answer as JSON
    #[arg(long)]
    pub(super) json: bool,
}

impl At {
    /// The company.
    ///
    /// # Errors
    /// The address or the file of the key cannot be used.
    pub(super) async fn company(&self) -> anyhow::Result<Company> {
        Ok(Company(Remote::of_company(&self.server, self.token_file.clone()).await?))
    }

    /// The company, or those who run the platform where the key is theirs: for what is asked of both in the same words.
    ///
    /// # Errors
    /// As [`company`](Self::company).
    pub(super) async fn whose_key(&self) -> anyhow::Result<Company> {
        Ok(Company(Remote::of_key(&self.server, self.token_file.clone()).await?))
    }

    /// A path at the server, for people to use elsewhere.
    pub(super) fn address_of(&self, path: &str) -> String {
        format!("{}{path}", self.server.trim_end_matches('/'))
    }

    /// Another path at the server, with the same key.
    ///
    /// # Errors
    /// As [`company`](Self::company).
    pub(super) async fn keyed(&self, path: &str) -> anyhow::Result<Keyed> {
        Keyed::open(&self.server, path, self.token_file.clone()).await
    }
}

/// See the module.
pub(super) struct Company(Remote);

impl Company {
    /// What a document of one field answers in it.
    ///
    /// # Errors
    /// The server cannot be reached, or refuses.
    pub(super) async fn ask(&self, document: &str, variables: Value) -> anyhow::Result<Value> {
        let mut data = self.0.ask(document, variables).await?;
        let field = data.as_object_mut().and_then(|fields| fields.values_mut().next());
        field.map(Value::take).context("the server answers nothing")
    }

    /// The same of a mutation: all that it was refused for is told, with the fields at fault.
    ///
    /// # Errors
    /// As [`ask`](Self::ask); or it was refused: [`Refused`].
    pub(super) async fn change(&self, document: &str, variables: Value) -> anyhow::Result<Value> {
        let payload = self.ask(document, variables).await?;
        let refused = Refused::of(list(&payload, "userErrors"));
        if refused.told.is_empty() { Ok(payload) } else { Err(refused.into()) }
    }

    /// The id of an installed plugin: itself, or by what its author calls it.
    ///
    /// # Errors
    /// As [`ask`](Self::ask); or there is none, or more than one.
    pub(super) async fn plugin(&self, which: &str) -> anyhow::Result<String> {
        if which.starts_with("pin_") {
            return Ok(which.to_owned());
        }
        let all = self.ask("{ plugins { id plugin } }", json!({})).await?;
        let named = all.as_array().into_iter().flatten().filter(|one| text(one, "plugin") == which);
        let ids: Vec<String> = named.map(|one| text(one, "id")).collect();
        match ids.as_slice() {
            [id] => Ok(id.clone()),
            [] => bail!("`{which}` is not installed: `mortise plugin list` shows what is"),
            several => bail!("`{which}` is installed more than once: name one of {}", several.join(", ")),
        }
    }

    /// The id of a team: itself, or by its key.
    ///
    /// # Errors
    /// As [`ask`](Self::ask); or there is none.
    pub(super) async fn team(&self, which: &str) -> anyhow::Result<String> {
        if which.starts_with("team_") {
            return Ok(which.to_owned());
        }
        let team = self.ask("query($id: ID!) { team(id: $id) { id } }", json!({ "id": which })).await?;
        ensure!(!team.is_null(), "there is no team `{which}`: name it by its key, such as ENG");
        Ok(text(&team, "id"))
    }

    /// The id of an issue: itself, or by its key.
    ///
    /// # Errors
    /// As [`ask`](Self::ask); or there is none.
    pub(super) async fn issue(&self, which: &str) -> anyhow::Result<String> {
        if which.starts_with("iss_") {
            return Ok(which.to_owned());
        }
        let issue = self.ask("query($id: ID!) { issue(id: $id) { id } }", json!({ "id": which })).await?;
        ensure!(!issue.is_null(), "there is no issue `{which}`: name it by its key, such as ENG-12");
        Ok(text(&issue, "id"))
    }

    /// The keys of issues by their ids, of those that are there.
    ///
    /// # Errors
    /// As [`ask`](Self::ask).
    pub(super) async fn keys(
        &self,
        issues: impl Iterator<Item = String>,
    ) -> anyhow::Result<BTreeMap<String, String>> {
        let ids: BTreeSet<String> = issues.filter(|id| !id.is_empty()).collect();
        let ids: Vec<String> = ids.into_iter().collect();
        let document = "query($ids: [ID!]!) { nodes(ids: $ids) { ... on Issue { id identifier } } }";
        let mut keys = BTreeMap::new();
        for part in ids.chunks(KEYS_AT_ONCE) {
            let issues = self.ask(document, json!({ "ids": part })).await?;
            let found = issues.as_array().into_iter().flatten().filter(|issue| !issue.is_null());
            keys.extend(found.map(|issue| (text(issue, "id"), text(issue, "identifier"))));
        }
        Ok(keys)
    }
}

/// Why a mutation was not done.
#[derive(Debug, thiserror::Error)]
#[error("{}", .told.join("; "))]
pub(super) struct Refused {
    /// In words, one for each thing.
    told: Vec<String>,
    /// The arguments at fault, as the API names them.
    fields: Vec<String>,
}

impl Refused {
    fn of<'v>(errors: impl Iterator<Item = &'v Value>) -> Self {
        let (told, fields) = errors.map(|error| (refusal(error), text(error, "field"))).unzip();
        Self { told, fields }
    }
}

/// Whether something was refused for this argument.
pub(super) fn is_about(error: &anyhow::Error, field: &str) -> bool {
    error.downcast_ref::<Refused>().is_some_and(|refused| refused.fields.iter().any(|one| one == field))
}

/// A moment, as people write it.
///
/// # Errors
/// It is none.
pub(super) fn moment(text: &str) -> Result<Timestamp, String> {
    text.parse().map_err(|_| format!("`{text}` is no time: write it as 2026-01-31T09:00:00Z"))
}

/// Arguments of mutations that these commands fill in by themselves: nobody typed them, so naming them says nothing.
const OURS: [&str; 7] = ["code", "digest", "granted", "id", "letters", "pluginId", "version"];

fn refusal(error: &Value) -> String {
    let message = text(error, "message");
    let is_told = |field: &&str| !OURS.contains(field) && !message.contains(field);
    match error.get("field").and_then(Value::as_str).filter(is_told) {
        Some(field) => format!("{field}: {message}"),
        None => message,
    }
}

/// A field as text; empty for null, numbers in digits.
pub(super) fn text(of: &Value, field: &str) -> String {
    match of.get(field) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

/// The same of a word of an enum, as people read it.
pub(super) fn word(of: &Value, field: &str) -> String {
    text(of, field).to_lowercase().replace('_', " ")
}

/// A list in a field; nothing for null.
pub(super) fn list<'v>(of: &'v Value, field: &str) -> impl Iterator<Item = &'v Value> {
    of.get(field).and_then(Value::as_array).into_iter().flatten()
}

/// What a mutation answers: as JSON, or in a line.
///
/// # Errors
/// As [`output::line`].
pub(super) fn say(at: &At, payload: &Value, line: impl FnOnce(&Value) -> String) -> anyhow::Result<()> {
    if at.json { output::json(payload) } else { Ok(output::line(line(payload))?) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_its_field_once() {
        let error = json!({ "message": "is missing", "field": "estimate" });
        assert_eq!(refusal(&error), "estimate: is missing");
        let error = json!({ "message": "`settings` is no JSON", "field": "settings" });
        assert_eq!(refusal(&error), "`settings` is no JSON");
        let error = json!({ "message": "acme.gate is installed already", "field": "digest" });
        assert_eq!(refusal(&error), "acme.gate is installed already");
    }

    #[test]
    fn all_that_was_refused_is_told_and_what_for_is_known() {
        let errors = [
            json!({ "message": "grant all of it", "field": "granted" }),
            json!({ "message": "is missing", "field": "estimate" }),
            json!({ "message": "and so on" }),
        ];
        let error = anyhow::Error::new(Refused::of(errors.iter()));
        assert_eq!(error.to_string(), "grant all of it; estimate: is missing; and so on");
        assert!(is_about(&error, "granted") && !is_about(&error, "digest"));
        assert!(!is_about(&anyhow::anyhow!("it was not reached"), "granted"));
    }

    #[test]
    fn what_is_not_there_is_empty_and_a_number_is_its_digits() {
        let value = json!({ "a": null, "b": 3, "c": "DRY_RUN" });
        assert_eq!(
            (text(&value, "a"), text(&value, "b"), text(&value, "d")),
            ("".into(), "3".into(), "".into())
        );
        assert_eq!(word(&value, "c"), "dry run");
    }
}
