//! stub
use crate::command::*;
use crate::draft::Draft;
use crate::error::Result;
use crate::id::*;
use crate::time::Timestamp;
#[derive(Debug, Clone, minicbor::Encode)]
pub struct CreateApiKey {
    #[n(0)]
    pub id: ApiKeyId,
    #[n(1)]
    pub member: MemberId,
    #[n(2)]
    pub name: String,
    #[n(3)]
    pub expires_at: Option<Timestamp>,
    #[n(4)]
    pub record: Vec<u8>,
}
impl Command for CreateApiKey {
    fn operation(&self) -> &'static str {
        ""
    }
    fn decide(&self, _: &World<'_>) -> Result<Draft> {
        Ok(Draft::new())
    }
}
