//! What a request is reckoned at before it runs, where that is more than the objects it shows; what some questions take of
//! what it may show, because much is read for them; and which fields take points of an address.
//!
//! It does not know how points are counted: that is [`crate::http`]. A test holds the names to the schema, and what
//! requests are reckoned at to what they take.

use super::page::PAGE_SIZE_DEFAULT;
use crate::http::Prices;

/// What this schema's fields cost, where no page has more rows than so many.
pub(crate) fn prices(page_size_max: usize) -> Prices {
    Prices {
        proving_fields: PROVING_FIELDS.into(),
        refreshing_fields: REFRESHING_FIELDS.into(),
        fields: FIELD_POINTS.into(),
        rows: ROW_POINTS.into(),
        arguments: ARGUMENT_POINTS.into(),
        lists: LIST_ROWS.into(),
        page_rows: u32::try_from(PAGE_SIZE_DEFAULT).unwrap_or(u32::MAX),
        page_rows_max: u32::try_from(page_size_max).unwrap_or(u32::MAX),
    }
}

/// What a question takes that is answered from the search index or from the log.
pub(crate) const QUESTION_UNITS: usize = 10;

/// Records of the audit log that are looked at for what showing a node costs.
pub(crate) const RECORDS_PER_UNIT: usize = 10;

/// What a row of a page of runs is taken for before it is read: it has its log. What it did not take is given back.
pub(crate) const RUN_UNITS: usize = 20;

/// What a page of runs may take beside that when not all are wanted: each is looked at, and of those that are kept in brief ten are
/// as much as one.
pub(crate) const RUNS_LOOKED_AT_UNITS: usize = 60;

/// What a recording of a run is taken for before it is read. What it did not take is given back.
pub(crate) const RECORDING_UNITS: usize = 200;

/// What it takes to see things as they were: thousands of events may have to be undone.
pub(crate) const PAST_UNITS: usize = 20;

/// What it takes to do a run of a plugin again.
pub(crate) const REPLAY_UNITS: usize = 20;

/// What a change of one issue among several takes: a row and an event that are written, and kept.
pub(crate) const CHANGE_UNITS: usize = 10;

/// What it takes to have a plugin's code made ready, or to call it, beside what is written.
pub(crate) const CALL_UNITS: usize = 50;

/// What it takes to begin a backtest, which calls a plugin for everything that has happened to issues.
pub(crate) const BACKTEST_UNITS: usize = 500;

/// Points of fields beside what they show: long texts, lists without a size, questions, and calls of plugins.
pub(crate) const FIELD_POINTS: [(&str, u64); 22] = [
    ("description", 10),
    ("snippets", 20),
    ("members", 50),
    ("favorites", 10),
    ("relations", 10),
    ("search", QUESTION_UNITS as u64),
    ("similarIssues", QUESTION_UNITS as u64),
    ("facets", QUESTION_UNITS as u64),
    ("pluginReplay", REPLAY_UNITS as u64),
    // A tenth of the records that a page looks at, of which ten count as one.
    ("auditEvents", 50),
    ("settings", 4),
    ("settingsSchema", 4),
    ("manifest", 4),
    ("recording", 20),
    // Two lists, of 100 each at most.
    ("backlog", 50),
    ("pluginInstall", CALL_UNITS as u64),
    ("pluginUpdate", CALL_UNITS as u64),
    ("pluginEnable", CALL_UNITS as u64),
    ("pluginUpgrade", CALL_UNITS as u64),
    ("pluginRollBack", CALL_UNITS as u64),
    ("pluginRehearse", CALL_UNITS as u64),
    ("pluginBacktestStart", BACKTEST_UNITS as u64),
];

/// Rows of lists that take no size, whose rows have pages of their own or are many.
pub(crate) const LIST_ROWS: [(&str, u32); 4] =
    [("plugins", 50), ("pluginCodes", 100), ("pluginCatalogue", 100), ("earlierVersions", 10)];

/// Points of each row of a page beside itself: a comment has its text, history is read by the handful, and a run has what it
/// logged.
pub(crate) const ROW_POINTS: [(&str, u64); 3] = [("comments", 6), ("history", 5), ("runs", 3)];

/// Points of arguments.
pub(crate) const ARGUMENT_POINTS: [(&str, u64); 1] = [("at", PAST_UNITS as u64)];

/// Fields of the root by which somebody proves who they are, by something that others might guess, or has mail sent without
/// saying who they are: each try costs points of the address it comes from.
pub(crate) const PROVING_FIELDS: [&str; 11] = [
    "signIn",
    "signInAnswer",
    "signInFetch",
    "passwordReset",
    "passwordResetRequest",
    "invitationAccept",
    "secondFactorBegin",
    "secondFactorConfirm",
    "secondFactorDisable",
    "recoveryCodesRenew",
    "memberSetPassword",
];

/// Fields of the root that take a token which nobody guesses, and which people's programs ask for by themselves.
pub(crate) const REFRESHING_FIELDS: [&str; 2] = ["tokenRefresh", "signOut"];
