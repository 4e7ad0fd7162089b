//! Asking plugins about one request: whom about what, until when, and what an answer, a failure and silence mean.
//!
//! What a plugin says is hostile: it is cut, and cannot name a state or say who sees an issue.

use crate::command::issue::IssuePatch;
use crate::context::OpContext;
use crate::draft::{About, ProposedIssue};
use crate::error::Error;
use crate::event::Actor;
use crate::hooks::{Amends, Denial, HookFailure, Hooks, Question};
use crate::model::{Installation, OnFailure};
use crate::time::Timestamp;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// Characters of what a plugin denies with, and of what is wrong with a field.
const MESSAGE_CHARS_MAX: usize = 500;

/// Fields that one plugin marks.
const FIELDS_MAX: usize = 20;

/// Those who only watch have this part of the time of a request at most: somebody waits for them, and their word counts for
/// nothing.
const WATCHING_PART: u32 = 2;

/// Those who are asked about one request.
pub(in crate::tenant) struct Asked {
    hooks: Arc<dyn Hooks>,
    installations: Vec<Arc<Installation>>,
    until: Instant,
    /// What they have together.
    time: Duration,
    now: Timestamp,
}

/// What one plugin said against something.
struct Said {
    by: Arc<Installation>,
    message: String,
    fields: Vec<(String, String)>,
}

impl Asked {
    /// They have so many milliseconds together.
    pub(super) fn new(
        hooks: Arc<dyn Hooks>,
        installations: Vec<Arc<Installation>>,
        time_ms: u64,
        now: Timestamp,
    ) -> Self {
        let time = Duration::from_millis(time_ms);
        Self { hooks, installations, until: Instant::now() + time, time, now }
    }

    /// Now, for the whole request.
    pub(super) const fn now(&self) -> Timestamp {
        self.now
    }

    /// Those who may amend, in their order.
    pub(super) fn amending(&self) -> impl Iterator<Item = &Arc<Installation>> {
        self.counting(true).filter(|installation| !installation.hooks.amend.is_empty())
    }

    fn counting(&self, counts: bool) -> impl Iterator<Item = &Arc<Installation>> {
        self.installations.iter().filter(move |installation| installation.counts() == counts)
    }

    /// What an installation amends of a proposal; none where it is not asked or amends nothing.
    pub(super) async fn amendment(
        &self,
        cx: &OpContext,
        installation: &Arc<Installation>,
        proposal: &ProposedIssue,
    ) -> Result<Option<Amends>, HookFailure> {
        if !installation.amends(proposal.point) || !installation.concerns(proposal.after.team) {
            return Ok(None);
        }
        let question = self.question(cx, installation);
        let Amends { patch, refused } = self.in_time(|| self.hooks.amend(question, proposal)).await?;
        let patch = harmless(patch);
        Ok((patch != IssuePatch::default()).then_some(Amends { patch, refused }))
    }

    /// What is denied, and why: all that everybody says against it.
    pub(super) async fn denials(&self, cx: &OpContext, proposals: &[ProposedIssue]) -> Vec<(About, Error)> {
        let mut denials = Vec::new();
        let by_plugin = matches!(cx.principal.actor(), Actor::Plugin(_));
        for proposal in proposals {
            let mut against = Vec::new();
            for installation in self.counting(true) {
                against.extend(self.said_against(cx, installation, proposal).await);
            }
            if !against.is_empty() {
                denials.push((proposal.about(), refusal(against, by_plugin)));
            }
        }
        denials
    }

    /// Asks those whose answers do not count. They come last, so that they take no time from the others; and before the commit,
    /// so that they see what those saw who count. After it a rule about how many there are would count one more.
    pub(super) async fn shadows(&self, cx: &OpContext, proposals: &[ProposedIssue]) {
        let watching = Self {
            hooks: self.hooks.clone(),
            installations: self.counting(false).cloned().collect(),
            until: self.until.min(Instant::now() + self.time / WATCHING_PART),
            ..*self
        };
        for installation in &watching.installations {
            for proposal in proposals {
                // Whoever hosts plugins records what they say, and how they fail.
                let _ = watching.amendment(cx, installation, proposal).await;
                let _ = watching.verdict(cx, installation, proposal).await;
            }
        }
    }

