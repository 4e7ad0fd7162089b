//! Mail that strangers can have sent to somebody: how much of it, and how often one source may ask.
//!
//! Asking is slowed down by source alone: names that are typed cost nothing, so whoever filled a table with them would stop
//! the mail of all. What is sent is counted where it is known whom it goes to. Neither knows what the mail says.

use super::{IpAddr, MINUTE_MS, Mutex, Rule, SECOND_MS, Table, Wait, cells, network_of, rule, wait};
use crate::id::{MemberId, TenantId};
use rustc_hash::FxHashMap;

/// Requests of one source. The wait is short, so that sources which share cells are never kept out for long.
const SOURCE: Rule = rule(20, SECOND_MS, MINUTE_MS, MINUTE_MS);

/// Cells in one row of the table, at 16 bytes each.
const SOURCE_CELLS: usize = 8192;

/// Mails to one member that are sent at once.
const MAILS: i64 = 3;

/// After these, one for each hour.
const MAIL_APART_MS: i64 = 60 * MINUTE_MS;

/// Members that are remembered. One more, and who was sent least is forgotten.
const MEMBERS_MAX: usize = 10_000;

/// How often one source asks for mail.
pub struct MailSources {
    key: [u8; 32],
    table: Mutex<Table>,
}

impl std::fmt::Debug for MailSources {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MailSources")
    }
}

impl MailSources {
    /// Counts requests. `key` is random, as for [`Guesses`](super::Guesses).
    #[must_use]
    pub fn new(key: [u8; 32]) -> Self {
        Self { key, table: Mutex::new(Table::new(SOURCE, SOURCE_CELLS)) }
    }

    /// Charges a request. One whose source nobody knows is not counted: all of them would wait for each other.
    ///
    /// # Errors
    /// [`Wait`].
    pub fn charge(&self, source: Option<IpAddr>, now_ms: i64) -> Result<(), Wait> {
        let Some(source) = source.map(network_of) else { return Ok(()) };
        let cells = cells(&self.key, b"mail", &[&source]);
        let mut table = self.table.lock();
        wait(table.wait_ms(&cells, now_ms))?;
        let _ = table.charge(&cells, now_ms);
        Ok(())
    }
}

/// How many mails each member was sent, exactly.
#[derive(Debug, Default)]
pub struct MailsSent(Mutex<FxHashMap<(TenantId, MemberId), i64>>);

impl MailsSent {
    /// Counts a mail to a member; false when they were sent enough, and it must not be.
    #[must_use]
    pub fn one_more(&self, tenant: TenantId, member: MemberId, now_ms: i64) -> bool {
        let mut sent = self.0.lock();
        // As in a table's cell: when all of them will be forgotten, each an hour after the one before it.
        let forgotten_ms = sent.get(&(tenant, member)).copied().unwrap_or(now_ms).max(now_ms);
        if forgotten_ms.saturating_sub(now_ms) > (MAILS - 1) * MAIL_APART_MS {
            return false;
        }
        if sent.len() >= MEMBERS_MAX && !sent.contains_key(&(tenant, member)) {
            sent.retain(|_, forgotten_ms| *forgotten_ms > now_ms);
            let least = sent.iter().min_by_key(|(_, forgotten_ms)| **forgotten_ms).map(|(whose, _)| *whose);
            if let Some(whose) = least.filter(|_| sent.len() >= MEMBERS_MAX) {
                sent.remove(&whose);
            }
        }
        sent.insert((tenant, member), forgotten_ms.saturating_add(MAIL_APART_MS));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_asks_a_few_times_and_others_ask_as_before() {
        let sources = MailSources::new([7; 32]);
        let from = |last| Some(IpAddr::from([192, 0, 2, last]));
        let asked = (0..100).filter(|_| sources.charge(from(1), 0).is_ok()).count();
        assert_eq!(asked, 20);
        assert!(sources.charge(from(2), 0).is_ok());
        assert!((0..100).all(|_| sources.charge(None, 0).is_ok()));
    }

    #[test]
    fn a_member_is_sent_three_mails_and_then_one_an_hour() {
        let sent = MailsSent::default();
        let (tenant, member) = (TenantId::generate(), MemberId::generate());
        let times = |now_ms| (0..10).filter(|_| sent.one_more(tenant, member, now_ms)).count();
        assert_eq!((times(0), times(MAIL_APART_MS - 1), times(MAIL_APART_MS)), (3, 0, 1));
        assert!(sent.one_more(tenant, MemberId::generate(), 0), "nobody else is concerned");
        assert_eq!(times(100 * MAIL_APART_MS), 3);
    }

    #[test]
    fn memory_is_bounded_and_who_was_sent_most_is_remembered() {
        let sent = MailsSent::default();
        let (tenant, victim) = (TenantId::generate(), MemberId::generate());
        assert!((0..3).all(|_| sent.one_more(tenant, victim, 0)));
        for _ in 0..MEMBERS_MAX + 10 {
            assert!(sent.one_more(tenant, MemberId::generate(), 0));
        }
        assert_eq!(sent.0.lock().len(), MEMBERS_MAX);
        assert!(!sent.one_more(tenant, victim, 0));
    }
}
