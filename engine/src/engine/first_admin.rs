//! The link by which the first super admin of a company chooses a password, given by those who run the platform.
//!
//! It opens no company's content: it is given only while nobody has worked there, and stands in the company's log. How a
//! password is set, it does not know.

use super::sessions::{encoded, secret};
use super::{Engine, to_the_end};
use crate::command::{Command, World};
use crate::context::Operator;
use crate::draft::Draft;
use crate::error::{Error, ErrorCode, Result};
use crate::event::{Event, EventBody, Subject};
use crate::id::{MemberId, OneTimeId, TenantId};
use crate::identity::{OneTimeRecord, Purpose, SecretText};
use crate::model::{KeyScope, Seq};
use crate::rows::{self, PasswordRow, tag};
use crate::tenant::{LiveTenant, each};
use crate::time::{DAY_MS, Timestamp};

/// How long a link for a first super admin's password is good, in milliseconds: a week.
const INVITATION_MS: i64 = 7 * DAY_MS;

/// Events that are looked at to see whether somebody has worked in a company, in pages of so many.
const EVENTS_OF_PLATFORM_MAX: usize = 2_000;
const EVENTS_AT_ONCE: usize = 100;

/// Links that a first super admin is given in a day: a program that asks again and again fills no log.
const INVITATIONS_PER_DAY: usize = 10;

/// By way of what such a link comes: no provider has this id.
const FIRST_ADMIN: uuid::Uuid = uuid::Uuid::max();

/// By which a first super admin chooses their password.
#[derive(Debug)]
pub struct AdminInvitation {
    /// The token of the link, for `passwordReset`. It is shown this once.
    pub token: SecretText,
    /// Until when it is good.
    pub expires_at: Timestamp,
}

/// Whether a one-time token is a link of a first super admin, and somebody has worked in the company since it was founded:
/// by whatever way they came, the platform has none from then on.
pub(super) async fn is_spoilt(live: &LiveTenant, link: &OneTimeRecord) -> Result<bool> {
    if link.via() != Some(FIRST_ADMIN) {
        return Ok(false);
    }
    match &live.record().founding {
        Some(founding) => Ok(events_of_platform(live, founding.seq).await?.is_none()),
        None => Ok(true),
    }
}

/// What has happened in a company since this place of its log, if it is nothing but what the platform did: with the company
/// as a whole, by visiting it, and by putting people down who do not take part. None when somebody has worked there.
async fn events_of_platform(live: &LiveTenant, since: Seq) -> Result<Option<Vec<Event>>> {
    let directory = live.directory();
    let takes_no_part = |id: MemberId| directory.member(id).is_some_and(|member| !member.is_active());
    let is_no_work = |event: &Event| {
        event.actor.member().is_none()
            && match event.subject {
                Subject::Tenant | Subject::Session(_) => true,
                Subject::Member(id) => takes_no_part(id),
                _ => false,
            }
    };
    let (mut all, mut behind) = (Vec::new(), since);
    loop {
        let page = live.events(behind, EVENTS_AT_ONCE).await?;
        if !page.iter().all(is_no_work) || all.len() >= EVENTS_OF_PLATFORM_MAX {
            return Ok(None);
        }
        let is_last = page.len() < EVENTS_AT_ONCE;
        behind = page.last().map_or(behind, |event| event.seq);
        all.extend(page);
        if is_last {
            return Ok(Some(all));
        }
    }
}

