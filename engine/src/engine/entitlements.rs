//! What a company may have, how much of it is used, and the changes of both that those who run the platform make.
//!
//! Whether there is room for a change is decided where it is written, in the tenant's writer; this is the door for those
//! who look, who count calls, and who sell.

use super::{Engine, not_here, to_the_end};
use crate::access::Policy;
use crate::command::{Command, World};
use crate::context::{OpContext, Principal};
use crate::draft::Draft;
use crate::entitlement::{Entitlements, Tiers, day_ends, day_of, is_meant};
use crate::error::{Error, Result};
use crate::event::Actor;
use crate::id::{MemberId, TenantId};
use crate::model::{EntitlementKey, EntitlementOverride, EntitlementValue, Role, Tenant, Tier};
use crate::platform::{CallKind, Charge};
use crate::time::Timestamp;
use std::sync::Arc;

/// One in so many calls of people is kept for super admins: a script of one member must not leave the company without
/// anybody who can look at what happens and end it.
const KEPT_FOR_ADMINS: u64 = 20;

/// What a company may have of one thing, and how much it uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entitlement {
    /// What it is about.
    pub key: EntitlementKey,
    /// How much of it, or what.
    pub value: EntitlementValue,
    /// How much is used, where that is counted.
    pub used: Option<u64>,
    /// When nothing is used again, where that happens by itself.
    pub resets_at: Option<Timestamp>,
    /// Whether it was agreed in place of what the tier includes.
    pub agreed: bool,
    /// When what was agreed ends, if it does.
    pub agreed_until: Option<Timestamp>,
}

/// The calls of the day of one kind, after the one that was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallsToday {
    /// How many may be made; none when there is no limit.
    pub limit: Option<u64>,
    /// How many were made.
    pub used: u64,
    /// When the day ends, and with it what was used of it.
    pub resets_at: Timestamp,
}

impl Engine {
    /// What each tier includes.
    #[must_use]
    pub fn tiers(&self) -> &Tiers {
        &self.0.shared.tiers
    }

    /// Everything that this party's company may have, and how much of it is used.
    ///
    /// # Errors
    ///
    /// As [`Engine::reader`].
    pub async fn entitlements(&self, principal: &Principal) -> Result<Vec<Entitlement>> {
        let live = self.live(principal.tenant()).await?;
        let (record, directory) = (live.record(), live.directory());
        Policy::of(principal, &record, &directory)?;
        let now = self.clock().now();
        let [by_key, by_session] = self.0.platform.calls.made(record.id, day_of(now)).await?;
        let issues = live.issues_counted();
        let entitled = Entitlements::of(&record, self.tiers(), now);
        let entitlement = |key: &EntitlementKey| {
            let (used, daily) = match key {
                EntitlementKey::Users => (Some(directory.seats_taken(now)), false),
                EntitlementKey::Issues => (Some(issues), false),
                EntitlementKey::ApiCallsPerDay => (Some(by_key), true),
                EntitlementKey::SessionCallsPerDay => (Some(by_session), true),
                _ => (None, false),
            };
            let agreed = entitled.agreed(*key);
            Entitlement {
                key: *key,
                value: entitled.value(*key).clone(),
                used,
                resets_at: daily.then(|| day_ends(now)),
                agreed: agreed.is_some(),
                agreed_until: agreed.and_then(|agreed| agreed.until),
            }
        };
        Ok(EntitlementKey::ALL.iter().map(entitlement).collect())
    }

    /// Refuses when there is no room for so many more issues, before the first of them is written. Those who write
    /// meanwhile may still take the room away: each batch is counted again when it is written.
    ///
    /// # Errors
    ///
    /// `ENTITLEMENT_EXCEEDED`, as the writer would refuse; `UNAVAILABLE` when the tenant cannot be loaded.
    pub async fn expect_room_for_issues(&self, tenant: TenantId, more: u64) -> Result<()> {
        // Who has more than the tier includes since it became lower can do all but add.
        if more == 0 {
            return Ok(());
        }
        let live = self.live(tenant).await?;
        let record = live.record();
        let entitled = Entitlements::of(&record, self.tiers(), self.clock().now());
        entitled.room(EntitlementKey::Issues, live.issues_counted(), more)
    }

