//! What is kept of an installation's work, and under which names in its room.
//!
//! Names begin with the kind; behind it stands a place of the log or an id that is born in the order of time, so that a scan
//! meets the oldest first; what was given up is of three kinds. It does not know who writes.

use super::basis::Basis;
use crate::host::wit::http::Request;
use crate::service::RunId;
use minicbor::bytes::ByteVec;
use mortise_engine::id::IssueId;
use mortise_engine::model::Seq;
use mortise_engine::time::Timestamp;
use mortise_engine::{Error, Result};
use uuid::Uuid;

/// Events that wait to be tried again, or behind one that does.
pub(crate) const PENDING: &[u8] = b"auto/p/";
/// What was given up.
pub(crate) const DEAD: &[u8] = b"auto/d/";
/// What the names of times begin with among what was given up.
const DEAD_TICK: &[u8] = b"t";
/// The last times of schedules.
pub(crate) const TICK: &[u8] = b"auto/t/";
/// Requests that are to be sent.
pub(crate) const OUT: &[u8] = b"auto/o/";
/// Entries of the plugin's own memory.
pub(crate) const KV: &[u8] = b"auto/k/";
/// Entries that end, by when.
pub(crate) const KV_END: &[u8] = b"auto/e/";
/// How much there is of all of that.
pub(crate) const COUNTS: &[u8] = b"auto/c";

/// Events of one installation that wait; with more it is stopped.
pub(crate) const PENDING_MAX: usize = 1_000;
/// Things of one installation that were given up and are kept; those go first that were given up first.
pub(crate) const DEAD_MAX: u64 = 1_000;
/// Requests of one installation that wait to be sent.
pub(crate) const OUT_MAX: u64 = 1_000;
/// Characters kept of a reason.
pub(crate) const WHY_CHARS_MAX: usize = 500;

/// An event that waits.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub(crate) struct Pending {
    /// Which event.
    #[n(0)]
    pub(crate) seq: Seq,
    /// What it is in line with: events about one issue keep their order.
    #[n(1)]
    pub(crate) issue: Option<IssueId>,
    /// Attempts so far.
    #[n(2)]
    pub(crate) attempts: u32,
    /// Not to be tried before.
    #[n(3)]
    pub(crate) not_before: Timestamp,
    /// Why the last attempt failed; empty while there was none.
    #[n(4)]
    pub(crate) why: String,
    /// What the last attempt was told of; none while there was none, and in rows from before this was kept.
    #[n(5)]
    pub(crate) basis: Option<Basis>,
}

/// What was given up.
#[derive(Debug, Clone, PartialEq, minicbor::Encode, minicbor::Decode)]
pub(crate) struct Dead {
    #[n(0)]
    pub(crate) what: DeadWhat,
    /// Attempts.
    #[n(1)]
    pub(crate) attempts: u32,
    #[n(2)]
    pub(crate) why: String,
    #[n(3)]
    pub(crate) at: Timestamp,
    /// The record of the last attempt.
    #[n(4)]
    pub(crate) run: Option<RunId>,
    /// What it was told of; none of a request, which has its own, and in rows from before this was kept.
    #[n(5)]
    pub(crate) basis: Option<Basis>,
}