impl Engine {
    /// Gives the first super admin of a company a new link in place of the former, as long as nobody has worked there. The
    /// company's log says so.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN` for a key that only reads, and for one below `ADMIN` when another operator founded the company;
    /// `NOT_FOUND`; `REJECTED` when somebody has worked there (whoever forgot their password asks for a link of their own)
    /// or it has no first super admin; `RATE_LIMITED` when too many were asked for.
    pub async fn renew_invitation(&self, by: &Operator, tenant: TenantId) -> Result<AdminInvitation> {
        by.expect(KeyScope::Write, "invite a first super admin")?;
        let record = self.known_tenant(tenant)?;
        let founder = record.founding.as_ref().and_then(|founding| founding.root);
        if founder.is_none() || founder != by.root() {
            by.expect(KeyScope::Admin, "invite a first super admin to what another has founded")?;
        }
        if record.founding.as_ref().is_none_or(|founding| founding.admin.is_none()) {
            let how = "`mortise member add` in the data folder gives it one";
            return Err(Error::rejected(format!("{} was founded without a super admin: {how}", record.slug)));
        }
        let (engine, by) = (self.clone(), by.clone());
        let given = to_the_end(async move { engine.link_of_first_admin(&by, tenant).await }).await?;
        given.ok_or_else(|| {
            let why = "its first super admin has a password, or somebody has worked there";
            Error::rejected(format!("{} needs no first super admin any more: {why}", record.slug))
        })
    }

    /// A link for the first super admin of a company in which nobody has worked since it was founded.
    pub(super) async fn link_of_first_admin(
        &self,
        by: &Operator,
        tenant: TenantId,
    ) -> Result<Option<AdminInvitation>> {
        let record = self.known_tenant(tenant)?;
        let live = self.live(tenant).await?;
        let _turn = live.proofs_turn().await;
        let Some((founding, admin)) = record.founding.as_ref().and_then(|f| f.admin.map(|id| (f, id))) else {
            return Ok(None);
        };
        let password = live.store().get::<PasswordRow>(&rows::password(admin)).await?;
        if password.is_some() {
            return Ok(None);
        }
        let Some(events) = events_of_platform(&live, founding.seq).await? else { return Ok(None) };
        let now = self.clock().now();
        expect_few_invitations(&events, now)?;
        let mut former = Vec::new();
        let take = |link: OneTimeRecord| {
            if link.via() == Some(FIRST_ADMIN) {
                former.push(link.id);
            }
        };
        each::<OneTimeRecord>(live.store(), tag::ONE_TIME, take).await?;
        let (link, token) = OneTimeRecord::issue(
            tenant,
            Purpose::PasswordReset,
            admin.uuid(),
            now.millis(),
            INVITATION_MS,
            &secret()?,
        );
        let link = link.by_way_of(FIRST_ADMIN);
        let expires_at = Timestamp::from_millis(link.expires_ms);
        live.execute(
            &by.about(tenant),
            &InviteFirstAdmin { admin, link: (link.id, encoded(&link)?), former },
        )
        .await?;
        Ok(Some(AdminInvitation { token, expires_at }))
    }
}

/// Refuses who asks for links again and again.
fn expect_few_invitations(events: &[Event], now: Timestamp) -> Result<()> {
    let since = now.plus_millis(-DAY_MS);
    let is_recent =
        |event: &&Event| event.at > since && matches!(event.body, Some(EventBody::FirstAdminInvited { .. }));
    let count = events.iter().filter(is_recent).count();
    if count < INVITATIONS_PER_DAY {
        return Ok(());
    }
    let message = format!("{count} links were given within a day: the last of them is good for a week");
    Err(Error::new(ErrorCode::RateLimited, message))
}

/// Keeps the link of a first super admin in place of those before it, and says so in the log.
#[derive(minicbor::Encode)]
struct InviteFirstAdmin {
    #[n(0)]
    admin: MemberId,
    #[cbor(skip)]
    link: (OneTimeId, Vec<u8>),
    #[cbor(skip)]
    former: Vec<OneTimeId>,
}

impl Command for InviteFirstAdmin {
    fn operation(&self) -> &'static str {
        "tenantInvitation"
    }

    fn decide(&self, _: &World<'_>) -> Result<Draft> {
        let mut draft = Draft::new();
        self.former.iter().for_each(|former| draft.spend_one_time(*former));
        draft.issue_one_time(self.link.0, self.link.1.clone());
        draft.invite_first_admin(self.admin);
        Ok(draft)
    }
}
