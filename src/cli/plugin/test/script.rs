//! The events file: a company, and what happens in it. Names are as in TOML; JSON has the same. It knows no guest.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, ensure};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::super::local;

/// The longest events file, in bytes.
const BYTES_MAX: u64 = 4 << 20;

/// All of it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Script {
    /// RFC 3339 in UTC with milliseconds.
    pub(super) now: Option<String>,
    /// Such as `Europe/Vienna`.
    pub(super) time_zone: Option<String>,
    /// An object; what the schema has defaults for is filled in.
    pub(super) settings: Option<Value>,
    /// Values by name.
    pub(super) secrets: BTreeMap<String, String>,
    /// The plugin's memory.
    pub(super) kv: BTreeMap<String, String>,
    #[serde(rename = "team")]
    pub(super) teams: Vec<TeamGiven>,
    #[serde(rename = "member")]
    pub(super) members: Vec<MemberGiven>,
    #[serde(rename = "issue")]
    pub(super) issues: Vec<IssueGiven>,
    #[serde(rename = "query")]
    pub(super) queries: Vec<QueryGiven>,
    pub(super) http: Vec<HttpGiven>,
    #[serde(rename = "event")]
    pub(super) events: Vec<EventGiven>,
}

/// A team; its id is its key.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct TeamGiven {
    pub(super) key: String,
    pub(super) name: Option<String>,
    /// Those of a plain workflow unless said.
    pub(super) states: Vec<StateGiven>,
    pub(super) labels: Vec<String>,
}

/// A state; its id is its key.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct StateGiven {
    pub(super) key: String,
    pub(super) name: Option<String>,
    pub(super) category: String,
}

/// A member; its id is its handle.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct MemberGiven {
    pub(super) handle: String,
    pub(super) name: Option<String>,
    pub(super) role: Option<String>,
    pub(super) teams: Vec<String>,
    pub(super) active: Option<bool>,
}

/// An issue; its id is its key.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct IssueGiven {
    pub(super) key: String,
    /// The part of the key before its dash unless said.
    pub(super) team: Option<String>,
    pub(super) title: Option<String>,
    pub(super) description: String,
    /// The key of a state; the team's first unless said.
    pub(super) state: Option<String>,
    pub(super) kind: Option<String>,
    pub(super) priority: Option<String>,
    pub(super) estimate: Option<u32>,
    pub(super) assignees: Vec<String>,
    pub(super) creator: Option<String>,
    pub(super) labels: Vec<String>,
    pub(super) parent: Option<String>,
    pub(super) start_date: Option<String>,
    pub(super) due_date: Option<String>,
    pub(super) resolution: Option<String>,
    pub(super) confidential: bool,
    /// `now` unless said, like the two below.
    pub(super) created_at: Option<String>,
    pub(super) updated_at: Option<String>,
    pub(super) in_state_since: Option<String>,
}

/// What a query is answered. A filter that ends in `*` stands for all that begin so: many hold a time.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct QueryGiven {
    pub(super) filter: String,
    pub(super) issues: Vec<String>,
}

/// What a request to the outside is answered.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct HttpGiven {
    /// Any unless said.
    pub(super) method: Option<String>,
    /// How the address begins.
    pub(super) url: String,
    /// 200 unless said.
    pub(super) status: Option<u16>,
    pub(super) headers: BTreeMap<String, String>,
    pub(super) body: String,
}

/// Something that happens.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct EventGiven {
    /// `validate`, `amend`, `next-states`, `event`, `schedule`, `request`, `lifecycle`.
    pub(super) on: String,
    /// A proposal, an event, or a step.
    pub(super) what: Option<String>,
    /// The key of an issue.
    pub(super) issue: Option<String>,
    /// The key of a state.
    pub(super) to: Option<String>,
    /// Fields by key, with what they become.
    pub(super) changes: BTreeMap<String, Value>,
    pub(super) comment: Option<String>,
    /// Of an event of another kind.
    pub(super) json: Option<Value>,
    pub(super) schedule: Option<String>,
    pub(super) missed: u32,
    /// Of a request: `POST` unless said.
    pub(super) method: Option<String>,
    pub(super) path: Option<String>,
    pub(super) query: BTreeMap<String, String>,
    pub(super) headers: BTreeMap<String, String>,
    pub(super) body: Option<String>,
    /// The version before, of the step `upgraded`.
    pub(super) from: Option<String>,
    /// The handle of whoever does it.
    pub(super) actor: Option<String>,
    /// From 1.
    pub(super) attempt: Option<u32>,
    /// What it should come to, in a word; the status of a response is a number as well.
    #[serde(deserialize_with = "expected")]
    pub(super) expect: Option<String>,
}

