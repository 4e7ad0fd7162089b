//! The words of the part of JSON schema that is spoken here, and the words that errors are told in.
//!
//! It looks at shapes only: values are judged by the compiled schema.

use super::{FieldError, PATTERN_BYTES_MAX, PATTERNS_MAX, SCHEMA_DEPTH_MAX, SchemaError};
use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind;
use serde_json::Value;

/// Every keyword that a schema may use, with what it takes.
const KEYWORDS: [(&str, Takes); 16] = [
    ("type", Takes::Type),
    ("properties", Takes::Schemas),
    ("required", Takes::Names),
    ("enum", Takes::Values),
    ("minimum", Takes::Number),
    ("maximum", Takes::Number),
    ("minLength", Takes::Count),
    ("maxLength", Takes::Count),
    ("minItems", Takes::Count),
    ("maxItems", Takes::Count),
    ("items", Takes::Schema),
    ("pattern", Takes::Pattern),
    ("default", Takes::Anything),
    ("description", Takes::Text),
    ("title", Takes::Text),
    ("additionalProperties", Takes::SchemaOrBool),
];

const TYPES: [&str; 6] = ["string", "number", "integer", "boolean", "array", "object"];

/// Values of one `enum`, names of one `required`, and the properties of one object.
const WIDTH_MAX: usize = 500;

/// Characters of a message.
const MESSAGE_CHARS_MAX: usize = 300;

/// Choices that a message names, and characters of each.
const CHOICES_MAX: usize = 20;
const CHOICE_CHARS_MAX: usize = 40;

#[derive(Debug, Clone, Copy)]
enum Takes {
    Type,
    Schemas,
    Schema,
    SchemaOrBool,
    Names,
    Values,
    Number,
    Count,
    Pattern,
    Text,
    Anything,
}

pub(super) fn refused(path: &str, why: String) -> SchemaError {
    SchemaError { path: cut(path.to_owned()), why }
}

/// Whether a schema, with all inside it, speaks of nothing else than the keywords above.
pub(super) fn check(
    schema: &Value,
    path: &str,
    depth: usize,
    patterns: &mut usize,
) -> Result<(), SchemaError> {
    let Some(keywords) = schema.as_object() else {
        return Err(refused(path, "a schema is a table of keywords, such as `type = \"string\"`".to_owned()));
    };
    if depth > SCHEMA_DEPTH_MAX {
        return Err(refused(path, format!("is nested deeper than {SCHEMA_DEPTH_MAX} schemas")));
    }
    for (keyword, value) in keywords {
        let Some((_, takes)) = KEYWORDS.iter().find(|(known, _)| known == keyword) else {
            let known = KEYWORDS.map(|(known, _)| known).join(", ");
            return Err(refused(
                path,
                format!("`{}` is not spoken here; known are {known}", cut(keyword.clone())),
            ));
        };
        takes.check(value).map_err(|why| refused(path, format!("`{keyword}` {why}")))?;
        if matches!(takes, Takes::Pattern) {
            *patterns += 1;
            if *patterns > PATTERNS_MAX {
                return Err(refused(path, format!("has more than {PATTERNS_MAX} patterns")));
            }
        }
    }
    inner(schema).try_for_each(|(name, inner)| check(inner, &format!("{path}.{name}"), depth + 1, patterns))
}

/// The schemas directly inside one, with what they are for.
pub(super) fn inner(schema: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let properties = schema.get("properties").and_then(Value::as_object);
    let properties = properties.into_iter().flatten().map(|(name, inner)| (name.as_str(), inner));
    let others = ["items", "additionalProperties"].into_iter().filter_map(|keyword| {
        let inner = schema.get(keyword)?;
        (!inner.is_boolean()).then_some((keyword, inner))
    });
    properties.chain(others)
}

