//! The object of a table: its trait, and the macro that makes it together with the stock object.
//!
//! Knows nothing of buffers: a table says which values an object has, [`LeanValue`](super::LeanValue) how each is
//! written.

use std::any::Any;

use async_graphql::{Context, InputType, ObjectType, Positioned, ServerResult, parser::types::SelectionSet};

use super::{
    out::Out,
    plan::{Plan, Planner, Unservable},
};

/// An object declared by [`lean_object!`](crate::lean_object); implement it only through the macro.
///
/// The node is a cheap handle (an `Arc`, an id): it is cloned for every stock field of a row.
pub trait LeanObject: ObjectType + Clone + 'static {
    /// What the table's closures get beside the node: a per-request snapshot, put into the request's data.
    type Cx: Send + Sync + 'static;

    /// The table's line for a field name; `None` for `__typename`, stock fields and unknown ones.
    fn table_field(name: &str) -> Option<TableField>;

    /// Writes the value of a table's line, planned as `below`.
    fn write_field<'a>(&self, cx: &Self::Cx, index: usize, below: &Plan<'a>, out: &mut Out<'a>);
}

/// A line of a table, as the planner sees it.
pub struct TableField {
    /// Which line.
    pub index: usize,
    /// How to plan the selections below it.
    pub plan: PlanBelow,
    /// Its argument, if it takes one.
    pub argument: Option<Argument>,
}

/// The argument of a table's line.
pub struct Argument {
    name: &'static str,
    read: fn(&Context<'_>, &str) -> ServerResult<Box<dyn Any>>,
}

impl Argument {
    /// The argument of this name, as a `T`.
    #[must_use]
    pub fn new<T: InputType + 'static>(name: &'static str) -> Self {
        let read = |ctx: &Context<'_>, name: &str| {
            ctx.param_value::<T>(name, None).map(|(_, value)| Box::new(value) as Box<dyn Any>)
        };
        Self { name, read }
    }

    /// Its value where `ctx` stands: what the stock resolver would be given.
    pub(super) fn read(&self, ctx: &Context<'_>) -> ServerResult<Box<dyn Any>> {
        (self.read)(ctx, self.name)
    }
}

