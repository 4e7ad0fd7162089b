//! What must hold of issues and workflows together: what an issue follows is there and has its state, which means what the
//! issue's row says.

use super::CheckReport;
use super::replay::Replay;
use crate::event::Subject;
use crate::model::Issue;
use crate::workflow::Flow;

/// Whether the log says what all workflows are. Of one whose facts were erased it no longer does.
pub(super) fn are_known(replay: &Replay) -> bool {
    !replay.erased.iter().any(|subject| matches!(subject, Subject::Workflow(_)))
}

/// Looks at a stored row, where workflows are known.
pub(super) fn check(issue: &Issue, replay: &Replay, report: &mut CheckReport) {
    let Some(flow) = Flow::of(&replay.directory, issue) else {
        let version = issue.workflow_version.map_or_else(|| "no version".to_owned(), |id| id.to_string());
        return report.differs(format!("issue {}: follows {version}, which leads to no workflow", issue.id));
    };
    match flow.state(issue.state) {
        None => report.differs(format!(
            "issue {}: is in state {}, which {} does not have",
            issue.id,
            issue.state,
            flow.id()
        )),
        Some(state) if state.category != issue.category => report.differs(format!(
            "issue {}: its state means {}, and its row says {}",
            issue.id, state.category, issue.category
        )),
        Some(_) => {}
    }
    for approval in issue.approvals.iter().filter(|approval| flow.state(approval.to).is_none()) {
        report.differs(format!(
            "issue {}: approval of a move to {}, which is not there",
            issue.id, approval.to
        ));
    }
}
