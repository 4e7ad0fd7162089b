//! What a company may enter as settings of a plugin: a schema from its manifest, and values judged by it.
//!
//! Schemas come from strangers, so they are a bounded part of JSON schema: no references, nothing that is fetched, and
//! patterns only as far as they are matched in one pass. It does not know what a setting means.

mod words;

use jsonschema::{Draft, PatternOptions, Validator};
use serde_json::{Map, Value};
use std::fmt;

/// Bytes of a schema, written as JSON.
pub const SCHEMA_BYTES_MAX: usize = 32 * 1024;

/// Schemas inside one another.
pub const SCHEMA_DEPTH_MAX: usize = 8;

/// Bytes of settings, written as JSON.
pub const SETTINGS_BYTES_MAX: usize = 64 * 1024;

/// Errors that are named at once.
pub const ERRORS_MAX: usize = 50;

/// Patterns in one schema, their length in bytes, and the size of each when it is compiled.
const PATTERNS_MAX: usize = 50;
const PATTERN_BYTES_MAX: usize = 500;
const PATTERN_COMPILED_BYTES_MAX: usize = 256 * 1024;

/// A schema of settings. Compiled: clones are deep, so share it.
pub struct Schema {
    source: Value,
    validator: Validator,
}

/// Why a schema is none that settings are judged by.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{path}`: {why}")]
pub struct SchemaError {
    /// Where, as names joined by dots below `settings`.
    pub path: String,
    /// Why, and what to do.
    pub why: String,
}

/// What is wrong with one setting.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FieldError {
    /// Names and numbers joined by dots, such as `channels.0.name`; empty for the settings as a whole.
    pub path: String,
    /// What is wrong, without the value.
    pub message: String,
}

impl Schema {
    /// Reads a schema of an object. Takes time within bounds, some milliseconds: not for every request.
    ///
    /// # Errors
    ///
    /// [`SchemaError`] for keywords outside the part, sizes beyond the bounds, patterns that one pass cannot match (those
    /// with back-references or that look around), and defaults that the schema itself refuses.
    pub fn new(schema: &Value) -> Result<Self, SchemaError> {
        if schema.to_string().len() > SCHEMA_BYTES_MAX {
            return Err(words::refused(
                "settings",
                format!("has more than {SCHEMA_BYTES_MAX} bytes as JSON"),
            ));
        }
        let mut patterns = 0;
        words::check(schema, "settings", 1, &mut patterns)?;
        if schema.get("type").and_then(Value::as_str) != Some("object") {
            return Err(words::refused(
                "settings",
                "settings are an object: set `type = \"object\"`".to_owned(),
            ));
        }
        defaults_fit(schema, "settings")?;
        Ok(Self { validator: compiled(schema, "settings")?, source: schema.clone() })
    }

    /// The schema as it was given.
    #[must_use]
    pub fn source(&self) -> &Value {
        &self.source
    }

    /// Judges settings. Time grows with their size and that of the schema, whatever they hold.
    ///
    /// # Errors
    ///
    /// All that is wrong, at most [`ERRORS_MAX`], in order of their paths.
    pub fn check(&self, settings: &Value) -> Result<(), Vec<FieldError>> {
        if settings.to_string().len() > SETTINGS_BYTES_MAX {
            let message = format!("has more than {SETTINGS_BYTES_MAX} bytes as JSON");
            return Err(vec![FieldError { path: String::new(), message }]);
        }
        let errors = self.validator.iter_errors(settings).take(ERRORS_MAX);
        let mut errors: Vec<FieldError> =
            errors.flat_map(|error| words::told(&error, &self.source)).collect();
        errors.sort();
        errors.dedup();
        errors.truncate(ERRORS_MAX);
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }

    /// The settings with the schema's defaults where nothing was said, also inside of objects that are there.
    #[must_use]
    pub fn with_defaults(&self, settings: Value) -> Value {
        filled(&self.source, settings)
    }
}

impl fmt::Debug for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Schema({})", self.source)
    }
}

/// Compiles a schema; or says where the innermost one is that cannot be, for the library says only what. The depth was checked
/// before.
fn compiled(schema: &Value, path: &str) -> Result<Validator, SchemaError> {
    built(schema, path).map_err(|error| {
        let mut inner = words::inner(schema);
        let within = inner.find_map(|(name, schema)| compiled(schema, &format!("{path}.{name}")).err());
        within.unwrap_or(error)
    })
}

/// Compiles one schema, with patterns for the engine that matches in one pass and has no other to fall back on.
fn built(schema: &Value, path: &str) -> Result<Validator, SchemaError> {
    let patterns = PatternOptions::regex()
        .size_limit(PATTERN_COMPILED_BYTES_MAX)
        .dfa_size_limit(PATTERN_COMPILED_BYTES_MAX);
    jsonschema::options()
        .with_draft(Draft::Draft202012)
        .with_pattern_options(patterns)
        .should_validate_formats(false)
        .offline()
        .build(schema)
        .map_err(|error| words::refused(path, words::cut(error.to_string())))
}

/// Whether each default is what its own schema takes. The depth was checked before.
fn defaults_fit(schema: &Value, path: &str) -> Result<(), SchemaError> {
    if let Some(default) = schema.get("default")
        && !compiled(schema, path)?.is_valid(default)
    {
        return Err(words::refused(path, "its `default` is not what it takes itself".to_owned()));
    }
    words::inner(schema).try_for_each(|(name, schema)| defaults_fit(schema, &format!("{path}.{name}")))
}

/// A value with the defaults of a schema in it. A default that is an object is filled in turn.
fn filled(schema: &Value, value: Value) -> Value {
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else { return value };
    let Value::Object(mut object) = value else { return value };
    for (name, schema) in properties {
        let present = object.remove(name).or_else(|| schema.get("default").cloned());
        if let Some(present) = present {
            object.insert(name.clone(), filled(schema, present));
        }
    }
    Value::Object(object)
}

/// No settings at all: an empty object.
#[must_use]
pub fn none() -> Value {
    Value::Object(Map::new())
}

#[cfg(test)]
mod tests;