/// Plans the merged selections below a field.
pub(super) type PlanBelow =
    for<'a> fn(&mut Planner<'a>, &[&'a Positioned<SelectionSet>]) -> Result<Plan<'a>, Unservable>;

/// Declares a GraphQL object as a table of fields; see [the module](crate::lean) for what may stand in it.
///
/// Every field becomes a `pub(crate) async fn` on the node, as [`async_graphql::Object`] makes it, so that interfaces
/// can call it. A generic object leaves out the name and the stock part: `for<T: Bound> Node, cx T::Cx { … }` with
/// [`async_graphql::TypeName`] implemented for `Node<T>`.
///
/// ```
/// use mortise_graphql::lean::{Row, Rows};
///
/// # #[derive(Clone)] struct MemberNode;
/// # mortise_graphql::lean_object! { /// A member.
/// #     "Member" for MemberNode, cx Snapshot { /// Its name.
/// #         "name" name: &str = |_, _| "Ada"; } }
/// # struct Snapshot;
/// # impl Snapshot { fn member(&self, _: u32) -> Option<MemberNode> { None } }
/// #[derive(Clone)]
/// struct IssueNode {
///     title: String,
///     assignee: u32,
///     watchers: Vec<u32>,
/// }
///
/// mortise_graphql::lean_object! {
///     /// An issue.
///     "Issue" for IssueNode, cx Snapshot {
///         /// What it is about, in one line.
///         "title" title: &str = |issue, _| issue.title.as_str();
///         /// Who works on it.
///         "assignee" assignee: Option<Row<MemberNode>> = |issue, cx| cx.member(issue.assignee).map(Row);
///         /// Who follows it.
///         "watchers" watchers(#[graphql(desc = "So many at most.")] first: Option<usize>): Rows<MemberNode> = |issue, cx| {
///             let watchers = issue.watchers.iter().filter_map(|id| cx.member(*id));
///             watchers.take(first.unwrap_or(usize::MAX)).collect()
///         };
///     }
///     stock {
///         /// The start of the title.
///         async fn abstract_of(&self, letters: usize) -> String {
///             self.title.chars().take(letters).collect()
///         }
///     }
/// }
/// ```
#[macro_export]
macro_rules! lean_object {
    (
        $(#[doc = $doc:tt])+
        $name:literal for $node:ident, cx $cx:ty { $($table:tt)* }
        $(stock { $($stock:tt)* })?
    ) => {
        $crate::lean_object! {
            @make [$($doc)+] [name = $name] [] [$node] [$cx] [$($($stock)*)?] $($table)*
        }
    };
    // A generic object: its name comes from its `TypeName` implementation, or is the same for all.
    (
        $(#[doc = $doc:tt])+
        for<$g:ident: $bound:path> $node:ident, $(name $name:literal,)? cx $cx:ty { $($table:tt)* }
    ) => {
        $crate::lean_object! {
            @named [$($name)?] [$($doc)+] [<$g: $bound>] [$node<$g>] [$cx] $($table)*
        }
    };
    (@named [] [$($doc:tt)+] [$($generics:tt)*] [$($node:tt)+] [$cx:ty] $($table:tt)*) => {
        $crate::lean_object! { @make [$($doc)+] [name_type] [$($generics)*] [$($node)+] [$cx] [] $($table)* }
    };
    (@named [$name:literal] [$($doc:tt)+] [$($generics:tt)*] [$($node:tt)+] [$cx:ty] $($table:tt)*) => {
        $crate::lean_object! { @make [$($doc)+] [name = $name] [$($generics)*] [$($node)+] [$cx] [] $($table)* }
    };
    (
        @make [$($doc:tt)+] [$($naming:tt)+] [$($generics:tt)*] [$($node:tt)+] [$cx:ty] [$($stock:tt)*]
        $(
            $(#[doc = $field_doc:tt])+
            $field:literal $method:ident $(($(#[$input_about:meta])* $input:ident: $input_type:ty))?: $value:ty =
                |$this:pat_param, $look:pat_param| $body:expr;
        )+
    ) => {
        $(#[doc = $doc])+
        #[allow(mismatched_lifetime_syntaxes, reason = "a table's types borrow without naming a lifetime")]
        #[$crate::lean::parts::Object($($naming)+)]
        impl $($generics)* $($node)+ {
            $(
                $(#[doc = $field_doc])+
                #[graphql(name = $field)]
                pub(crate) async fn $method<'r>(
                    &'r self,
                    ctx: &'r $crate::lean::parts::Context<'_>,
                    $($(#[$input_about])* $input: $input_type,)?
                ) -> $crate::lean::parts::Result<$value> {
                    let $this = self;
                    let $look = ctx.data::<$cx>()?;
                    ::std::result::Result::Ok($body)
                }
            )+
            $($stock)*
        }

        const _: () = {
            #[expect(non_camel_case_types, reason = "named after the methods")]
            #[derive(Clone, Copy)]
            enum Line { $($method),+ }

            impl $($generics)* $crate::lean::LeanObject for $($node)+ {
                type Cx = $cx;

                fn table_field(name: &str) -> ::std::option::Option<$crate::lean::parts::TableField> {
                    match name {
                        $($field => ::std::option::Option::Some($crate::lean::parts::TableField {
                            index: Line::$method as usize,
                            plan: <$value as $crate::lean::LeanValue<$cx>>::plan,
                            argument: $crate::lean_object! { @argument $($input: $input_type)? },
                        }),)+
                        _ => ::std::option::Option::None,
                    }
                }

                fn write_field<'a>(
                    &self,
                    cx: &$cx,
                    index: usize,
                    below: &$crate::lean::parts::Plan<'a>,
                    out: &mut $crate::lean::parts::Out<'a>,
                ) {
                    $(if index == Line::$method as usize {
                        let $this = self;
                        let $look = cx;
                        $(let $input: $input_type = below.argument();)?
                        let value: $value = $body;
                        return $crate::lean::LeanValue::<$cx>::write(&value, cx, below, out);
                    })+
                }
            }
        };
    };
    (@argument) => { ::std::option::Option::None };
    (@argument $input:ident: $input_type:ty) => {
        ::std::option::Option::Some($crate::lean::parts::Argument::new::<$input_type>(stringify!($input)))
    };
}