    /// Counts a call against the day of this party's company: an API key's against [`EntitlementKey::ApiCallsPerDay`], a
    /// member's against [`EntitlementKey::SessionCallsPerDay`], the last twentieth of which only super admins may make. The
    /// embedding program's own are not counted.
    ///
    /// It is durable: no crash gives a call back, and one charges at most [`CALLS_LEASE`](crate::CALLS_LEASE) of either kind
    /// for nothing. Of companies without a limit the count is a figure: a crash may give or charge some hundreds.
    ///
    /// # Errors
    ///
    /// `RATE_LIMITED` with [`Error::exceeded`] when the day is spent, `UNAVAILABLE` when it cannot be counted,
    /// `UNAUTHENTICATED` for a tenant that is not there.
    pub async fn count_call(&self, principal: &Principal) -> Result<Option<CallsToday>> {
        let (key, kind) = match principal.actor() {
            Actor::Key(..) => (EntitlementKey::ApiCallsPerDay, CallKind::Key),
            Actor::Member(_) => (EntitlementKey::SessionCallsPerDay, CallKind::Session),
            Actor::Root(_) | Actor::System | Actor::Plugin(_) => return Ok(None),
        };
        let record = self.0.platform.tenant(principal.tenant()).ok_or_else(not_here)?;
        let now = self.clock().now();
        let entitled = Entitlements::of(&record, self.tiers(), now);
        let (whole, resets_at) = (entitled.limit(key), day_ends(now));
        let limit = match (whole, principal.actor()) {
            (Some(whole), Actor::Member(id)) if !self.is_super_admin(record.id, id).await? => {
                Some(whole - whole / KEPT_FOR_ADMINS)
            }
            _ => whole,
        };
        match self.0.platform.calls.charge(record.id, kind, limit, day_of(now)).await? {
            Charge::Counted(used) => Ok(Some(CallsToday { limit, used, resets_at })),
            Charge::Spent(used) => Err(entitled.spent(key, used, resets_at)),
        }
    }

    async fn is_super_admin(&self, tenant: TenantId, id: MemberId) -> Result<bool> {
        let directory = self.live(tenant).await?.directory();
        Ok(directory.member(id).is_some_and(|member| member.role == Role::SuperAdmin))
    }

    /// Sells another tier to a company. Nothing is deleted when it is a lower one: what is there can be read, changed and
    /// closed, and nothing is added until it fits. Its data moves to where that tier lives, behind this answer: see
    /// [`Engine::move_tenant`].
    ///
    /// The company's log says so first, then its record: after a crash in between it is repeated.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN` for who does not run the platform, `NOT_FOUND` for a tenant that is not there, `UNAVAILABLE` when it
    /// could not be saved.
    pub async fn set_tier(&self, cx: OpContext, tier: Tier) -> Result<Arc<Tenant>> {
        let (rehearsal, engine) = (cx.dry_run, self.clone());
        let sold = self
            .deal(cx, move |before, _| {
                let change = ChangeTier { before: before.tier, after: tier };
                let mut after = Tenant { tier, ..Tenant::clone(before) };
                if !engine.housing().of(tier).holds(&before.placement) {
                    after.fall_due();
                }
                Ok((Deal::Tier(change), after))
            })
            .await?;
        if !rehearsal && !self.housing().of(tier).holds(&sold.placement) {
            self.0.undertakings.wake();
        }
        Ok(sold)
    }

    /// Agrees something with a company in place of what its tier includes, until a time or for good; none ends what was
    /// agreed.
    ///
    /// # Errors
    ///
    /// As [`Engine::set_tier`]; `INVALID_INPUT` for a value that is not of the key's form or has ended already.
    pub async fn override_entitlement(
        &self,
        cx: OpContext,
        key: EntitlementKey,
        value: Option<(EntitlementValue, Option<Timestamp>)>,
    ) -> Result<Arc<Tenant>> {
        self.deal(cx, move |before, now| {
            let after = value.clone().map(|(value, until)| EntitlementOverride { key, value, until });
            if let Some(after) = &after {
                meaningful(after, now)?;
            }
            let mut overrides = before.overrides.clone().unwrap_or_default();
            let place = overrides.iter().position(|agreed| agreed.key == key);
            let earlier = place.map(|place| overrides.remove(place));
            overrides.extend(after.clone());
            overrides.sort_by_key(|agreed| agreed.key);
            let agree = Agree { key, before: earlier, after };
            let overrides = Some(overrides).filter(|agreed| !agreed.is_empty());
            Ok((Deal::Agreement(agree), Tenant { overrides, ..Tenant::clone(before) }))
        })
        .await
    }

