//! What is read of manifests, kept for as long as it is used: they are looked at with every call, and reading one takes
//! milliseconds.

use crate::manifest::Manifest;
use crate::settings::{FieldError, Schema};
use mortise_engine::model::{Digest, Installation, PluginCode};
use mortise_engine::{Error, Result};
use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use serde_json::Value;
use std::sync::Arc;

/// Manifests that are kept.
const KEPT_MAX: usize = 1_000;

/// A manifest, with its schema.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) manifest: Manifest,
    schema: Schema,
    /// The settings that were last asked for, as they are and with the defaults: those who did not change any have the same.
    filled: Mutex<Option<(String, Arc<str>)>>,
}

impl Known {
    /// Reads it.
    ///
    /// # Errors
    ///
    /// `INVALID_INPUT`, with the field of the manifest that is at fault.
    pub(crate) fn read(text: &str) -> Result<Self> {
        let manifest = Manifest::parse(text.as_bytes()).map_err(|error| refused(&error))?;
        let schema = manifest.schema().map_err(|error| {
            Error::invalid(format!("manifest.{}", error.path), format!("the manifest's settings: {error}"))
        })?;
        Ok(Self { manifest, schema, filled: Mutex::default() })
    }

    /// The schema of its settings, as JSON.
    pub(crate) fn schema(&self) -> &Value {
        self.schema.source()
    }

    /// Refuses settings that do not fit.
    ///
    /// # Errors
    ///
    /// `INVALID_INPUT` at `settings.<path>`, with all that is wrong in words.
    pub(crate) fn check(&self, settings: &Value) -> Result<()> {
        self.schema.check(settings).map_err(|errors| unfit(&errors))
    }

    /// Settings as a guest gets them: with the defaults of the manifest. What is no JSON is none.
    pub(crate) fn filled(&self, settings: &str) -> Arc<str> {
        let last = self.filled.lock().as_ref().filter(|(those, _)| those == settings).cloned();
        if let Some((_, filled)) = last {
            return filled;
        }
        let value = serde_json::from_str(settings).unwrap_or_else(|_| crate::settings::none());
        let filled: Arc<str> = self.schema.with_defaults(value).to_string().into();
        *self.filled.lock() = Some((settings.to_owned(), Arc::clone(&filled)));
        filled
    }
}

/// The settings of an installation as its guest gets them, by what is known of its code.
pub(crate) fn settings_of(known: Option<&Arc<Known>>, installation: &Installation) -> Arc<str> {
    known.map_or_else(|| Arc::clone(&installation.settings), |known| known.filled(&installation.settings))
}

fn unfit(errors: &[FieldError]) -> Error {
    let path = |error: &FieldError| match error.path.as_str() {
        "" => "settings".to_owned(),
        path => format!("settings.{path}"),
    };
    let said = errors.iter().take(10).map(|error| format!("{}: {}", path(error), error.message));
    let message = said.collect::<Vec<_>>().join("; ");
    let field = errors.first().map_or_else(|| "settings".to_owned(), path);
    Error::invalid(field, message)
}

/// A manifest that cannot be read, with the first of its fields that are at fault.
fn refused(error: &crate::manifest::ManifestError) -> Error {
    let field = match error {
        crate::manifest::ManifestError::Fields(problems) => problems.first().map(|problem| &problem.field),
        _ => None,
    };
    let field = field.map_or_else(|| "manifest".to_owned(), |field| format!("manifest.{field}"));
    Error::invalid(field, format!("the manifest cannot be used: {error}"))
}

/// Manifests that were read.
#[derive(Debug, Default)]
pub(crate) struct KnownCodes(Mutex<FxHashMap<Digest, Arc<Known>>>);

impl KnownCodes {
    /// What is read of this code's manifest.
    ///
    /// # Errors
    ///
    /// As [`Known::read`].
    pub(crate) fn of(&self, code: &PluginCode) -> Result<Arc<Known>> {
        if let Some(known) = self.0.lock().get(&code.digest) {
            return Ok(known.clone());
        }
        let known = Arc::new(Known::read(&code.manifest)?);
        let mut kept = self.0.lock();
        if kept.len() >= KEPT_MAX {
            // All are read again soon enough.
            kept.clear();
        }
        kept.insert(code.digest, known.clone());
        Ok(known)
    }
}
