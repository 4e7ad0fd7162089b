//! How much comes of one cause by plugins that act on what plugins did: a chain of them ends by its steps, and this bounds how wide
//! it grows on the way. What they do it does not know.
//!
//! All that follows from a request, a time or a request from outside carries that one's id, which a client may choose: it is
//! counted anew after an hour. It is counted in memory: a restart begins anew, and so it does where thousands of others came since.

use mortise_engine::id::TenantId;
use mortise_engine::time::Timestamp;
use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use uuid::Uuid;

/// Commands that may follow from one cause, beside those of plugins that answered it themselves.
const FOLLOWING_MAX: usize = 1_000;

/// And from each of those, where that is more: a change of thousands of issues is answered thousands of times.
const FOLLOWING_EACH: usize = 10;

/// Causes that are remembered for sure; as many that were heard of before those may be.
const CAUSES_MAX: usize = 5_000;

/// Milliseconds after which it is counted anew: who gives all requests one id has them share a bound.
const COUNTED_MS: i64 = 60 * 60 * 1_000;

/// Whose, and the id of what began it.
pub(crate) type Cause = (TenantId, Uuid);

/// Commands that were done because of one cause.
#[derive(Debug, Clone, Copy, Default)]
struct Done {
    /// By plugins that answered it themselves.
    first: usize,
    /// By those that acted on what plugins did.
    following: usize,
    /// Since when they are counted.
    since: Option<Timestamp>,
}

impl Done {
    /// As it is now.
    fn at(self, now: Timestamp) -> Self {
        // A clock that was ahead begins anew, too.
        let counts = self.since.is_some_and(|since| (since..since.plus_millis(COUNTED_MS)).contains(&now));
        if counts { self } else { Self { since: Some(now), ..Self::default() } }
    }
}

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Following(Mutex<Causes>);

#[derive(Debug, Default)]
struct Causes {
    newer: FxHashMap<Cause, Done>,
    older: FxHashMap<Cause, Done>,
}

impl Following {
    /// Commands that may still be done so many steps of plugins away from this cause.
    pub(crate) fn room(&self, cause: Cause, depth: u8, now: Timestamp) -> usize {
        if depth == 0 {
            return usize::MAX;
        }
        let causes = self.0.lock();
        let done = causes
            .newer
            .get(&cause)
            .or_else(|| causes.older.get(&cause))
            .copied()
            .unwrap_or_default()
            .at(now);
        FOLLOWING_MAX.max(done.first.saturating_mul(FOLLOWING_EACH)).saturating_sub(done.following)
    }

    /// Nothing more may follow: somebody wanted more than there was room for.
    pub(crate) fn spend(&self, cause: Cause, now: Timestamp) {
        let mut causes = self.0.lock();
        let done = causes.of(cause);
        *done = Done { following: usize::MAX, ..done.at(now) };
    }

    /// So many commands were done.
    pub(crate) fn done(&self, cause: Cause, depth: u8, commands: usize, now: Timestamp) {
        if commands == 0 {
            return;
        }
        let mut causes = self.0.lock();
        let done = causes.of(cause);
        *done = done.at(now);
        let sum = if depth == 0 { &mut done.first } else { &mut done.following };
        *sum = sum.saturating_add(commands);
    }
}

impl Causes {
    fn of(&mut self, cause: Cause) -> &mut Done {
        let before = self.older.remove(&cause).unwrap_or_default();
        if self.newer.len() >= CAUSES_MAX && !self.newer.contains_key(&cause) {
            self.older = std::mem::take(&mut self.newer);
        }
        self.newer.entry(cause).or_insert(before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(7_000_000);

    fn cause() -> Cause {
        (TenantId::generate(), Uuid::now_v7())
    }

    #[test]
    fn what_follows_from_one_cause_comes_to_an_end_and_others_have_their_own() {
        let (following, one) = (Following::default(), cause());
        assert_eq!((following.room(one, 0, NOW), following.room(one, 1, NOW)), (usize::MAX, 1_000));
        following.done(one, 0, 58, NOW);
        following.done(one, 1, 900, NOW);
        assert_eq!(following.room(one, 5, NOW), 100);
        following.done(one, 2, 150, NOW);
        assert_eq!((following.room(one, 1, NOW), following.room(one, 0, NOW)), (0, usize::MAX));
        assert_eq!(following.room(cause(), 1, NOW), 1_000);
        following.done(one, 0, 442, NOW);
        assert_eq!(following.room(one, 1, NOW), 5_000 - 1_050, "much was answered, and so much may follow");
    }

    #[test]
    fn after_an_hour_it_is_counted_anew() {
        let (following, one) = (Following::default(), cause());
        following.done(one, 1, 1_000, NOW);
        assert_eq!(following.room(one, 1, NOW.plus_millis(COUNTED_MS - 1)), 0);
        let later = NOW.plus_millis(COUNTED_MS);
        assert_eq!(following.room(one, 1, later), 1_000);
        following.done(one, 1, 10, later);
        assert_eq!(following.room(one, 1, later), 990);
        following.spend(one, later);
        assert_eq!(following.room(one, 1, later), 0, "what is left is not enough for anybody");
    }

    #[test]
    fn so_many_causes_are_remembered_and_those_that_go_on_among_them() {
        let (following, one, idle) = (Following::default(), cause(), cause());
        following.done(idle, 1, 1_000, NOW);
        for _ in 0..3 * CAUSES_MAX {
            following.done(one, 1, 1, NOW);
            following.done(cause(), 1, 1, NOW);
        }
        let causes = following.0.lock();
        assert!(causes.newer.len() + causes.older.len() <= 2 * CAUSES_MAX);
        drop(causes);
        assert_eq!((following.room(one, 1, NOW), following.room(idle, 1, NOW)), (0, 1_000));
    }
}
