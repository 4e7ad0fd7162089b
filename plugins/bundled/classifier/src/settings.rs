//! What the company entered.

use bundled_common::Only;
use mortise_sdk::prelude::*;
use serde::Deserialize;

/// The settings of this plugin; see its README.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(crate) struct Settings {
    pub(crate) mode: Mode,
    pub(crate) fields: Vec<Field>,
    pub(crate) confidence: f64,
    pub(crate) labels: Vec<String>,
    pub(crate) open_kind: String,
    pub(crate) examples: usize,
    pub(crate) only: Only,
}

/// What is done with what it thinks.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Mode {
    #[default]
    Suggest,
    Apply,
}

/// A field it speaks about.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Field {
    Kind,
    Labels,
    Priority,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            mode: Mode::default(),
            fields: vec![Field::Kind, Field::Labels, Field::Priority],
            confidence: 0.8,
            labels: Vec::new(),
            open_kind: "task".to_owned(),
            examples: 600,
            only: Only::default(),
        }
    }
}

impl Settings {
    pub(crate) fn read() -> Result<Self, Error> {
        host::settings::all()
    }

    pub(crate) fn speaks_of(&self, field: Field) -> bool {
        self.fields.contains(&field)
    }
}