#[derive(Debug, Clone, PartialEq, minicbor::Encode, minicbor::Decode)]
pub(crate) enum DeadWhat {
    /// Acting on an event.
    #[n(0)]
    Event(#[n(0)] Seq, #[n(1)] Option<IssueId>),
    /// Sending a request.
    #[n(1)]
    Out(#[n(0)] Out),
    /// Acting at a time.
    #[n(2)]
    Tick(#[n(0)] String, #[n(1)] Timestamp),
}

/// A request that is to be sent.
#[derive(Debug, Clone, PartialEq, minicbor::Encode, minicbor::Decode)]
pub(crate) struct Out {
    /// The idempotency key; the same for every attempt.
    #[cbor(n(0), with = "bytes16")]
    pub(crate) id: Uuid,
    /// As the plugin asked for it, encoded; secrets by name.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub(crate) request: Vec<u8>,
    /// When it was staged.
    #[n(2)]
    pub(crate) at: Timestamp,
    /// Attempts so far.
    #[n(3)]
    pub(crate) attempts: u32,
    /// Not to be tried before.
    #[n(4)]
    pub(crate) not_before: Timestamp,
    /// Why the last attempt failed.
    #[n(5)]
    pub(crate) why: String,
    /// The run that asked for it.
    #[n(6)]
    pub(crate) run: Option<RunId>,
    /// What that run was told of; none in rows from before this was kept.
    #[n(7)]
    pub(crate) basis: Option<Basis>,
}

/// An entry of the plugin's own memory.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub(crate) struct KvEntry {
    #[cbor(n(0), with = "minicbor::bytes")]
    pub(crate) value: Vec<u8>,
    #[cbor(n(1), with = "bytes16")]
    pub(crate) revision: Uuid,
    #[n(2)]
    pub(crate) ends_at: Option<Timestamp>,
}

/// How much an installation keeps. Written with every change of what it counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub(crate) struct Counts {
    /// Bytes of keys and values of its memory, ended entries that were not yet taken away included.
    #[n(0)]
    pub(crate) kv_bytes: u64,
    #[n(1)]
    pub(crate) kv_keys: u64,
    #[n(2)]
    pub(crate) dead: u64,
    /// What was given up and is not kept any more, for want of room.
    #[n(3)]
    pub(crate) dead_dropped: u64,
    #[n(4)]
    pub(crate) out: u64,
}

/// Names behind each of which lies the first of one kind of what was given up, where there is any of it: events, requests, times.
/// Names sort by kind first: the place of an event begins with a zero, the id of a request with when it was made.
pub(crate) fn before_dead_kinds() -> [Vec<u8>; 3] {
    [DEAD.to_vec(), at_seq(DEAD, Seq(u64::MAX >> 8)), [DEAD, DEAD_TICK].concat()]
}

impl Dead {
    /// What the run was told of that said why, or that wanted the request sent.
    pub(crate) const fn basis(&self) -> Option<&Basis> {
        match &self.what {
            DeadWhat::Out(out) => out.basis.as_ref(),
            DeadWhat::Event(..) | DeadWhat::Tick(..) => self.basis.as_ref(),
        }
    }

