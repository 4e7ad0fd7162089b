//! What the fields of a schema cost beside what they show.
//!
//! It does not know what a company may: that comes with its [`Account`](super::Account).

/// See the module. Names are those of the schema.
#[derive(Debug, Clone)]
pub struct Prices {
    /// Fields of the root that prove who asks. They take points of the address whoever sends them. Default: none.
    pub proving_fields: Vec<&'static str>,
    /// Fields of the root that exchange one token for another. Default: none.
    pub refreshing_fields: Vec<&'static str>,
    /// Points that a field of this name is reckoned at beside what it shows: because it is long, or because much is read for
    /// little of an answer. Default: none.
    pub fields: Vec<(&'static str, u64)>,
    /// The same for each row of a page of this name. Default: none.
    pub rows: Vec<(&'static str, u64)>,
    /// The same for a field with an argument of this name. Default: none.
    pub arguments: Vec<(&'static str, u64)>,
    /// Rows that a list of this name is reckoned at, which takes no size: each with what is selected of it. Default: none.
    pub lists: Vec<(&'static str, u32)>,
    /// Rows that a page is reckoned at when its size is not said. Default: 50.
    pub page_rows: u32,
    /// Rows that a page is reckoned at most: no larger one is answered. Default: 250.
    pub page_rows_max: u32,
}

impl Default for Prices {
    fn default() -> Self {
        Self {
            proving_fields: Vec::new(),
            refreshing_fields: Vec::new(),
            fields: Vec::new(),
            rows: Vec::new(),
            arguments: Vec::new(),
            lists: Vec::new(),
            page_rows: 50,
            page_rows_max: 250,
        }
    }
}
