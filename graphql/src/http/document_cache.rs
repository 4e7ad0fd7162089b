//! Documents that have been read before: parsed, guarded and valid, by their text.
//!
//! Parsing and validating cost more than half of a small query, and programs send the same few texts for ever. The
//! key is the text itself: whether a document is valid depends neither on the operation chosen nor on variables,
//! because it is validated without any. It does not know the schema; who puts a document in has validated it.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{
    Name, Positioned,
    parser::{
        Error as SyntaxError, parse_query,
        types::{DocumentOperations, ExecutableDocument, OperationDefinition},
    },
};
use http::StatusCode;
use quick_cache::{Weighter, sync::Cache};

use super::{
    code::ErrorCode,
    guard::{self, Objection},
    limit::{Costs, RateLimits},
    options::{DocumentLimits, HttpLimits},
    refusal::{Refusal, coded},
    scan::scan,
    variables,
};

/// Bytes of a parsed document per byte of its text, as estimated: a field of ten letters becomes a node of 300 bytes.
const PARSED_BYTES_PER_BYTE: u64 = 32;

/// Bytes of a page that costs are reckoned by: a short text may expand to many.
const PAGE_BYTES: u64 = 128;

/// Bytes that an entry takes apart from its document, as estimated.
const ENTRY_BYTES: u64 = 512;

/// A usual length of a document, in bytes: how many of them the cache makes room for at first.
const USUAL_DOCUMENT_BYTES: u64 = 512;

/// A parsed document that the guard has let pass.
#[derive(Debug)]
pub(super) struct Document {
    pub(super) parsed: ExecutableDocument,
    /// Its literals must be validated with each request's variables: see [`variables::inside_literals`].
    pub(super) mixes_variables: bool,
    /// How deep objects lie in one another in its literals; a variable may stand in the innermost.
    pub(super) objects: u32,
    /// What its operations cost; nothing when that is not reckoned.
    pub(super) costs: Costs,
}

impl Document {
    /// Reads a text that was not seen before. What it gives is not validated yet.
    pub(super) fn read(
        text: &str,
        limits: &DocumentLimits,
        introspection: bool,
        reckoning: Option<&RateLimits>,
    ) -> Result<Self, Refusal> {
        let objects = scan(text, limits)?;
        let parsed = parse_query(text).map_err(|error| syntax_refusal(&error))?;
        guard::check(&parsed, limits, introspection)?;
        let mixes_variables = variables::inside_literals(&parsed);
        let costs = reckoning.map(|limits| Costs::of(&parsed, limits)).unwrap_or_default();
        Ok(Self { parsed, mixes_variables, objects, costs })
    }

    /// The operation to execute: the one of that name, or the only one.
    pub(super) fn operation(&self, name: Option<&str>) -> Result<&Positioned<OperationDefinition>, Refusal> {
        match (&self.parsed.operations, name) {
            (DocumentOperations::Single(operation), None) => Ok(operation),
            (DocumentOperations::Multiple(operations), Some(name)) => operations.get(name).ok_or_else(|| {
                Refusal::bad_request("the document has no operation of the name in `operationName`")
            }),
            (DocumentOperations::Single(_), Some(_)) => Err(Refusal::bad_request(
                "`operationName` is given, but the document's operation has no name",
            )),
            (DocumentOperations::Multiple(operations), None) => {
                let mut all = operations.values();
                match (all.next(), all.next()) {
                    (Some(only), None) => Ok(only),
                    _ => Err(Refusal::bad_request(
                        "the document has several operations: name one in `operationName`",
                    )),
                }
            }
        }
    }

    /// A copy with the chosen operation alone: the executor would charge the cost of all of them.
    pub(super) fn with_only(&self, name: Option<&str>) -> Result<ExecutableDocument, Refusal> {
        let operation = self.operation(name)?.clone();
        let operations = match name {
            Some(name) => DocumentOperations::Multiple(HashMap::from([(Name::new(name), operation)])),
            None => DocumentOperations::Single(operation),
        };
        Ok(ExecutableDocument { operations, fragments: self.parsed.fragments.clone() })
    }
}

/// Valid documents by text, within a bound of memory.
#[derive(Debug)]
pub(super) struct DocumentCache(Cache<Box<str>, Arc<Document>, ByLength>);

#[derive(Debug, Clone)]
struct ByLength;

impl Weighter<Box<str>, Arc<Document>> for ByLength {
    fn weight(&self, text: &Box<str>, document: &Arc<Document>) -> u64 {
        ENTRY_BYTES
            + (1 + PARSED_BYTES_PER_BYTE) * text.len() as u64
            + PAGE_BYTES * document.costs.pages() as u64
    }
}

impl DocumentCache {
    pub(super) fn new(limits: &HttpLimits) -> Self {
        let bytes = limits.document_cache_bytes_max;
        let usual = ENTRY_BYTES + PARSED_BYTES_PER_BYTE * USUAL_DOCUMENT_BYTES;
        let items = usize::try_from(bytes / usual).unwrap_or(usize::MAX).max(1);
        Self(Cache::with_weighter(items, bytes, ByLength))
    }

    pub(super) fn get(&self, text: &str) -> Option<Arc<Document>> {
        self.0.get(text)
    }

    /// Keeps a document that has been found valid.
    pub(super) fn keep(&self, text: &str, document: Arc<Document>) {
        self.0.insert(text.into(), document);
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

impl From<Objection> for Refusal {
    fn from(objection: Objection) -> Self {
        Self::new(StatusCode::BAD_REQUEST, objection.code, objection.message)
    }
}

/// Says where and why a text is not GraphQL, without repeating it.
fn syntax_refusal(error: &SyntaxError) -> Refusal {
    let at = error.positions().next();
    let reason = match error {
        // The parser's message draws the offending line; its last line is the reason.
        SyntaxError::Syntax { message, .. } => message
            .lines()
            .last()
            .and_then(|line| line.trim().strip_prefix("= "))
            .unwrap_or("unexpected text"),
        SyntaxError::MultipleOperations { .. } => "an operation without a name must be the only one",
        SyntaxError::OperationDuplicated { .. } => "two operations have the same name",
        SyntaxError::FragmentDuplicated { .. } => "two fragments have the same name",
        SyntaxError::MissingOperation => "it has no operation",
        SyntaxError::RecursionLimitExceeded => "it is nested too deep",
        _ => "it cannot be read",
    };
    let place = at.map(|at| format!(" at {}:{}", at.line, at.column)).unwrap_or_default();
    let message = format!("the document is not valid GraphQL{place}: {reason}");
    Refusal::in_document(vec![coded(ErrorCode::InvalidInput, message, at)])
}
