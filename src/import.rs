//! Reading the archive of a GitHub repository: one JSON file with its labels, issues and pull requests, as the
//! tooling around Internet-Drafts publishes it (`magic`, `timestamp`, `repo`, `labels`, `issues`, `pulls`).
//!
//! The file may be larger than memory, so it is never held whole: [`Archive`] hands out one item at a time, and
//! every item is bounded. An import takes two passes. The first, [`Archive::survey`], reads everything, writes
//! nothing, and either refuses the file with a position or says exactly what an import would bring and what it
//! would leave behind. The second, [`apply`], writes.
//!
//! All but [`apply`] does not know the engine. None of it speaks to a terminal.

pub(crate) mod account;
pub(crate) mod apply;
pub(crate) mod archive;
pub(crate) mod bounds;
pub(crate) mod convert;
pub(crate) mod error;
pub(crate) mod fate;
pub(crate) mod frame;
pub(crate) mod item;
pub(crate) mod model;
pub(crate) mod numbers;
pub(crate) mod reader;
pub(crate) mod references;
pub(crate) mod report;
pub(crate) mod scan;
pub(crate) mod text;
pub(crate) mod validate;

#[cfg(test)]
mod tests;
