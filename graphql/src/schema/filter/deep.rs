//! An input inside an input of its own kind, read where there is room on the stack.
//!
//! An input with many fields is read by a call that takes much of the stack, and each level of nesting is such a call
//! inside another. How deep inputs may nest is for the guard and the engine to say.

use crate::lean::with_room_for;
use async_graphql::registry::Registry;
use async_graphql::{InputType, InputValueError, InputValueResult, Value};
use std::borrow::Cow;

/// A `T`, as the schema sees it.
#[derive(Debug)]
pub(super) struct Deep<T>(Box<T>);

impl<T> Deep<T> {
    /// The input.
    pub(super) fn into_inner(self) -> T {
        *self.0
    }
}

impl<T: InputType> InputType for Deep<T> {
    type RawValueType = T::RawValueType;

    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        T::create_type_info(registry)
    }

    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        let read = with_room_for(|| T::parse(value));
        read.map(|input| Self(Box::new(input))).map_err(InputValueError::propagate)
    }

    fn to_value(&self) -> Value {
        self.0.to_value()
    }

    fn as_raw_value(&self) -> Option<&Self::RawValueType> {
        self.0.as_raw_value()
    }
}
