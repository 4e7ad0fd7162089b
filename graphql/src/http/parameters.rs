//! The parameters of a GraphQL request: from the JSON of a POST, or from the query string of a GET.
//!
//! It does not know GraphQL: a document is a string here.

use async_graphql::{Extensions, Variables};
use http::StatusCode;
use serde::Deserialize;
use serde_json::Value as Json;

use super::{code::ErrorCode, query_string, refusal::Refusal};

/// One request, as sent.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Parameters {
    #[serde(default)]
    pub(super) query: Option<String>,
    #[serde(default, rename = "operationName")]
    pub(super) operation_name: Option<String>,
    #[serde(default)]
    pub(super) variables: Variables,
    #[serde(default)]
    extensions: Option<Extensions>,
}

impl Parameters {
    /// Reads the body of a POST.
    pub(super) fn from_json(body: &[u8]) -> Result<Self, Refusal> {
        // An array would be read as a struct's fields in order.
        if body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[') {
            return Err(Refusal::bad_request("batches are not accepted: send one request at a time"));
        }
        serde_json::from_slice(body).map_err(|error| explain(body, &error))
    }

    /// Reads the query string of a GET.
    pub(super) fn from_query_string(query: &str) -> Result<Self, Refusal> {
        let pairs = query_string::decode(query)
            .ok_or_else(|| Refusal::bad_request("the query string has a broken escape or is not UTF-8"))?;
        let mut parameters = Self::default();
        let mut seen = Vec::new();
        for (name, value) in pairs {
            if seen.contains(&name) {
                return Err(Refusal::bad_request("a parameter stands twice in the query string"));
            }
            match name.as_str() {
                "query" => parameters.query = Some(value),
                "operationName" => parameters.operation_name = Some(value),
                "variables" => parameters.variables = json_parameter(&value, "variables")?,
                "extensions" => parameters.extensions = json_parameter(&value, "extensions")?,
                _ => continue,
            }
            seen.push(name);
        }
        Ok(parameters)
    }

    /// The document, which every request must bring.
    pub(super) fn document(&self) -> Result<&str, Refusal> {
        if let Some(query) = &self.query {
            return Ok(query);
        }
        if self.extensions.as_ref().is_some_and(|extensions| extensions.contains_key("persistedQuery")) {
            return Err(Refusal::new(
                StatusCode::BAD_REQUEST,
                ErrorCode::PersistedQueryNotSupported,
                "PersistedQueryNotSupported",
            ));
        }
        Err(Refusal::bad_request("the parameter `query` is missing: it is the document as a string"))
    }

    /// The operation to execute; an empty name is none.
    pub(super) fn operation_name(&self) -> Option<&str> {
        self.operation_name.as_deref().filter(|name| !name.is_empty())
    }
}

fn json_parameter<T: for<'de> Deserialize<'de>>(value: &str, name: &str) -> Result<T, Refusal> {
    serde_json::from_str(value)
        .map_err(|_| Refusal::bad_request(format!("the parameter `{name}` must be a JSON object or null")))
}

/// Says in our own words why a body is not a request.
fn explain(body: &[u8], error: &serde_json::Error) -> Refusal {
    let Ok(json) = serde_json::from_slice::<Json>(body) else {
        return Refusal::bad_request(format!(
            "the body is not valid JSON at {}:{}",
            error.line(),
            error.column()
        ));
    };
    let Json::Object(fields) = json else {
        return Refusal::bad_request("the body must be a JSON object with the document under `query`");
    };
    let wrong = |name: &str, fits: fn(&Json) -> bool| {
        fields.get(name).is_some_and(|value| !value.is_null() && !fits(value))
    };
    Refusal::bad_request(if wrong("query", Json::is_string) {
        "the parameter `query` must be a string"
    } else if wrong("operationName", Json::is_string) {
        "the parameter `operationName` must be a string or null"
    } else if wrong("variables", Json::is_object) {
        "the parameter `variables` must be a JSON object or null"
    } else if wrong("extensions", Json::is_object) {
        "the parameter `extensions` must be a JSON object or null"
    } else {
        "the body has a parameter twice or one that cannot be read"
    })
}