    /// Its name: what was given up about the same thing twice is kept once.
    pub(crate) fn name(&self) -> Vec<u8> {
        match &self.what {
            DeadWhat::Event(seq, _) => at_seq(DEAD, *seq),
            DeadWhat::Out(out) => at_id(DEAD, out.id),
            DeadWhat::Tick(schedule, at) => {
                let millis = u64::try_from(at.millis()).unwrap_or_default();
                [DEAD, DEAD_TICK, &millis.to_be_bytes(), schedule.as_bytes()].concat()
            }
        }
    }
}

impl KvEntry {
    /// Whether it has ended.
    pub(crate) fn is_over(&self, now: Timestamp) -> bool {
        self.ends_at.is_some_and(|end| end <= now)
    }
}

impl Out {
    /// What is to be sent.
    pub(crate) fn request(&self) -> Result<Request> {
        let kept: KeptRequest = decode(&self.request)?;
        let head: Request = minicbor_serde::from_slice(&kept.head).map_err(Error::internal)?;
        Ok(Request { body: kept.body.map(Vec::from), ..head })
    }
}

/// A request as it is kept. Its body stands apart: within the rest it would be a list of numbers, twice as long.
#[derive(minicbor::Encode, minicbor::Decode)]
struct KeptRequest {
    /// All but the body.
    #[cbor(n(0), with = "minicbor::bytes")]
    head: Vec<u8>,
    #[n(1)]
    body: Option<ByteVec>,
}

/// A request as it is kept.
pub(crate) fn encode_request(request: &Request) -> Result<Vec<u8>> {
    let head = Request {
        method: request.method,
        url: request.url.clone(),
        headers: request.headers.clone(),
        body: None,
        timeout_ms: request.timeout_ms,
    };
    let head = minicbor_serde::to_vec(&head).map_err(Error::internal)?;
    Ok(encode(&KeptRequest { head, body: request.body.clone().map(ByteVec::from) }))
}

/// A row as bytes.
pub(crate) fn encode<T: minicbor::Encode<()>>(row: &T) -> Vec<u8> {
    // Writing to memory does not fail.
    minicbor::to_vec(row).unwrap_or_default()
}

/// A row that [`encode`] made.
///
/// # Errors
///
/// `INTERNAL` for other bytes.
pub(crate) fn decode<T: for<'b> minicbor::Decode<'b, ()>>(bytes: &[u8]) -> Result<T> {
    minicbor::decode(bytes).map_err(Error::internal)
}

/// The name of what is at this place of the log.
pub(crate) fn at_seq(kind: &[u8], seq: Seq) -> Vec<u8> {
    [kind, &seq.0.to_be_bytes()].concat()
}

/// The name of what has this id.
pub(crate) fn at_id(kind: &[u8], id: Uuid) -> Vec<u8> {
    [kind, id.as_bytes()].concat()
}

/// The name of what has this text.
pub(crate) fn at_text(kind: &[u8], text: &str) -> Vec<u8> {
    [kind, text.as_bytes()].concat()
}

/// The name under which the end of an entry is found.
pub(crate) fn kv_end(at: Timestamp, key: &str) -> Vec<u8> {
    // Times before 1970 do not occur, and would be found first.
    let millis = u64::try_from(at.millis()).unwrap_or_default();
    [KV_END, &millis.to_be_bytes(), key.as_bytes()].concat()
}

/// The end and the key that a name of [`kv_end`] holds.
pub(crate) fn read_kv_end(name: &[u8]) -> Option<(Timestamp, String)> {
    let (millis, key) = name.strip_prefix(KV_END)?.split_first_chunk::<8>()?;
    let at = Timestamp::from_millis(i64::try_from(u64::from_be_bytes(*millis)).ok()?);
    Some((at, String::from_utf8(key.to_vec()).ok()?))
}

/// Whether what is not to be tried before this time, after so many attempts, may be tried now. A time that lies further ahead
/// than any delay was said by a clock that was ahead: it counts for nothing.
pub(crate) fn is_due(not_before: Timestamp, attempts: u32, now: Timestamp) -> bool {
    let longest = i64::try_from(crate::backoff::longest_after(attempts).as_millis()).unwrap_or(i64::MAX);
    not_before <= now || not_before > now.plus_millis(longest)
}

/// A reason, of one line and bounded length.
pub(crate) fn shortened(why: &str) -> String {
    why.chars().map(|c| if c.is_control() { ' ' } else { c }).take(WHY_CHARS_MAX).collect()
}

/// Sixteen bytes of an id.
mod bytes16 {
    use minicbor::bytes::ByteArray;
    use minicbor::decode::Error;
    use minicbor::encode::Write;
    use minicbor::{Decode as _, Decoder, Encode as _, Encoder};
    use uuid::Uuid;

    pub(super) fn encode<C, W: Write>(
        id: &Uuid,
        e: &mut Encoder<W>,
        ctx: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        ByteArray::from(*id.as_bytes()).encode(e, ctx)
    }

