//! Values without a selection below them: text, numbers, enums, ids, timestamps.
//!
//! A leaf is an ordinary async-graphql output type that can also write itself. Knows nothing of objects or plans.

use std::{borrow::Cow, fmt, sync::Arc};

use async_graphql::{
    ContextSelectionSet, ID, OutputType, Positioned, ServerResult, Value, parser::types::Field,
    registry::Registry, resolver_utils::EnumType,
};

use super::json;

/// A scalar or enum that writes itself as JSON.
///
/// Contract: [`write_json`](Leaf::write_json) writes exactly one JSON value, the same that serialising the result of
/// [`OutputType::resolve`] gives. It cannot fail; what can fail belongs in a stock field. For an enum use
/// [`lean_enum!`](crate::lean_enum), for text with a type of its own [`text_scalar!`](crate::text_scalar), for
/// identifiers [`Id`]: they keep the contract by construction.
pub trait Leaf: OutputType {
    /// Appends this value to `out`.
    fn write_json(&self, out: &mut Vec<u8>);
}

impl<T: Leaf + ?Sized> Leaf for &T {
    fn write_json(&self, out: &mut Vec<u8>) {
        T::write_json(self, out);
    }
}

impl Leaf for str {
    fn write_json(&self, out: &mut Vec<u8>) {
        json::write_str(self, out);
    }
}

impl Leaf for String {
    fn write_json(&self, out: &mut Vec<u8>) {
        json::write_str(self, out);
    }
}

impl Leaf for Arc<str> {
    fn write_json(&self, out: &mut Vec<u8>) {
        json::write_str(self, out);
    }
}

impl Leaf for Cow<'_, str> {
    fn write_json(&self, out: &mut Vec<u8>) {
        json::write_str(self, out);
    }
}

impl Leaf for bool {
    fn write_json(&self, out: &mut Vec<u8>) {
        json::write_bool(*self, out);
    }
}

impl Leaf for ID {
    fn write_json(&self, out: &mut Vec<u8>) {
        json::write_str(self, out);
    }
}

macro_rules! number_leaf {
    ($($number:ty),*) => {$(
        impl Leaf for $number {
            fn write_json(&self, out: &mut Vec<u8>) {
                json::write_number(self, out);
            }
        }
    )*};
}
number_leaf!(i16, i32, i64, u8, u16, u32, u64, f64);

/// An identifier of any displayable type as GraphQL's `ID!`, written without an intermediate `String`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Id<T>(
    /// What the identifier displays as is what the client sees.
    pub T,
);

impl<T: fmt::Display> From<Id<T>> for ID {
    fn from(id: Id<T>) -> ID {
        ID(id.0.to_string())
    }
}

impl<T: fmt::Display + Send + Sync> OutputType for Id<T> {
    fn type_name() -> Cow<'static, str> {
        <ID as OutputType>::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <ID as OutputType>::create_type_info(registry)
    }

    async fn resolve(&self, _: &ContextSelectionSet<'_>, _: &Positioned<Field>) -> ServerResult<Value> {
        Ok(Value::String(self.0.to_string()))
    }
}

impl<T: fmt::Display + Send + Sync> Leaf for Id<T> {
    fn write_json(&self, out: &mut Vec<u8>) {
        json::write_text(&self.0, out);
    }
}

/// Writes an enum's GraphQL name. The names come from async-graphql's own table, so a rename cannot be missed.
pub fn write_enum<E: EnumType>(value: &E, out: &mut Vec<u8>) {
    match E::items().iter().find(|item| item.value == *value) {
        Some(item) => json::write_str(item.name, out),
        None => out.extend_from_slice(b"null"),
    }
}

/// Writes what `text` displays as a JSON string.
pub fn write_text(text: &impl fmt::Display, out: &mut Vec<u8>) {
    json::write_text(text, out);
}

/// Makes enums that derive [`async_graphql::Enum`] usable in lean tables: `lean_enum!(Priority, StateKind);`
#[macro_export]
macro_rules! lean_enum {
    ($($name:ty),+ $(,)?) => {$(
        impl $crate::lean::Leaf for $name {
            fn write_json(&self, out: &mut ::std::vec::Vec<u8>) {
                $crate::lean::parts::write_enum(self, out);
            }
        }
    )+};
}

/// Declares a scalar whose wire form is the text an inner type displays and parses, for input, output and lean tables.
///
/// The inner type needs `Clone`, `Display` and `FromStr` with a displayable error.
/// ```
/// mortise_graphql::text_scalar! {
///     /// An address on the wire.
///     pub Address(std::net::IpAddr) = "Address", specified by "https://www.rfc-editor.org/rfc/rfc4291";
/// }
/// ```
#[macro_export]
macro_rules! text_scalar {
    ($(#[doc = $doc:tt])+ $vis:vis $name:ident($inner:ty) = $gql:literal $(, specified by $url:literal)? ;) => {
        $(#[doc = $doc])+
        #[derive(Clone, Debug, PartialEq)]
        $vis struct $name(
            /// The value in the form the engine knows it.
            $vis $inner,
        );

        $(#[doc = $doc])+
        #[$crate::lean::parts::Scalar(name = $gql $(, specified_by_url = $url)?)]
        impl $crate::lean::parts::ScalarType for $name {
            fn parse(
                value: $crate::lean::parts::Value,
            ) -> $crate::lean::parts::InputValueResult<Self> {
                match value {
                    $crate::lean::parts::Value::String(text) => ::std::result::Result::Ok(Self(text.parse()?)),
                    other => ::std::result::Result::Err(
                        $crate::lean::parts::InputValueError::expected_type(other),
                    ),
                }
            }

            fn to_value(&self) -> $crate::lean::parts::Value {
                $crate::lean::parts::Value::String(::std::string::ToString::to_string(&self.0))
            }
        }

        impl $crate::lean::Leaf for $name {
            fn write_json(&self, out: &mut ::std::vec::Vec<u8>) {
                $crate::lean::parts::write_text(&self.0, out);
            }
        }
    };
}