/// See [`EventGiven::expect`].
#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "a word such as `deny`, or the status of a response")]
enum Expected {
    Status(u16),
    Word(String),
}

fn expected<'de, D: Deserializer<'de>>(given: D) -> Result<Option<String>, D::Error> {
    let expected = Option::<Expected>::deserialize(given)?;
    Ok(expected.map(|expected| match expected {
        Expected::Status(status) => status.to_string(),
        Expected::Word(word) => word,
    }))
}

impl QueryGiven {
    /// Whether it is what this filter is answered.
    pub(super) fn answers(&self, filter: &str) -> bool {
        match self.filter.strip_suffix('*') {
            Some(beginning) => filter.starts_with(beginning),
            None => filter == self.filter,
        }
    }
}

/// Reads a file: JSON by its name, else TOML.
///
/// # Errors
/// It cannot be read, is too long, or has a name in it that nothing has.
pub(super) fn read(path: &Path) -> anyhow::Result<Script> {
    let shown = path.display();
    let text = local::whole_text(path, BYTES_MAX, "events file")?;
    let is_json = path.extension().is_some_and(|extension| extension == "json");
    let script: Script = if is_json {
        serde_json::from_str(&text).with_context(|| format!("{shown} is no events file"))?
    } else {
        toml::from_str(&text).with_context(|| format!("{shown} is no events file"))?
    };
    ensure!(!script.events.is_empty(), "{shown} has no [[event]]: nothing would happen");
    Ok(script)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_file_is_read_as_toml_and_as_json() {
        let folder = tempfile::tempdir().unwrap();
        let (toml, json) = (folder.path().join("a.toml"), folder.path().join("a.json"));
        std::fs::write(&toml, "[[issue]]\nkey = \"ENG-1\"\n[[event]]\non = \"validate\"\n").unwrap();
        std::fs::write(&json, r#"{"issue":[{"key":"ENG-1"}],"event":[{"on":"validate"}]}"#).unwrap();
        for path in [toml, json] {
            let script = read(&path).unwrap();
            assert_eq!((script.issues[0].key.as_str(), script.events[0].on.as_str()), ("ENG-1", "validate"));
        }
    }

    #[test]
    fn a_status_is_expected_as_a_number_or_as_a_text() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.toml");
        let expected = |written: &str| {
            let text = format!("[[event]]\non = \"request\"\n{written}");
            std::fs::write(&path, text).unwrap();
            read(&path).map(|script| script.events[0].expect.clone())
        };
        assert_eq!(expected("expect = 502").unwrap().as_deref(), Some("502"));
        assert_eq!(expected("expect = \"502\"").unwrap().as_deref(), Some("502"));
        assert_eq!(expected("expect = \"deny\"").unwrap().as_deref(), Some("deny"));
        assert_eq!(expected("").unwrap(), None);
        assert!(format!("{:#}", expected("expect = [1]").unwrap_err()).contains("the status of a response"));
    }

    #[test]
    fn a_query_is_answered_by_its_text_or_by_how_it_begins() {
        let given = |filter: &str| QueryGiven { filter: filter.to_owned(), issues: Vec::new() };
        assert!(given("is:open").answers("is:open"));
        assert!(!given("is:open").answers("is:open updated<-60d"));
        assert!(given("is:open*").answers("is:open updated<-60d"));
        assert!(given("*").answers("is:closed"));
    }

    #[test]
    fn a_name_that_nothing_has_is_told_and_so_is_a_file_in_which_nothing_happens() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.toml");
        std::fs::write(&path, "[[event]]\non = \"validate\"\nisue = \"ENG-1\"\n").unwrap();
        assert!(format!("{:#}", read(&path).unwrap_err()).contains("isue"));
        std::fs::write(&path, "now = \"x\"\n").unwrap();
        assert!(read(&path).unwrap_err().to_string().contains("nothing would happen"));
    }
}