    async fn said_against(
        &self,
        cx: &OpContext,
        installation: &Arc<Installation>,
        proposal: &ProposedIssue,
    ) -> Option<Said> {
        let by = installation.clone();
        match self.verdict(cx, installation, proposal).await {
            Ok(denial) => denial.map(|denial| Said::of(by, &denial)),
            Err(why) => failure(installation, &why).map(|error| Said {
                by,
                message: error.message().to_owned(),
                fields: Vec::new(),
            }),
        }
    }

    async fn verdict(
        &self,
        cx: &OpContext,
        installation: &Arc<Installation>,
        proposal: &ProposedIssue,
    ) -> Result<Option<Denial>, HookFailure> {
        if !installation.validates(proposal.point) || !installation.concerns(proposal.after.team) {
            return Ok(None);
        }
        let question = self.question(cx, installation);
        self.in_time(|| self.hooks.validate(question, proposal)).await
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

    /// The answer, if it comes before the time of the whole request is over. After that nobody is asked any more.
    async fn in_time<T, A: Future<Output = Result<T, HookFailure>>>(
        &self,
        ask: impl FnOnce() -> A,
    ) -> Result<T, HookFailure> {
        let late = || HookFailure("the plugins that are asked took too long together".to_owned());
        if Instant::now() >= self.until {
            return Err(late());
        }
        tokio::time::timeout_at(self.until, ask()).await.unwrap_or_else(|_| Err(late()))
    }
}

impl Said {
    /// What is said of no field belongs to the whole.
    fn of(by: Arc<Installation>, denial: &Denial) -> Self {
        let (mut message, mut fields) = (plain(&denial.message), Vec::new());
        for (field, said) in denial.fields.iter().take(FIELDS_MAX) {
            let (field, said) = (clean(field), clean(said));
            if !field.is_empty() {
                fields.push((field, plain(&said)));
            } else if !said.is_empty() {
                message = format!("{message}; {said}").chars().take(MESSAGE_CHARS_MAX).collect();
            }
        }
        Self { by, message, fields }
    }
}

/// A plugin could not answer: the refusal of what was proposed; none where it passes.
pub(super) fn failure(installation: &Installation, why: &HookFailure) -> Option<Error> {
    tracing::warn!(installation.id = %installation.id, %why, "a plugin could not answer");
    if installation.on_failure == OnFailure::Open || !installation.counts() {
        return None;
    }
    Some(Error::rejected(format!(
        "the plugin `{}` could not say whether this may be: {}. Ask again; or have an admin look at its runs, disable it, \
         or let changes pass when it fails",
        installation.name,
        plain(&why.0)
    )))
}

/// The error of what plugins said against something, with every field that they marked. Who they are is said where they are
/// several; and to a plugin, whose people read it later and elsewhere than beside the change.
fn refusal(against: Vec<Said>, by_plugin: bool) -> Error {
    let named = by_plugin || against.len() > 1;
    let (mut messages, mut fields) = (Vec::new(), Vec::new());
    for Said { by, message, fields: marked } in against {
        messages.push(if named { format!("{}: {message}", by.name) } else { message });
        fields.extend(marked);
    }
    Error::rejected(messages.join("; ")).with_fields(fields)
}

/// A plugin's text for people, or that there is none.
fn plain(text: &str) -> String {
    let text = clean(text);
    if text.is_empty() { "no reason was given".to_owned() } else { text }
}

/// A plugin's text on one line, without what turns the text around it, and cut.
fn clean(text: &str) -> String {
    let turns =
        |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let text = text.chars().map(|c| if c == '\n' { ' ' } else { c });
    let text: String = text.filter(|c| !c.is_control() && !turns(*c)).take(MESSAGE_CHARS_MAX).collect();
    text.trim().to_owned()
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
