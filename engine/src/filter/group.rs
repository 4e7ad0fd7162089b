//! What lists are cut into groups by.

use crate::model::words;

words! {
    /// What issues are grouped by. An issue with several assignees or labels is in the group of each.
    GroupBy {
        /// The state.
        0 State = "STATE",
        /// The category of the state.
        1 Category = "CATEGORY",
        /// Who works on it.
        2 Assignee = "ASSIGNEE",
        /// The label.
        3 Label = "LABEL",
        /// How pressing it is.
        4 Priority = "PRIORITY",
        /// The kind of work.
        5 Kind = "TYPE",
        /// The team.
        6 Team = "TEAM",
        /// The issue it is a part of; a deleted one is none.
        7 Parent = "PARENT",
        /// How soon it is due: overdue, today, this week, next week, later, without a date.
        8 Due = "DUE",
        /// Who made it.
        9 Creator = "CREATOR",
    }
}
