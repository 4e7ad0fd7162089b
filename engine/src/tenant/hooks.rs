//! Plugins in the write path: who is asked about what a command proposes, in which order, and what their answers mean.
//!
//! First everybody who amends, each seeing what those before it made of it; then the rules of the workflow; then everybody
//! who validates. All their refusals are told at once. A request about several issues goes on without those that were denied.

use super::LiveTenant;
use super::write::Loaded;
use super::writer::Writer;
use crate::command::issue::{IssuePatch, IssueRef};
use crate::command::{Circumstances, Command};
use crate::context::OpContext;
use crate::draft::{Draft, ProposedIssue, Stamp};
use crate::error::{Error, Result};
use crate::event::{Actor, Origin};
use crate::hooks::{Denial, HookFailure, Hooks, Question};
use crate::id::IssueId;
use crate::model::{Installation, OnFailure};
use crate::time::Timestamp;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// Steps of plugins that may lead to one another.
const DEPTH_MAX: u8 = 8;

/// Characters of what a plugin denies with, and of what is wrong with a field.
const MESSAGE_CHARS_MAX: usize = 500;

/// Fields that one plugin marks.
const FIELDS_MAX: usize = 20;

/// What is denied, by issue, and by whom.
type Denials = Vec<(IssueId, Vec<(Arc<Installation>, Denial)>)>;

/// Those who are asked about one request.
pub(super) struct Asked {
    hooks: Arc<dyn Hooks>,
    installations: Vec<Arc<Installation>>,
    until: Instant,
    now: Timestamp,
}

impl LiveTenant {
    /// Who is asked about this request; none: it is decided as if there were no plugins.
    pub(super) fn asked(&self, cx: &OpContext, writer: &Writer, now: Timestamp) -> Result<Option<Asked>> {
        let Some(hooks) = self.shared.hooks.get() else { return Ok(None) };
        if matches!(cx.origin, Origin::Import | Origin::System) {
            return Ok(None);
        }
        let own = match cx.principal.actor() {
            Actor::Plugin(by) if by.depth > DEPTH_MAX => {
                let message =
                    format!("more than {DEPTH_MAX} steps of plugins led here: they set each other off");
                return Err(Error::rejected(message));
            }
            Actor::Plugin(by) => Some(by.installation),
            _ => None,
        };
        let takes_part = |i: &&Arc<Installation>| {
            Some(i.id) != own && !(i.hooks.amend.is_empty() && i.hooks.validate.is_empty())
        };
        let installations: Vec<_> =
            writer.directory.enabled_installations().filter(takes_part).cloned().collect();
        let until = Instant::now() + Duration::from_millis(self.shared.limits.hooks_time_ms);
        Ok((!installations.is_empty()).then(|| Asked { hooks: hooks.clone(), installations, until, now }))
    }

    /// Lets a command decide together with the plugins that are asked.
    pub(super) async fn decide_together<C: Command>(
        &self,
        cx: &OpContext,
        command: &C,
        writer: &Writer,
        asked: &Asked,
    ) -> Result<Draft> {
        let mut loaded = self.load_named(writer, command.reads()).await?;
        let mut circumstances = Circumstances::default();
        let stamp = Stamp {
            after: writer.head,
            now: asked.now,
            actor: cx.principal.actor(),
            origin: cx.origin,
            request: cx.request,
        };
        let once = |loaded: &Loaded, circumstances: &Circumstances| {
            self.decide_once(cx, command, writer, asked.now, loaded, circumstances)
        };
        circumstances.guards_later = asked.installations.iter().any(|i| !i.hooks.amend.is_empty());
        let mut draft = once(&loaded, &circumstances)?;
        if circumstances.guards_later {
            for installation in asked.installations.iter().filter(|i| !i.hooks.amend.is_empty()) {
                for proposal in draft.proposed(stamp) {
                    let Some(patch) = asked.amendment(cx, installation, &proposal).await? else { continue };
                    if let Some(Some(parent)) = &patch.parent {
                        loaded.add(self.load_named(writer, reads_of(parent)).await?);
                    }
                    let id = proposal.after.id;
                    let before = circumstances.amend(id, patch);
                    match once(&loaded, &circumstances) {
                        Ok(amended) => draft = amended,
                        Err(error) => {
                            circumstances.restore(id, before);
                            let why = HookFailure(format!(
                                "it asked for a change that is refused: {}",
                                error.message()
                            ));
                            failed(installation, &why)?;
                        }
                    }
                }
            }
            circumstances.guards_later = false;
            draft = once(&loaded, &circumstances)?;
        }
        let denials = asked.denials(cx, &draft.proposed(stamp)).await?;
        if denials.is_empty() {
            return Ok(draft);
        }
        self.without_denied(denials, stamp, &mut circumstances, |circumstances| once(&loaded, circumstances))
    }