    /// Changes what a company may have: in its log, then in its record. The record remembers the place of the newest deal, so
    /// that a request which is repeated late does not bring back what was sold before another.
    async fn deal(
        &self,
        cx: OpContext,
        change: impl Fn(&Tenant, Timestamp) -> Result<(Deal, Tenant)> + Send + Sync + 'static,
    ) -> Result<Arc<Tenant>> {
        // An operator on a visit, and whoever was given a part of the embedding program's rights, sells nothing.
        let sells = matches!(cx.principal.actor(), Actor::System | Actor::Root(_));
        if !sells || cx.principal.reach().is_some() {
            return Err(Error::forbidden("change what a company may have: ask whoever runs the platform"));
        }
        let engine = self.clone();
        let work = async move {
            let (platform, id) = (&engine.0.platform, cx.principal.tenant());
            let _deal = platform.deals.turn(id).await;
            let before = engine.record_as_saved(id).await?;
            let now = engine.clock().now();
            let (deal, after) = change(&before, now)?;
            if after == *before {
                return Ok(before);
            }
            // It may take seconds to load a company, and to write: the platform is free for others meanwhile.
            let live = engine.live(id).await?;
            let said = match deal {
                Deal::Tier(change) => live.execute(&cx, &change).await?,
                Deal::Agreement(agree) => live.execute(&cx, &agree).await?,
            };
            if cx.dry_run {
                return Ok(Arc::new(after));
            }
            let _turn = platform.records_turn().await?;
            let record = engine.known_tenant(id)?;
            if record.dealt.is_some_and(|dealt| said.seq <= dealt) {
                return Ok(record);
            }
            // Other things of the record may have changed meanwhile, but nothing of what is dealt with here.
            let (_, after) = change(&record, now)?;
            engine.save_record(Tenant { dealt: Some(said.seq), ..after }).await
        };
        to_the_end(Box::pin(work)).await
    }
}

/// What is written into the company's log.
enum Deal {
    Tier(ChangeTier),
    Agreement(Agree),
}

/// Refuses what cannot be meant.
fn meaningful(agreed: &EntitlementOverride, now: Timestamp) -> Result<()> {
    let EntitlementOverride { key, value, until } = agreed;
    is_meant(*key, value)?;
    match until {
        Some(until) if *until <= now => Err(Error::invalid("until", "it would have ended already")),
        _ => Ok(()),
    }
}

/// Says in the log that the company bought more, or less.
#[derive(Debug, minicbor::Encode)]
struct ChangeTier {
    #[n(0)]
    before: Tier,
    #[n(1)]
    after: Tier,
}

impl Command for ChangeTier {
    fn operation(&self) -> &'static str {
        "tenantTier"
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let permit = world.policy.sell()?;
        let mut draft = Draft::new();
        draft.change_tier(&permit, self.before, self.after);
        Ok(draft)
    }
}

/// Says in the log what was agreed with the company.
#[derive(Debug, minicbor::Encode)]
struct Agree {
    #[n(0)]
    key: EntitlementKey,
    #[n(1)]
    before: Option<EntitlementOverride>,
    #[n(2)]
    after: Option<EntitlementOverride>,
}

impl Command for Agree {
    fn operation(&self) -> &'static str {
        "tenantOverride"
    }

    fn decide(&self, world: &World<'_>) -> Result<Draft> {
        let permit = world.policy.sell()?;
        let mut draft = Draft::new();
        draft.agree(&permit, self.key, self.before.clone(), self.after.clone());
        Ok(draft)
    }
}
