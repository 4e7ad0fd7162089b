//! The kinds of work, as they are chosen and as they are called in tables.

use std::fmt;

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// What is measured of one large company.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Work {
    /// The company is opened, and gives its first answer.
    Open,
    /// A page of a list: filter, order, fifty issues.
    List,
    /// How many issues pass a filter.
    Count,
    /// A board: groups with lanes.
    Board,
    /// A list by what issues have to do with others.
    Relation,
    /// A list by what was once.
    History,
    /// Two words among the open issues.
    Search,
    /// The same, while the second word is being typed.
    Prefix,
    /// Issues that may say the same as a title.
    Similar,
    /// A list as it was some events ago.
    Past,
    /// What an event means to somebody who watches a list.
    Live,
}

impl Work {
    /// Everything that is asked of an open company, in this order.
    pub(crate) const ASKED: [Self; 10] = [
        Self::List,
        Self::Count,
        Self::Board,
        Self::Relation,
        Self::History,
        Self::Search,
        Self::Prefix,
        Self::Similar,
        Self::Past,
        Self::Live,
    ];
}

impl fmt::Display for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Open => "open",
            Self::List => "list",
            Self::Count => "count",
            Self::Board => "board",
            Self::Relation => "by relation",
            Self::History => "by history",
            Self::Search => "search",
            Self::Prefix => "search as you type",
            Self::Similar => "similar issues",
            Self::Past => "as it was",
            Self::Live => "live query",
        })
    }
}

/// What is measured of many companies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum CrowdWork {
    /// The folder is opened.
    Start,
    /// The first list of a company that nobody has asked since.
    Query,
    /// The same of a large company.
    LargeQuery,
    /// The first search in such a company.
    Search,
    /// Companies take turns in too little memory.
    Evict,
    /// How far search is behind while many companies write.
    FollowUp,
}

impl fmt::Display for CrowdWork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Start => "start",
            Self::Query => "first list of a cold company",
            Self::LargeQuery => "first list of a large cold company",
            Self::Search => "first search in a cold company",
            Self::Evict => "list, taking turns in little memory",
            Self::FollowUp => "create to indexed, all writing at once",
        })
    }
}
