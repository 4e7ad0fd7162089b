//! Plugins in the write path: in which order a request is decided together with those that are asked.
//!
//! First everybody who amends, each seeing what those before it made of it; then the rules of the workflow; then everybody
//! who validates. All their refusals are told at once. A request about several issues goes on without those that were denied.
//! Who is asked, and what an answer means, is in [`asking`].

mod asking;

use super::LiveTenant;
use super::write::Loaded;
use super::writer::Writer;
use crate::command::issue::{IssuePatch, IssueRef};
use crate::command::{Circumstances, Command, Reads};
use crate::context::OpContext;
use crate::draft::{About, Draft, ProposedIssue, Stamp};
use crate::error::{Error, Result};
use crate::event::{Actor, Amendment, Origin};
use crate::hooks::{Amends, HookFailure, PLUGIN_DEPTH_MAX, Refused};
use crate::id::IssueId;
use crate::model::Installation;
use crate::time::Timestamp;
use asking::{Asked, failure};
use std::sync::Arc;

impl LiveTenant {
    /// Who is asked about this request; none: it is decided as if there were no plugins.
    pub(super) fn asked(&self, cx: &OpContext, writer: &Writer, now: Timestamp) -> Result<Option<Asked>> {
        let Some(hooks) = self.shared.hooks.get() else { return Ok(None) };
        if matches!(cx.origin, Origin::Import | Origin::System) {
            return Ok(None);
        }
        let own = match cx.principal.actor() {
            Actor::Plugin(by) if by.depth > PLUGIN_DEPTH_MAX => {
                let message = format!(
                    "more than {PLUGIN_DEPTH_MAX} steps of plugins led here: they set each other off"
                );
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
        let time = self.shared.limits.hooks_time_ms;
        Ok((!installations.is_empty()).then(|| Asked::new(hooks.clone(), installations, time, now)))
    }

    /// Lets a command decide together with the plugins that are asked.
    pub(super) async fn decide_together<C: Command>(
        &self,
        cx: &OpContext,
        command: &C,
        writer: &Writer,
        asked: &Asked,
    ) -> Result<Draft> {
        let stamp = Stamp {
            after: writer.head,
            now: asked.now(),
            actor: cx.principal.actor(),
            origin: cx.origin,
            request: cx.request,
        };
        let loaded = self.load_named(writer, command.reads()).await?;
        let once = |loaded: &Loaded, circumstances: &Circumstances| {
            self.decide_once(cx, command, writer, asked.now(), loaded, circumstances)
        };
        let mut deciding =
            Deciding { loaded, circumstances: Circumstances::default(), stamp, once, marks: Vec::new() };
        let mut draft = if asked.amending().next().is_some() {
            self.amended(cx, writer, asked, &mut deciding).await?
        } else {
            deciding.again()?
        };
        let proposals = draft.proposed(stamp);
        let denials = asked.denials(cx, &proposals).await;
        asked.shadows(cx, &proposals).await;
        if !denials.is_empty() {
            draft = deciding.without(denials)?;
        }
        for (issue, amended) in deciding.marks {
            draft.mark_amended(issue, amended);
        }
        Ok(draft)
    }

    /// What is decided with all that plugins amend of it, by the rules of the workflow.
    async fn amended<F: Fn(&Loaded, &Circumstances) -> Result<Draft>>(
        &self,
        cx: &OpContext,
        writer: &Writer,
        asked: &Asked,
        deciding: &mut Deciding<F>,
    ) -> Result<Draft> {
        deciding.circumstances.guards_later = true;
        let mut draft = deciding.again()?;
        for installation in asked.amending() {
            for proposal in draft.proposed(deciding.stamp) {
                let taken = match asked.amendment(cx, installation, &proposal).await {
                    Ok(None) => continue,
                    Ok(Some(Amends { patch, refused })) => {
                        if let Some(Some(parent)) = &patch.parent {
                            deciding.loaded.add(self.load_named(writer, reads_of(parent)).await?);
                        }
                        deciding
                            .with(installation, &proposal, patch, &draft)
                            .map_err(|why| told(why, refused))
                    }
                    Err(why) => Err(why),
                };
                match taken {
                    Ok(amended) => draft = amended,
                    // It may pass without what was amended, or is refused.
                    Err(why) => {
                        if let Some(error) = failure(installation, &why) {
                            draft = deciding.without(vec![(proposal.about(), error)])?;
                        }
                    }
                }
            }
        }
        deciding.circumstances.guards_later = false;
        deciding.again()
    }
}

/// That what a plugin amends is refused for this reason, told to it too.
fn told(why: String, refused: Option<Refused>) -> HookFailure {
    if let Some(refused) = refused {
        refused(&why);
    }
    HookFailure(format!("it asked for a change that is refused: {why}"))
}

fn reads_of(issue: &IssueRef) -> Reads {
    Reads { issues: vec![issue.clone()], ..Reads::default() }
}

/// A request while it is decided more than once.
struct Deciding<F> {
    loaded: Loaded,
    circumstances: Circumstances,
    stamp: Stamp,
    once: F,
    /// What is different because of which plugin, by issue.
    marks: Vec<(IssueId, Vec<Amendment>)>,
}

impl<F: Fn(&Loaded, &Circumstances) -> Result<Draft>> Deciding<F> {
    fn again(&self) -> Result<Draft> {
        (self.once)(&self.loaded, &self.circumstances)
    }

    /// Decides with what a plugin amends. What is refused because of that is a failure of the plugin, for this reason, and forgotten.
    fn with(
        &mut self,
        installation: &Installation,
        proposal: &ProposedIssue,
        patch: IssuePatch,
        former: &Draft,
    ) -> Result<Draft, String> {
        let id = proposal.after.id;
        let before = self.circumstances.amend(id, patch);
        let refused = match self.again() {
            // A request about several issues goes on, and says which it goes on without.
            Ok(draft) => match draft.errors().iter().find(|error| !former.errors().contains(error)) {
                None => {
                    self.mark(installation, proposal, &draft);
                    return Ok(draft);
                }
                Some(error) => error.message.clone(),
            },
            Err(error) => error.message().to_owned(),
        };
        self.circumstances.restore(id, before);
        Err(refused)
    }

    fn mark(&mut self, installation: &Installation, proposal: &ProposedIssue, draft: &Draft) {
        let id = proposal.after.id;
        let Some(after) = draft.proposed(self.stamp).into_iter().find(|one| one.after.id == id) else {
            return;
        };
        let fields = proposal.fields_unlike(&after);
        if fields.is_empty() {
            return;
        }
        let amendment = Amendment { installation: installation.id, fields };
        match self.marks.iter_mut().find(|(issue, _)| *issue == id) {
            Some((_, all)) => all.push(amendment),
            None => self.marks.push((id, vec![amendment])),
        }
    }

    /// A request about several issues goes on without those that were refused, if it is one that goes on.
    fn without(&mut self, refused: Vec<(About, Error)>) -> Result<Draft> {
        let parts: Vec<About> = refused.iter().map(|(about, _)| *about).collect();
        refused.iter().for_each(|(about, error)| self.circumstances.refuse(*about, error));
        let Some((_, first)) = refused.into_iter().next() else { return self.again() };
        match self.again() {
            Ok(draft) if !draft.proposed(self.stamp).iter().any(|p| parts.contains(&p.about())) => Ok(draft),
            // It says which of several it is.
            Err(error) if error.item().is_some() && error.code() == first.code() => Err(error),
            _ => Err(first),
        }
    }
}
