//! stub
use crate::access::Scope;
use crate::error::Result;
use crate::filter::*;
use crate::id::*;
use crate::limits::Limits;
use crate::model::Issue;
pub struct View;
pub struct Position;
pub struct CursorKey;
pub struct IssueQuery<'a> {
    pub filter: &'a Filter,
    pub sort: &'a [Sort],
    pub page: Page,
}
pub enum Page {
    First(usize, Option<Position>),
    Last(usize, Option<Position>),
}
pub struct IssuePage {
    pub ids: Vec<IssueId>,
    pub positions: Vec<Position>,
    pub total: u64,
    pub has_next: bool,
    pub has_previous: bool,
}
impl CursorKey {
    pub fn new(_: [u8; 32]) -> Self {
        Self
    }
    pub fn seal(&self, _: [u8; 16], _: &Position) -> String {
        String::new()
    }
    pub fn open(&self, _: [u8; 16], _: &str) -> Result<Position> {
        Ok(Position)
    }
}
pub fn validate(_: &Filter, _: &Limits) -> Result<()> {
    Ok(())
}
pub fn query_hash(_: &Filter, _: &[Sort]) -> [u8; 16] {
    [0; 16]
}
impl View {
    pub fn new() -> Self {
        Self
    }
    pub fn load_issue(&mut self, _: &Issue) {}
    pub fn finish_load(&mut self) {}
    pub fn apply(&mut self, _: Option<&Issue>, _: &Issue) {}
    pub fn query(&self, _: &Scope, _: &IssueQuery<'_>) -> Result<IssuePage> {
        Ok(IssuePage { ids: vec![], positions: vec![], total: 0, has_next: false, has_previous: false })
    }
    pub fn count(&self, _: &Scope, _: &Filter) -> Result<u64> {
        Ok(0)
    }
    pub fn find(&self, _: TeamId, _: u32) -> Option<IssueId> {
        None
    }
    pub fn contains(&self, _: IssueId) -> bool {
        false
    }
    pub fn parent_of(&self, _: IssueId) -> Option<IssueId> {
        None
    }
    pub fn max_number(&self, _: TeamId) -> u32 {
        0
    }
    pub fn compare(&self, _: &View) -> Vec<String> {
        vec![]
    }
}
