//! What a company may have, how much of it is used, and the changes of both that those who run the platform make.
//!
//! Whether there is room for a change is decided where it is written, in the tenant's writer; this is the door for those
//! who look, who count calls, and who sell.

use super::{Engine, to_the_end};
use crate::access::Policy;
use crate::command::{Command, World};
use crate::context::{OpContext, Principal};
use crate::draft::Draft;
use crate::entitlement::{Entitlements, Tiers, day_ends, day_of};
use crate::error::{Error, ErrorCode, Result};
use crate::event::Actor;
use crate::id::TenantId;
use crate::model::{EntitlementKey, EntitlementOverride, EntitlementValue, Tenant, Tier, Undertaking};
use crate::platform::{CallKind, Charge};
use crate::time::Timestamp;
use std::sync::Arc;

/// Words in one agreed value, and characters of one of them.
const WORDS_MAX: usize = 20;

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
        let issues = live.issues_counted().await;
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
        let live = self.live(tenant).await?;
        let record = live.record();
        let entitled = Entitlements::of(&record, self.tiers(), self.clock().now());
        entitled.room(EntitlementKey::Issues, live.issues_counted().await, more)
    }

    /// Counts a call against the day of this party's company: an API key's against [`EntitlementKey::ApiCallsPerDay`], a
    /// member's against [`EntitlementKey::SessionCallsPerDay`]. The embedding program's own are not counted.
    ///
    /// It is durable: no crash gives a call back, and one charges at most [`CALLS_LEASE`](crate::CALLS_LEASE) of either kind
    /// for nothing.
    ///
    /// # Errors
    ///
    /// `RATE_LIMITED` with [`Error::exceeded`] when the day is spent, `UNAVAILABLE` when it cannot be counted,
    /// `UNAUTHENTICATED` for a tenant that is not there.
    pub async fn count_call(&self, principal: &Principal) -> Result<Option<CallsToday>> {
        let (key, kind) = match principal.actor() {
            Actor::Key(..) => (EntitlementKey::ApiCallsPerDay, CallKind::Key),
            Actor::Member(_) => (EntitlementKey::SessionCallsPerDay, CallKind::Session),
            Actor::Root(_) | Actor::System => return Ok(None),
        };
        let record = self.0.platform.tenant(principal.tenant()).ok_or_else(|| {
            Error::new(ErrorCode::Unauthenticated, "this company is not here; sign in again")
        })?;
        let now = self.clock().now();
        let entitled = Entitlements::of(&record, self.tiers(), now);
        let (limit, resets_at) = (entitled.limit(key), day_ends(now));
        match self.0.platform.calls.charge(record.id, kind, limit, day_of(now)).await? {
            Charge::Counted(used) => Ok(Some(CallsToday { limit, used, resets_at })),
            Charge::Spent(used) => Err(entitled.spent(key, used, resets_at)),
        }
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
        let (id, rehearsal, engine) = (cx.principal.tenant(), cx.dry_run, self.clone());
        let sold = self
            .deal(cx, move |before, _| {
                let change = ChangeTier { before: before.tier, after: tier };
                let mut after = Tenant { tier, ..Tenant::clone(before) };
                if after.undertaking.is_none() && !engine.housing().of(tier).holds(&before.placement) {
                    after.undertaking = Some(Undertaking::Due);
                }
                Ok((Deal::Tier(change), after))
            })
            .await?;
        if !rehearsal && !self.housing().of(tier).holds(&sold.placement) {
            self.rehouse(id);
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
            let after = value.map(|(value, until)| EntitlementOverride { key, value, until });
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

    /// Changes what a company may have: in its log, then in its record.
    async fn deal(
        &self,
        cx: OpContext,
        change: impl FnOnce(&Tenant, Timestamp) -> Result<(Deal, Tenant)> + Send + 'static,
    ) -> Result<Arc<Tenant>> {
        if !matches!(cx.principal.actor(), Actor::System | Actor::Root(_)) {
            return Err(Error::forbidden("change what a company may have: ask whoever runs the platform"));
        }
        let engine = self.clone();
        to_the_end(async move {
            let _turn = engine.0.platform.founding.lock().await;
            engine.0.platform.read_again_if_doubtful().await?;
            let id = cx.principal.tenant();
            let missing = || Error::not_found(format!("tenant {id}"));
            let before = engine.0.platform.tenant(id).ok_or_else(missing)?;
            let (deal, after) = change(&before, engine.clock().now())?;
            if after == *before {
                return Ok(before);
            }
            let live = engine.live(id).await?;
            match deal {
                Deal::Tier(change) => live.execute(&cx, &change).await?,
                Deal::Agreement(agree) => live.execute(&cx, &agree).await?,
            };
            // A rehearsal has written nothing.
            if cx.dry_run { Ok(Arc::new(after)) } else { engine.save_record(after).await }
        })
        .await
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
    let refuse = |message: String| Err(Error::invalid("value", message));
    if !value.fits(*key) {
        return refuse(format!("`{key}` cannot be `{value}`: it is of another form"));
    }
    let rate = matches!(key, EntitlementKey::BurstPerSecond | EntitlementKey::CostPerSecond);
    match value {
        EntitlementValue::Count(0) if rate => {
            return refuse(format!("`{key}` is at least 1: suspend a company that is to do nothing"));
        }
        EntitlementValue::Words(words) => {
            let good = |word: &String| {
                (1..=WORDS_MAX).contains(&word.chars().count()) && !word.contains(char::is_control)
            };
            if words.len() > WORDS_MAX || !words.iter().all(good) {
                return refuse(format!(
                    "`{key}` has at most {WORDS_MAX} words of at most {WORDS_MAX} characters"
                ));
            }
        }
        _ => {}
    }
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

    fn decide(&self, _: &World<'_>) -> Result<Draft> {
        let mut draft = Draft::new();
        draft.change_tier(self.before, self.after);
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

    fn decide(&self, _: &World<'_>) -> Result<Draft> {
        let mut draft = Draft::new();
        draft.agree(self.key, self.before.clone(), self.after.clone());
        Ok(draft)
    }
}