    pub(super) fn decode<C>(d: &mut Decoder<'_>, ctx: &mut C) -> Result<Uuid, Error> {
        ByteArray::<16>::decode(d, ctx).map(|bytes| Uuid::from_bytes(*bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_sort_as_what_they_name() {
        assert!(at_seq(PENDING, Seq(255)) < at_seq(PENDING, Seq(256)));
        assert!(at_seq(PENDING, Seq(1)).starts_with(PENDING));
        let (early, late) = (Timestamp::from_millis(1), Timestamp::from_millis(1 << 40));
        assert!(kv_end(early, "z") < kv_end(late, "a"));
        assert_eq!(read_kv_end(&kv_end(late, "schlüssel")), Some((late, "schlüssel".into())));
        assert_eq!(read_kv_end(b"auto/e/123"), None);
    }

    #[test]
    fn a_time_further_ahead_than_any_delay_counts_for_nothing() {
        let at = Timestamp::from_millis;
        assert!(is_due(at(1_000), 1, at(1_000)) && !is_due(at(1_001), 1, at(1_000)));
        // The first delay is eleven seconds at most, the last more than six hours.
        assert!(!is_due(at(11_999), 1, at(1_000)) && is_due(at(12_001), 1, at(1_000)));
        assert!(!is_due(at(6 * 3_600_000), 8, at(0)) && is_due(at(7 * 3_600_000), 8, at(0)));
        assert!(is_due(at(1), 0, at(0)), "what was not tried waits for no time");
    }

    #[test]
    fn a_request_reads_back_and_its_body_takes_its_own_length() {
        use crate::host::wit::http::{HeaderValue, Method};
        let body = vec![200; 10_000];
        let request = Request {
            method: Method::Post,
            url: "https://hooks.example.com/".into(),
            headers: vec![("x-a".into(), HeaderValue::Text("b".into()))],
            body: Some(body.clone()),
            timeout_ms: Some(5),
        };
        let kept = encode_request(&request).unwrap();
        assert!(kept.len() < body.len() + 500, "{}", kept.len());
        let mut out = Out {
            id: Uuid::now_v7(),
            request: kept,
            at: Timestamp::from_millis(5),
            attempts: 0,
            not_before: Timestamp::from_millis(5),
            why: String::new(),
            run: None,
            basis: None,
        };
        assert_eq!(out.request().unwrap(), request);
        let without = Request { body: None, ..request };
        out.request = encode_request(&without).unwrap();
        assert_eq!(out.request().unwrap(), without);
    }

    #[test]
    fn rows_read_back() {
        let out = Out {
            id: Uuid::now_v7(),
            request: vec![1, 2],
            at: Timestamp::from_millis(5),
            attempts: 2,
            not_before: Timestamp::from_millis(9),
            why: "no answer".into(),
            run: None,
            basis: Some(Basis::of_much()),
        };
        let dead = Dead {
            what: DeadWhat::Out(out),
            attempts: 8,
            why: "gone".into(),
            at: Timestamp::from_millis(1),
            run: None,
            basis: None,
        };
        assert_eq!(decode::<Dead>(&encode(&dead)).unwrap(), dead);
        assert!(decode::<Dead>(b"x").is_err());
        assert_eq!(shortened("a\nb"), "a b");
    }

    #[test]
    fn rows_from_before_it_was_known_what_a_run_was_told_of_read_back() {
        let (at, why) = (Timestamp::from_millis(7), "why".to_owned());
        let kept = encode(&(Seq(3), Option::<IssueId>::None, 2_u32, at, &why));
        let mut row = Pending { seq: Seq(3), issue: None, attempts: 2, not_before: at, why, basis: None };
        assert_eq!(decode::<Pending>(&kept).unwrap(), row);
        assert_eq!(encode(&row), kept, "and so they are written still, where it is not known");
        row.basis = Some(Basis::of_much());
        assert_eq!(decode::<Pending>(&encode(&row)).unwrap(), row);
    }

    #[test]
    fn each_kind_of_what_was_given_up_lies_behind_its_own_name() {
        let (at, why) = (Timestamp::from_millis(0), String::new());
        let what = DeadWhat::Tick("a".into(), at);
        let tick = Dead { what, attempts: 1, why, at, run: None, basis: None }.name();
        let (first, last, request) =
            (at_seq(DEAD, Seq(1)), at_seq(DEAD, Seq(1 << 50)), at_id(DEAD, Uuid::now_v7()));
        let [events, requests, ticks] = before_dead_kinds();
        let names = [events, first, last, requests, request, ticks, tick];
        assert!(names.is_sorted(), "{names:?}");
    }
}
