//! What the company entered.

use bundled_common::{Only, is_word};
use jiff::civil::Date;
use mortise_sdk::prelude::*;
use serde::Deserialize;

/// The settings of this plugin; see its README.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(crate) struct Settings {
    pub(crate) rules: Vec<Rule>,
    pub(crate) rota: Rota,
    pub(crate) away: Vec<Away>,
    pub(crate) on_change: bool,
}

/// Who takes which issues.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Rule {
    pub(crate) people: Vec<String>,
    pub(crate) pick: Pick,
    pub(crate) most: Option<u32>,
    pub(crate) only: Only,
}

/// How one of a rule's people is chosen.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Pick {
    #[default]
    Rota,
    Load,
    First,
}

/// When duty changes hands.
#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
pub(crate) struct Rota {
    pub(crate) anchor: String,
    pub(crate) days: i32,
    pub(crate) handover: String,
    pub(crate) zone: Option<String>,
}

/// Days on which somebody is not there.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Away {
    who: String,
    from: String,
    to: String,
}

impl Default for Rota {
    fn default() -> Self {
        Self { anchor: "2026-01-05".to_owned(), days: 7, handover: "09:00".to_owned(), zone: None }
    }
}

impl Settings {
    pub(crate) fn read() -> Result<Self, Error> {
        host::settings::all()
    }

    /// Whether somebody, as rules name them, is away on a day. Days that are none count for nothing.
    pub(crate) fn is_away(&self, who: &str, day: Date) -> bool {
        self.away.iter().filter(|away| is_word(&away.who, who)).any(|away| {
            let (from, to) = (away.from.parse::<Date>(), away.to.parse::<Date>());
            matches!((from, to), (Ok(from), Ok(to)) if from <= day && day <= to)
        })
    }
}
