//! What plugins added to changes of others: which plugin, and which fields. The history of an issue tells it.

use super::member::MemberNode;
use super::plugin::PluginNode;
use crate::context::Asked;
use crate::error::Result;
use crate::lean::Row;
use async_graphql::{Context, Object};
use mortise_engine::event::Amendment;

/// See the module.
#[derive(Debug, Clone)]
pub(crate) struct AmendmentNode(Amendment);

impl AmendmentNode {
    /// These amendments; of a change of one field those of that field alone.
    pub(crate) fn all(amended: &[Amendment], field: Option<&str>) -> Vec<Self> {
        let told = |one: &Amendment| {
            let fields = one.fields.iter().filter(|of| field.is_none_or(|field| field == *of));
            Amendment { installation: one.installation, fields: fields.cloned().collect() }
        };
        amended.iter().map(told).filter(|one| !one.fields.is_empty()).map(Self).collect()
    }
}

/// What a plugin added to a change of somebody else, when it was asked about it.
#[Object(name = "PluginAmendment")]
impl AmendmentNode {
    /// The plugin; null for who does not manage plugins, and once it is removed.
    async fn plugin(&self, ctx: &Context<'_>) -> Result<Option<PluginNode>> {
        Ok(PluginNode::find(&Asked::of(ctx)?, self.0.installation))
    }

    /// The member that the plugin acts as, whom everybody sees; also once it is removed.
    async fn member(&self, ctx: &Context<'_>) -> Result<Option<Row<MemberNode>>> {
        let cx = Asked::of(ctx)?.snapshot;
        let member = cx.directory().installation(self.0.installation).map(|installation| installation.member);
        Ok(member.and_then(|member| MemberNode::find(cx, member)))
    }

    /// The fields that are different because of it, such as `estimate`.
    async fn fields(&self) -> &[String] {
        &self.0.fields
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mortise_engine::id::InstallationId;

    #[test]
    fn a_change_of_a_field_is_told_of_who_amended_that_field() {
        let amended = |fields: &[&str]| Amendment {
            installation: InstallationId::generate(),
            fields: fields.iter().map(ToString::to_string).collect(),
        };
        let all = [amended(&["labels", "estimate"]), amended(&["estimate"]), amended(&["title"])];
        let told = |field| {
            let told = AmendmentNode::all(&all, field);
            told.iter().map(|one| one.0.fields.join(" ")).collect::<Vec<_>>()
        };
        assert_eq!(told(None), ["labels estimate", "estimate", "title"]);
        assert_eq!(told(Some("estimate")), ["estimate", "estimate"]);
        assert_eq!(told(Some("labels")), ["labels"]);
        assert!(told(Some("priority")).is_empty());
    }
}
