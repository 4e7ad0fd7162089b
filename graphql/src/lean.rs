//! lean
pub mod parts {
    //! What the macros expand to. Not an interface of its own.
    pub use async_graphql::{
        Context, InputValueError, InputValueResult, Object, Result, Scalar, ScalarType, Value,
    };

    pub use super::{
        leaf::{write_enum, write_text},
        object::TableField,
        out::Out,
        plan::Plan,
    };
}

mod connection;
mod json;
mod leaf;
mod object;
mod out;
mod plan;
mod response;
mod rows;
mod sole;
mod value;

#[cfg(test)]
mod tests;

pub use connection::{Connection, CursorOf, Edge, PageInfo};
pub use leaf::{Id, Leaf};
pub use object::LeanObject;
pub use response::write_response;
pub use rows::{Row, Rows};
pub use value::LeanValue;

/// Request data
pub struct Enabled;
