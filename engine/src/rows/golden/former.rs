//! What was stored before rows got new fields still opens.

use super::samples::{at, issue};
use super::{files, understood};
use crate::event::{EventBody, IssueChange};
use crate::model::{Invitation, Issue, KeyScope, Member, Past, Team, Tenant, Workflow, WorkflowTransition};
use crate::rows::{ApiKeyRow, SessionRow};
use crate::storage::decode;

/// They lack the newer fields, and say the same as ever.
#[test]
fn every_former_form_can_be_understood() {
    let before_relations = Issue {
        relations: Vec::new(),
        past: Past::default(),
        commenters: Vec::new(),
        state_since: None,
        confidential: None,
        workflow_version: None,
        approvals: Vec::new(),
        ..issue()
    };
    let before_versions =
        Issue { confidential: None, workflow_version: None, approvals: Vec::new(), ..issue() };
    let mut seen = 0;
    for (name, bytes) in files("golden/former") {
        seen += 1;
        match name.as_str() {
            "issue_2" => assert_eq!(decode::<Issue>(&bytes).unwrap(), before_versions),
            "member" => {
                let row: Member = decode(&bytes).unwrap();
                assert_eq!((row.is_service(), row.locale, row.time_zone), (false, None, None));
            }
            "team" => {
                let row: Team = decode(&bytes).unwrap();
                assert!(!row.private && row.members.is_empty() && row.by_kind.is_empty());
            }
            "issue" => assert_eq!(decode::<Issue>(&bytes).unwrap(), before_relations),
            "workflow" => {
                let workflow: Workflow = decode(&bytes).unwrap();
                assert_eq!((workflow.published, workflow.retired.len()), (None, 0));
                assert_eq!(workflow.states.iter().map(|s| s.key()).collect::<Vec<_>>(), ["open", "closed"]);
                assert!(workflow.transitions.iter().all(WorkflowTransition::is_plain));
            }
            "tenant_in_a_shard" | "tenant_of_its_own" => {
                let tenant: Tenant = decode(&bytes).unwrap();
                assert_eq!((tenant.slug.as_str(), tenant.language, tenant.time_zone), ("acme", None, None));
            }
            "api_key" => {
                let row: ApiKeyRow = decode(&bytes).unwrap();
                assert_eq!((row.record.reach(), row.record.networks), (KeyScope::Admin, None));
            }
            "invitation" => {
                let row: Invitation = decode(&bytes).unwrap();
                assert_eq!((row.letters_after(at(0)), row.letters_after(at(1))), (1, 0));
            }
            "session" => assert!(decode::<SessionRow>(&bytes).unwrap().device.is_none()),
            "event_issue_created" => {
                let EventBody::IssueCreated { issue, .. } = understood(&name, &bytes) else { panic!() };
                assert_eq!(*issue, before_relations);
            }
            "event_issue_updated" => {
                let EventBody::IssueUpdated { changes } = understood(&name, &bytes) else { panic!() };
                let of_state =
                    |change: &IssueChange| matches!(change, IssueChange::State { before: None, .. });
                assert_eq!((changes.len(), changes.iter().filter(|c| of_state(c)).count()), (15, 1));
            }
            "event_issue_updated_2" => {
                let EventBody::IssueUpdated { changes } = understood(&name, &bytes) else { panic!() };
                let of_text = |change: &IssueChange| {
                    matches!(change, IssueChange::Description { bytes_before: None, .. })
                };
                assert_eq!((changes.len(), changes.iter().filter(|c| of_text(c)).count()), (17, 1));
            }
            "event_comment_deleted" => {
                let body = understood(&name, &bytes);
                assert!(matches!(body, EventBody::CommentDeleted { author: None, .. }), "{body:?}");
            }
            event => assert!(!understood(event, &bytes).name().is_empty()),
        }
    }
    assert_eq!(seen, 29);
}
