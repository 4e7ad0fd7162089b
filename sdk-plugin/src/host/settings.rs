//! What the company entered, checked against the schema of the manifest before the plugin sees it.

use crate::prelude::Error;
use serde::de::DeserializeOwned;

/// One setting; none when it is not set.
///
/// # Errors
///
/// When it is of another type.
pub fn get<T: DeserializeOwned>(key: &str) -> Result<Option<T>, Error> {
    let text = super::ask!(settings::get(key));
    text.map(|text| serde_json::from_str(&text)).transpose().map_err(|e| Error::invalid(key, e.to_string()))
}

/// All of them.
///
/// # Errors
///
/// When they are of another type.
///
/// # Examples
///
/// ```
/// use mortise_sdk::{fake, host};
/// #[derive(serde::Deserialize)]
/// struct Settings {
///     days: u32,
/// }
/// let _host = fake::Host::new().settings(serde_json::json!({ "days": 30 })).install();
/// assert_eq!(host::settings::all::<Settings>().unwrap().days, 30);
/// ```
pub fn all<T: DeserializeOwned>() -> Result<T, Error> {
    let text = super::ask!(settings::all());
    serde_json::from_str(&text).map_err(|e| Error::invalid("settings", e.to_string()))
}
