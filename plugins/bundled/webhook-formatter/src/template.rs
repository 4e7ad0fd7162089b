//! A small language for bodies: `{{issue.title}}`, conditions and lists. It can only say what it is given, and it ends.
//!
//! It does not know events: it is handed a JSON value.

mod parse;
mod render;

pub(crate) use parse::parse;
pub(crate) use render::render;

/// How deep blocks may lie in one another.
const DEPTH: usize = 8;
/// Pieces a template may have.
const PIECES: usize = 2000;
/// The longest body that may come of it, in bytes.
const BODY: usize = 128 * 1024;

/// One piece of a template.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Piece {
    Text(String),
    /// A value, escaped, as JSON, or as it is.
    Value(How, Path),
    /// `{{#if path}} … {{else}} … {{/if}}`
    If(Path, Vec<Piece>, Vec<Piece>),
    /// `{{#each path}} … {{/each}}`, with what stands between two items.
    Each(Path, String, Vec<Piece>),
}

/// How a value is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum How {
    Escaped,
    Json,
    Raw,
}

/// Where a value is found: names or numbers, from the top or from `this`.
pub(crate) type Path = Vec<String>;
