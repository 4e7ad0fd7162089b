//! The judged set, read from `judgments.toml`, which says how it was made and what it cannot tell.
//!
//! It knows no archive: whether an issue of that number exists is a test's affair.

use std::collections::BTreeMap;

use anyhow::Context as _;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use crate::measure::Grades;

/// What should be found.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Judgments {
    #[serde(rename = "query")]
    pub(crate) queries: Vec<Query>,
    pub(crate) similar: Vec<Similar>,
}

/// What somebody types into the search box.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Query {
    /// Its kind: figures are kept for each.
    pub(crate) class: String,
    pub(crate) text: String,
    #[serde(deserialize_with = "grades")]
    pub(crate) grades: Grades,
}

/// A title with which somebody begins an issue that exists already.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Similar {
    pub(crate) title: String,
    /// The issues that say the same: any of them is right.
    pub(crate) duplicates: Vec<u32>,
}

impl Judgments {
    /// Reads them.
    pub(crate) fn read() -> anyhow::Result<Self> {
        toml::from_str(include_str!("judgments.toml")).context("cannot read judgments.toml")
    }
}

/// Keys are strings to TOML; here they are numbers of issues.
fn grades<'de, D: Deserializer<'de>>(from: D) -> Result<Grades, D::Error> {
    let texts = BTreeMap::<String, u8>::deserialize(from)?;
    let number = |text: &str| {
        text.parse().map_err(|_| D::Error::custom(format!("not a number of an issue: `{text}`")))
    };
    texts.into_iter().map(|(text, grade)| Ok((number(&text)?, grade))).collect()
}
