//! stub
use crate::command::*;
use crate::draft::Draft;
use crate::error::Result;
use crate::id::*;
use crate::model::*;
#[derive(Debug, Clone, minicbor::Encode)]
pub struct AddMember {
    #[n(0)]
    pub id: Option<MemberId>,
    #[n(1)]
    pub email: String,
    #[n(2)]
    pub name: String,
    #[n(3)]
    pub role: Role,
    #[n(4)]
    pub password_hash: Option<String>,
}
impl Command for AddMember {
    fn operation(&self) -> &'static str {
        ""
    }
    fn decide(&self, _: &World<'_>) -> Result<Draft> {
        Ok(Draft::new())
    }
}
#[derive(Debug, Clone, minicbor::Encode)]
pub struct SetPassword {
    #[n(0)]
    pub member: MemberId,
    #[n(4)]
    pub password_hash: String,
}
impl Command for SetPassword {
    fn operation(&self) -> &'static str {
        ""
    }
    fn decide(&self, _: &World<'_>) -> Result<Draft> {
        Ok(Draft::new())
    }
}
