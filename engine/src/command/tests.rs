//! The rules of the domain, as sentences. Every step of every test is followed by a check of the whole world.

mod approvals;
mod comments;
mod flow;
mod imports;
mod issues;
mod keys;
mod labels;
mod members;
mod migrations;
mod moving;
mod plugins;
mod relations;
mod retyped;
mod rights;
mod teams;
mod views;
mod workflows;
mod world;

use crate::error::{Error, ErrorCode};

/// The code and the field of a refusal.
fn why(error: &Error) -> (ErrorCode, Option<&str>) {
    (error.code(), error.field())
}
