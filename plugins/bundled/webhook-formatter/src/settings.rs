//! What the company entered.

use bundled_common::Only;
use mortise_sdk::prelude::*;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The settings of this plugin; see its README.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(crate) struct Settings {
    pub(crate) url: String,
    pub(crate) method: Verb,
    pub(crate) events: Vec<String>,
    pub(crate) content_type: String,
    pub(crate) template: Option<String>,
    pub(crate) templates: BTreeMap<String, String>,
    pub(crate) headers: Vec<Header>,
    pub(crate) authorization: String,
    pub(crate) signature: Signature,
    pub(crate) signature_header: String,
    pub(crate) confidential: bool,
    pub(crate) only: Only,
}

/// The method of the request.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Verb {
    #[default]
    Post,
    Put,
    Patch,
}

/// A header that is always sent.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Header {
    pub(crate) name: String,
    pub(crate) value: String,
}

/// How the sender is proved.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Signature {
    #[default]
    None,
    Plain,
    Standard,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            url: String::new(),
            method: Verb::default(),
            events: Vec::new(),
            content_type: "application/json".to_owned(),
            template: None,
            templates: BTreeMap::new(),
            headers: Vec::new(),
            authorization: String::new(),
            signature: Signature::default(),
            signature_header: "x-mortise-signature-256".to_owned(),
            confidential: false,
            only: Only::default(),
        }
    }
}

impl Settings {
    pub(crate) fn read() -> Result<Self, Error> {
        host::settings::all()
    }
}
