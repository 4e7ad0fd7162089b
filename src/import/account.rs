//! What came of an import, as scripts read it and as people do: the same whether a folder was imported into or a server.
//!
//! It does not know where it is said.

use std::fmt::Write as _;

use serde::Deserialize;
use serde_json::{Value, json};

use super::apply::Added;
use super::report::Report;
use super::validate::{Problem, Survey};

/// The account for scripts. `added` is none for a rehearsal.
pub(crate) fn account(tenant: &str, team: &str, survey: &Survey, added: Option<Added>) -> Value {
    json!({
        "tenant": tenant,
        "team": team.to_uppercase(),
        "dryRun": added.is_none(),
        "survey": survey,
        "added": added,
    })
}

/// The parts of it that people read.
#[derive(Debug, Deserialize)]
struct Account {
    team: String,
    survey: Surveyed,
    added: Option<Added>,
}

#[derive(Debug, Deserialize)]
struct Surveyed {
    repo: String,
    report: Report,
    problems: Vec<Problem>,
}

/// The account for people.
///
/// # Errors
/// It is none.
pub(crate) fn for_people(account: &Value) -> serde_json::Result<String> {
    let Account { team, survey: Surveyed { repo, report, problems }, added } = Account::deserialize(account)?;
    let mut text = format!("{repo}\n{}\n", report.to_table());
    for problem in &problems {
        _ = writeln!(text, "Odd: {} {}", problem.place, problem.what);
    }
    text.push_str(&match added {
        None => "\nNothing was written: this was a dry run.".to_owned(),
        Some(Added { teams, people, labels, issues, comments }) => format!(
            "\nAdded to {team}: {issues} issues, {comments} comments, {people} people, {labels} labels, {teams} teams. \
             What else the archive holds was there already."
        ),
    });
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::tests::{archive, thread};
    use crate::import::validate::survey;

    #[test]
    fn people_read_of_an_account_what_scripts_do() {
        let text = archive(&thread(1, r#", "author": null, "stars": 7"#), "");
        let survey = survey(std::io::Cursor::new(text)).unwrap();
        let added = Added { issues: 1, ..Added::default() };
        let said = for_people(&account("acme", "spec", &survey, Some(added))).unwrap();
        assert!(said.contains("o/r\nCarried: 1 issues") && said.contains("issues[].stars"), "{said}");
        assert!(said.contains("author's account no longer exists"), "{said}");
        assert!(said.contains("Added to SPEC: 1 issues, 0 comments"), "{said}");
        let said = for_people(&account("acme", "spec", &survey, None)).unwrap();
        assert!(said.contains("Nothing was written"), "{said}");
    }
}
