//! The ordered indexes of a view: what each is ordered by.

use super::columns::Columns;
use super::sorted::Keyed;
use crate::id::IssueId;
use std::cmp::Reverse;

/// By id.
#[derive(Debug, Clone)]
pub(super) struct ById;

impl Keyed for ById {
    type In = Columns;
    type Key = IssueId;

    fn key(of: &Columns, at: u32) -> Option<IssueId> {
        of.id.get(at as usize).copied()
    }
}

/// By the code of the team, the number in it, and the ordinal. (Two issues with the same number are a fault, which the
/// check finds.)
#[derive(Debug, Clone)]
pub(super) struct ByNumber;

impl Keyed for ByNumber {
    type In = Columns;
    type Key = (u32, u32, u32);

    fn key(of: &Columns, at: u32) -> Option<(u32, u32, u32)> {
        Some((*of.team.get(at as usize)?, *of.number.get(at as usize)?, at))
    }
}

/// An instant that there is a timeline of.
pub(super) trait Dated: Keyed<In = Columns, Key = (Reverse<i64>, IssueId)> {
    /// The instants.
    fn instants(of: &Columns) -> &[i64];
}

macro_rules! timelines {
    ($($(#[$doc:meta])* $name:ident: $column:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone)]
        pub(super) struct $name;

        impl Dated for $name {
            fn instants(of: &Columns) -> &[i64] {
                &of.$column
            }
        }

        impl Keyed for $name {
            type In = Columns;
            type Key = (Reverse<i64>, IssueId);

            fn key(of: &Columns, at: u32) -> Option<Self::Key> {
                Some((Reverse(*of.$column.get(at as usize)?), *of.id.get(at as usize)?))
            }
        }
    )*};
}

timelines! {
    /// Newest first, those of one instant in the order of ids.
    ByCreated: created_at;
    /// Last changed first, those of one instant in the order of ids.
    ByUpdated: updated_at;
}
