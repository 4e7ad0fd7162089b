//! The filters on one kind of thing, declared once: on one of them, on one that may be missing, on several.
//!
//! GraphQL has no way to say that an input has the fields of another and some more, so each field would be written three
//! times, and they would drift. This module knows no field.

/// Declares the filter `One` of conditions that become tests, from a line per field: its name in the schema, its name
/// here, its type, and how it becomes tests. With the same fields: `null Nullable`, which also asks whether the thing is
/// there, and `many Collection`, which also asks it of some, all or none of several.
macro_rules! filters {
    (
        $(#[doc = $doc:tt])+
        $one:ident of $test:ident $fields:tt
        $(null $nullable:ident = $null_doc:tt;)?
        many $many:ident = $many_doc:tt;
    ) => {
        filters!(@one [$($doc)+] $one $test; $fields);
        $(filters!(@null $null_doc $nullable $one; $fields);)?
        filters!(@many $many_doc $many $one; $fields);
    };
    (@one [$($doc:tt)+] $one:ident $test:ident; {$(
        $(#[doc = $field_doc:tt])+
        $name:literal $field:ident: $ty:ty = |$value:pat_param, $at:pat_param| $tests:expr;
    )+}) => {
        $(#[doc = $doc])+
        #[derive(Debug, InputObject)]
        pub(crate) struct $one {
            /// All of these hold.
            and: Option<Vec<Deep<$one>>>,
            $($(#[doc = $field_doc])+ #[graphql(name = $name)] $field: Option<Box<$ty>>,)+
        }

        impl $one {
            /// All conditions: those of `and`, then in the order of the fields.
            fn side_by_side(self, at: &At<'_>) -> Result<Vec<$test>> {
                let mut tests = Vec::new();
                for (index, filter) in self.and.into_iter().flatten().enumerate() {
                    tests.extend(filter.into_inner().item(&at.field("and").item(index))?);
                }
                $(if let Some(value) = self.$field {
                    let ($value, $at) = (*value, &at.field($name));
                    let more: Result<Vec<$test>> = $tests;
                    tests.extend(more?);
                })+
                Ok(tests)
            }
        }
    };
    (@null $doc:tt $nullable:ident $one:ident; {$(
        $(#[doc = $field_doc:tt])+
        $name:literal $field:ident: $ty:ty = |$value:pat_param, $at:pat_param| $tests:expr;
    )+}) => {
        #[doc = $doc]
        #[derive(Debug, InputObject)]
        pub(crate) struct $nullable {
            /// There is none (true) or there is one (false).
            null: Option<bool>,
            /// All of these hold.
            and: Option<Vec<Deep<$one>>>,
            $($(#[doc = $field_doc])+ #[graphql(name = $name)] $field: Option<Box<$ty>>,)+
        }

        impl $nullable {
            /// Whether there shall be none, and the conditions on the one.
            pub(super) fn split(self) -> (Option<bool>, $one) {
                (self.null, $one { and: self.and, $($field: self.$field),+ })
            }
        }
    };
    (@many $doc:tt $many:ident $one:ident; {$(
        $(#[doc = $field_doc:tt])+
        $name:literal $field:ident: $ty:ty = |$value:pat_param, $at:pat_param| $tests:expr;
    )+}) => {
        #[doc = $doc]
        #[derive(Debug, InputObject)]
        pub(crate) struct $many {
            /// At least one passes all of these.
            some: Option<Deep<$one>>,
            /// All pass all of these; holds when there are none.
            every: Option<Deep<$one>>,
            /// None passes all of these.
            none: Option<Deep<$one>>,
            /// There are so many.
            length: Option<Ordered<u32>>,
            /// At least one passes all of these.
            and: Option<Vec<Deep<$one>>>,
            $($(#[doc = $field_doc])+ #[graphql(name = $name)] $field: Option<Box<$ty>>,)+
        }

        impl Collection for $many {
            type One = $one;

            fn split(self) -> Sides<$one> {
                Sides {
                    short: $one { and: self.and, $($field: self.$field),+ },
                    some: self.some,
                    every: self.every,
                    none: self.none,
                    length: self.length,
                }
            }
        }
    };
}
pub(super) use filters;
