//! Lists at the cost of their bytes: GraphQL objects declared as tables, answered without a value tree.
//!
//! async-graphql resolves a list of fifty issues with twelve fields as six hundred boxed futures and as many map
//! entries, only to print them. A *lean* object is declared once, one line per field, and [`lean_object!`] makes two
//! things of it: the ordinary async-graphql object, and a synchronous writer of JSON. They come from the same lines,
//! so they cannot drift. In the schema the wrappers [`Row`] (`T!`) and [`Rows`] (`[T!]!`) stand in for the object;
//! SDL, introspection, validation and cost see nothing new.
//!
//! # How a list is answered
//!
//! 1. The handler puts [`Enabled`] and the tables' context (a per-request snapshot) into the request's data.
//! 2. A wrapper that resolves checks that nothing will be merged into its place (`sole`), turns the selection set
//!    into a flat plan once (`plan`), and writes all rows into one buffer (`value`, `out`): no future, no map, no
//!    `String`.
//! 3. It returns the bytes as [`Value::Binary`](async_graphql::Value), and [`write_response`] copies them verbatim.
//!
//! # Adding a field
//!
//! One line in the table, with its description, which lands in the SDL:
//!
//! ```text
//! /// When it is due, if ever.
//! "dueAt" due_at: Option<DateTime> = |issue, _| issue.due_at.map(DateTime);
//! ```
//!
//! From left to right: the GraphQL name, the name of the Rust method, the type, and how to read it from the node and
//! the context. The type says whether it is nullable. It may be a [`Leaf`] (strings, numbers, `bool`, [`Id`], what
//! [`lean_enum!`] and [`text_scalar!`] make), a `Vec` of leaves, [`Row`], `&Row`, [`Rows`] or `&Rows`, or an `Option` of
//! these; it may borrow from the node and from the context. Pages are [`Row<Connection<T>>`](Connection).
//!
//! A field may take one argument, of a type with a default, which the closure names as it stands there:
//!
//! ```text
//! "issues" issues(#[graphql(desc = "So many.")] first: Option<i32>): Row<Page> = |group, _| group.page(first);
//! ```
//!
//! A field that waits, takes several arguments, may fail, is guarded or deprecated, or has a cost of its own goes into
//! the table's `stock { … }` part, as an ordinary async-graphql resolver. Lean rows may come out of it again.
//!
//! # What falls back
//!
//! Always to the same answer, only slower:
//!
//! - A stock field below a lean list becomes one future per row. They run together, so a batching loader still sees
//!   all of them, and their results are spliced into the bytes. An error takes its usual way to the nearest
//!   nullable place.
//! - The whole selection is left to the stock object if one of its fields carries a directive other than `@skip` and
//!   `@include`, if a response key with a stock field at or below it is selected twice, if a key on the way to the
//!   wrapper is selected twice or carries such a directive, or if it is larger than a thousand selections.
//! - Everything is stock if the request carries no [`Enabled`] or no context.
//!
//! # What it deliberately does not do
//!
//! - Table fields cannot fail and cannot be guarded: only doc comments are accepted on a line, so that no attribute
//!   of the stock object can be skipped unseen. Hide a value per row with an `Option`.
//! - Lists of nullable objects, lists of lists, and rows of an interface or union. Return such a list as stock; a
//!   lean object is a normal member of interfaces and unions, and fragments on those are understood.
//! - Extension `resolve` hooks and custom directives do not run for table fields.
//! - It bounds nothing a document asks for beyond its own planning: that is for the guard before validation.
//!
//! # Two rules for the rest of the crate
//!
//! A response to a request with [`Enabled`] goes through [`write_response`] and nothing else, be it over HTTP, a
//! socket or an event stream. And no schema type may be async-graphql's own `Bytes` scalar, whose values are
//! [`Value::Binary`](async_graphql::Value) too.
//!
//! [`lean_object!`]: crate::lean_object
//! [`lean_enum!`]: crate::lean_enum
//! [`text_scalar!`]: crate::text_scalar

mod rows;

mod connection;
mod object;

mod plan;
mod sole;

mod leaf;
mod out;
mod value;

mod json;
mod response;
mod stack;

#[cfg(test)]
mod tests;

pub use connection::{Connection, CursorOf, Edge, PageInfo};
pub use leaf::{Id, Leaf};
pub use object::LeanObject;
pub use response::write_response;
pub use rows::{Row, Rows};
pub use value::LeanValue;

pub(crate) use json::write_value as write_json_value;
pub(crate) use stack::with_room_for;

/// Put into a request's data, allows its answer to hold bytes.
///
/// Whoever sets it promises that the response ends in [`write_response`].
#[derive(Clone, Copy, Debug)]
pub struct Enabled;

/// What the macros of this module expand to; not meant to be named by hand.
#[doc(hidden)]
pub mod parts {
    pub use async_graphql::{
        Context, InputValueError, InputValueResult, Object, Result, Scalar, ScalarType, Value,
    };

    pub use super::{
        leaf::{write_enum, write_text},
        object::{Argument, TableField},
        out::Out,
        plan::Plan,
    };
}