impl Takes {
    fn check(self, value: &Value) -> Result<(), String> {
        let holds = |holds: bool, what: &str| if holds { Ok(()) } else { Err(format!("is {what}")) };
        let few = |len: usize| len <= WIDTH_MAX;
        match self {
            Self::Type => holds(value.as_str().is_some_and(|word| TYPES.contains(&word)), {
                "one of string, number, integer, boolean, array, object"
            }),
            Self::Schemas => holds(
                value.as_object().is_some_and(|schemas| few(schemas.len())),
                "a table of at most 500 schemas",
            ),
            // What is inside is looked at in its own turn.
            Self::Schema => holds(value.is_object(), "a schema"),
            Self::SchemaOrBool => holds(value.is_object() || value.is_boolean(), "a schema, true or false"),
            Self::Names => holds(
                value.as_array().is_some_and(|names| few(names.len()) && names.iter().all(Value::is_string)),
                "a list of at most 500 names",
            ),
            Self::Values => holds(
                value.as_array().is_some_and(|values| !values.is_empty() && few(values.len())),
                "a list of 1 to 500 values",
            ),
            Self::Number => holds(value.is_number(), "a number"),
            Self::Count => holds(value.as_u64().is_some(), "a whole number from 0"),
            Self::Pattern => holds(
                value.as_str().is_some_and(|pattern| pattern.len() <= PATTERN_BYTES_MAX),
                "a text of at most 500 bytes",
            ),
            Self::Text => holds(value.is_string(), "a text"),
            Self::Anything => Ok(()),
        }
    }
}

/// What one error says to whoever filled in the form: one line for each field.
pub(super) fn told(error: &ValidationError<'_>, schema: &Value) -> Vec<FieldError> {
    let path = dotted(error.instance_path().as_str());
    let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    match error.kind() {
        ValidationErrorKind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            let missing = schema_of(error, schema).and_then(|of| of.get("properties")?.get(name));
            vec![FieldError { path: cut(below(name)), message: cut(asked_for(missing)) }]
        }
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            let one = |name: &String| FieldError {
                path: cut(below(name)),
                message: "is none of the settings: take it away".to_owned(),
            };
            unexpected.iter().take(super::ERRORS_MAX).map(one).collect()
        }
        // The library says so of an object that may hold nothing at all.
        ValidationErrorKind::FalseSchema => {
            vec![FieldError { path: cut(path), message: "takes no settings: leave it empty".to_owned() }]
        }
        ValidationErrorKind::Enum { options } => {
            vec![FieldError { path: cut(path), message: format!("is not one of {}", choices(options)) }]
        }
        _ => {
            let message = error.masked_with("it").to_string();
            let message = message.strip_prefix("it ").map(str::to_owned).unwrap_or(message);
            vec![FieldError { path: cut(path), message: cut(message) }]
        }
    }
}

/// The schema with the keyword that an error is about.
fn schema_of<'s>(error: &ValidationError<'_>, schema: &'s Value) -> Option<&'s Value> {
    let (of, _) = error.schema_path().as_str().rsplit_once('/')?;
    schema.pointer(of)
}

/// That something is missing, and what it would be in the words of its schema.
fn asked_for(schema: Option<&Value>) -> String {
    let said = |keyword: &str| schema.and_then(|schema| schema.get(keyword)?.as_str());
    let kind = said("type").map(|kind| format!(" ({kind})")).unwrap_or_default();
    match said("description").or_else(|| said("title")) {
        Some(what) => format!("is missing{kind}: {what}"),
        None => format!("is missing{kind}"),
    }
}

/// What may be chosen, as JSON: so many, and how many more there are.
fn choices(options: &Value) -> String {
    let options = options.as_array().map(Vec::as_slice).unwrap_or_default();
    let short = |option: &Value| option.to_string().chars().take(CHOICE_CHARS_MAX).collect::<String>();
    let mut shown: Vec<String> = options.iter().take(CHOICES_MAX).map(short).collect();
    let more = options.len().saturating_sub(CHOICES_MAX);
    let last = if more > 0 { Some(format!("{more} others")) } else { shown.pop() };
    match last {
        Some(last) if shown.is_empty() => last,
        Some(last) => format!("{} or {last}", shown.join(", ")),
        None => "nothing".to_owned(),
    }
}

/// A JSON pointer, as names joined by dots.
fn dotted(pointer: &str) -> String {
    let names = pointer.split('/').skip(1).map(|name| name.replace("~1", "/").replace("~0", "~"));
    names.collect::<Vec<_>>().join(".")
}

/// A text that is not too long to be shown.
pub(super) fn cut(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(MESSAGE_CHARS_MAX) {
        text.truncate(end);
        text.push('…');
    }
    text
}
