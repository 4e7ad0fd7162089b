//! Saved views: lists that people keep, with their filter, order, groups and looks; and which of them each one likes.
//!
//! A view holds a filter as it was asked, so "me" and "this week" mean something else for each who opens it. This module
//! knows no rules: who may change a view is said in the commands.

mod ready_made;

pub use ready_made::{ready_made, ready_made_view};

use crate::filter::{Filter, GroupBy, Sort};
use crate::id::{MemberId, TeamId, ViewId};
use crate::model::words;
use crate::time::Timestamp;

words! {
    /// How a view is laid out.
    Layout {
        /// Rows, in groups.
        0 List = "LIST",
        /// Columns of cards, in lanes.
        1 Board = "BOARD",
        /// A table of fields.
        2 Table = "TABLE",
        /// By day.
        3 Calendar = "CALENDAR",
        /// Bars over time.
        4 Timeline = "TIMELINE",
    }
}

/// A saved view.
#[derive(Debug, Clone, PartialEq, minicbor::Encode, minicbor::Decode)]
pub struct SavedView {
    /// The id.
    #[n(0)]
    pub id: ViewId,
    /// How it is called.
    #[n(1)]
    pub name: String,
    /// What it is for.
    #[n(2)]
    pub description: Option<String>,
    /// Whose it is.
    #[n(3)]
    pub owner: MemberId,
    /// The team it is for; none: the whole company.
    #[n(4)]
    pub team: Option<TeamId>,
    /// Whether others see it; else its owner alone.
    #[n(5)]
    pub shared: bool,
    /// Which issues.
    #[n(6)]
    pub filter: Filter,
    /// In which order; newest first when empty.
    #[n(7)]
    pub sort: Vec<Sort>,
    /// Cut into groups by this.
    #[n(8)]
    pub group_by: Option<GroupBy>,
    /// And each group by this: the lanes of a board.
    #[n(9)]
    pub sub_group_by: Option<GroupBy>,
    /// Whether groups without issues are shown.
    #[n(10)]
    pub show_empty_groups: bool,
    /// How it is laid out.
    #[n(11)]
    pub layout: Layout,
    /// The fields that are shown, in order, as the client names them.
    #[n(12)]
    pub columns: Vec<String>,
    /// When it was made.
    #[n(13)]
    pub created_at: Timestamp,
    /// When it last changed.
    #[n(14)]
    pub updated_at: Timestamp,
    /// When it was deleted.
    #[n(15)]
    pub deleted_at: Option<Timestamp>,
    /// Counts the changes of this row, from 1.
    #[n(16)]
    pub version: u64,
}

impl SavedView {
    /// Takes away what it says: its words, its filter, its looks.
    pub(crate) fn empty(&mut self) {
        self.name.clear();
        self.description = None;
        self.filter = Filter::everything();
        self.sort.clear();
        self.columns.clear();
        (self.group_by, self.sub_group_by) = (None, None);
    }
}

/// The views that a member keeps at hand, in the order they chose.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct Favorites {
    /// Who.
    #[n(0)]
    pub member: MemberId,
    /// Which, the ready-made ones included.
    #[n(1)]
    pub views: Vec<ViewId>,
}