    /// A request about several issues goes on without those that were denied, if it is one that goes on.
    fn without_denied(
        &self,
        denials: Denials,
        stamp: Stamp,
        circumstances: &mut Circumstances,
        once: impl Fn(&Circumstances) -> Result<Draft>,
    ) -> Result<Draft> {
        let mut first = None;
        for (issue, said) in denials {
            let error = refusal(said);
            circumstances.refuse(issue, &error);
            first.get_or_insert((issue, error));
        }
        let Some((issue, error)) = first else { return once(circumstances) };
        match once(circumstances) {
            Ok(draft) if !draft.proposed(stamp).iter().any(|proposal| proposal.after.id == issue) => {
                Ok(draft)
            }
            _ => Err(error),
        }
    }
}

fn reads_of(issue: &IssueRef) -> crate::command::Reads {
    crate::command::Reads { issues: vec![issue.clone()], ..crate::command::Reads::default() }
}

impl Asked {
    /// What an installation amends of a proposal; none where it is not asked, does not count, or amends nothing.
    async fn amendment(
        &self,
        cx: &OpContext,
        installation: &Arc<Installation>,
        proposal: &ProposedIssue,
    ) -> Result<Option<IssuePatch>> {
        if !installation.amends(proposal.point) || !installation.concerns(proposal.after.team) {
            return Ok(None);
        }
        let question = self.question(cx, installation);
        let answer = self.in_time(self.hooks.amend(question, proposal)).await;
        if !installation.counts() {
            return Ok(None);
        }
        let patch = match answer {
            Ok(patch) => harmless(patch),
            Err(why) => {
                failed(installation, &why)?;
                return Ok(None);
            }
        };
        Ok((patch != IssuePatch::default()).then_some(patch))
    }

    /// What is denied, by issue, and by whom.
    async fn denials(&self, cx: &OpContext, proposals: &[ProposedIssue]) -> Result<Denials> {
        let mut denials: Denials = Vec::new();
        for proposal in proposals {
            let concerned = self
                .installations
                .iter()
                .filter(|i| i.validates(proposal.point) && i.concerns(proposal.after.team));
            for installation in concerned {
                let question = self.question(cx, installation);
                let answer = self.in_time(self.hooks.validate(question, proposal)).await;
                if !installation.counts() {
                    continue;
                }
                let denial = match answer {
                    Ok(None) => continue,
                    Ok(Some(denial)) => denial,
                    Err(why) => {
                        failed(installation, &why)?;
                        continue;
                    }
                };
                let said = (installation.clone(), denial);
                match denials.iter_mut().find(|(id, _)| *id == proposal.after.id) {
                    Some((_, all)) => all.push(said),
                    None => denials.push((proposal.after.id, vec![said])),
                }
            }
        }
        Ok(denials)
    }

    fn question<'a>(&self, cx: &'a OpContext, installation: &'a Arc<Installation>) -> Question<'a> {
        Question {
            installation,
            principal: &cx.principal,
            request: cx.request,
            now: self.now,
            rehearsal: cx.dry_run,
        }
    }

    /// The answer, if it comes before the time of the whole request is over.
    async fn in_time<T>(
        &self,
        answer: impl Future<Output = Result<T, HookFailure>>,
    ) -> Result<T, HookFailure> {
        let late = || HookFailure("the plugins that are asked took too long together".to_owned());
        tokio::time::timeout_at(self.until, answer).await.unwrap_or_else(|_| Err(late()))
    }
}

/// A plugin could not answer: what was proposed passes, or is refused.
fn failed(installation: &Installation, why: &HookFailure) -> Result<()> {
    tracing::warn!(installation.id = %installation.id, %why, "a plugin could not answer");
    if installation.on_failure == OnFailure::Open || !installation.counts() {
        return Ok(());
    }
    let message = format!(
        "the plugin `{}` could not say whether this may be: {}. Ask again; or have an admin look at its runs, disable it, \
         or let changes pass when it fails",
        installation.name,
        plain(&why.0)
    );
    Err(Error::rejected(message))
}

/// The error of what plugins denied, with every field that they marked.
fn refusal(said: Vec<(Arc<Installation>, Denial)>) -> Error {
    let several = said.len() > 1;
    let mut messages = Vec::new();
    let mut fields = Vec::new();
    for (installation, denial) in said {
        let message = plain(&denial.message);
        messages.push(if several { format!("{}: {message}", installation.name) } else { message });
        let marked = denial.fields.iter().take(FIELDS_MAX);
        fields.extend(marked.map(|(field, message)| (plain(field), plain(message))));
    }
    Error::rejected(messages.join("; ")).with_fields(fields)
}

/// A plugin's text for people: without control characters, and cut.
fn plain(text: &str) -> String {
    let text: String =
        text.chars().filter(|c| !c.is_control() || *c == '\n').take(MESSAGE_CHARS_MAX).collect();
    let text = text.trim();
    if text.is_empty() { "no reason was given".to_owned() } else { text.to_owned() }
}

/// What of an amendment may be: no move, nothing about who sees the issue.
fn harmless(patch: IssuePatch) -> IssuePatch {
    IssuePatch {
        state: None,
        resolution: None,
        rank: None,
        archived: None,
        confidential: None,
        participants: None,
        added_participants: Vec::new(),
        removed_participants: Vec::new(),
        ..patch
    }
}
