//! How a value becomes part of a body, by the body's type.

use serde_json::Value as Json;

/// What a body is made of.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Form {
    /// Values are escaped as the inside of a JSON string.
    Json,
    /// Values are percent-encoded.
    Urlencoded,
    /// Values stand as they are.
    Text,
}

impl Form {
    /// By the content type.
    pub(crate) fn of(content_type: &str) -> Self {
        let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if kind == "application/json" || kind.ends_with("+json") {
            Self::Json
        } else if kind == "application/x-www-form-urlencoded" {
            Self::Urlencoded
        } else {
            Self::Text
        }
    }

    /// A text made safe to stand in the body.
    pub(crate) fn escape(self, text: &str) -> String {
        match self {
            Self::Text => text.to_owned(),
            Self::Json => {
                let quoted = Json::from(text).to_string();
                quoted
                    .strip_prefix('"')
                    .and_then(|inside| inside.strip_suffix('"'))
                    .unwrap_or_default()
                    .to_owned()
            }
            Self::Urlencoded => text.bytes().fold(String::new(), |mut out, byte| {
                if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                    out.push(char::from(byte));
                } else {
                    out.push_str(&format!("%{byte:02X}"));
                }
                out
            }),
        }
    }
}

/// A value as text: texts themselves, nothing for null, everything else as JSON.
pub(crate) fn text(value: &Json) -> String {
    match value {
        Json::Null => String::new(),
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}
