//! stub
use crate::command::*;
use crate::draft::Draft;
use crate::error::Result;
use crate::id::*;
#[derive(Debug, Clone, minicbor::Encode)]
pub struct CreateTeam {
    #[n(0)]
    pub id: Option<TeamId>,
    #[n(1)]
    pub key: String,
    #[n(2)]
    pub name: String,
    #[n(3)]
    pub description: Option<String>,
    #[n(4)]
    pub workflow: Option<WorkflowId>,
}
impl Command for CreateTeam {
    fn operation(&self) -> &'static str {
        ""
    }
    fn decide(&self, _: &World<'_>) -> Result<Draft> {
        Ok(Draft::new())
    }
}
