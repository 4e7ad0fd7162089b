//! What tells one list from another: a hash over the bytes of its filter and order.
//!
//! Every variant has a tag and every list its length, so that two different lists never have the same bytes. The bytes
//! are never stored: they may change with any version, and then old cursors are refused.

use crate::filter::{Compare, Filter, Many, Sort, Test, TextTest};
use crate::id::{IssueId, LabelId, MemberId, StateId, TeamId};
use crate::model::{IssueKind, Priority, Resolution, StateCategory};
use crate::time::{CalendarDate, Timestamp};

/// The hash of a list's filter and order; it does not depend on the process.
#[must_use]
pub fn query_hash(filter: &Filter, sort: &[Sort]) -> [u8; 16] {
    let mut bytes = Vec::with_capacity(256);
    tree(filter, &mut bytes);
    for step in sort {
        bytes.extend([step.key as u8, u8::from(step.descending), u8::from(step.nulls_first)]);
    }
    let mut hash = [0; 16];
    blake3::Hasher::new().update(&bytes).finalize_xof().fill(&mut hash);
    hash
}

/// A value of a filter that has bytes.
trait Bytes {
    fn put(&self, to: &mut Vec<u8>);
}

macro_rules! bytes {
    ($($type:ty: $value:ident => $bytes:expr;)*) => {
        $(impl Bytes for $type {
            fn put(&self, to: &mut Vec<u8>) {
                let $value = self;
                to.extend_from_slice(&$bytes);
            }
        })*
    };
}

bytes! {
    IssueId: id => *id.as_bytes();
    LabelId: id => *id.as_bytes();
    MemberId: id => *id.as_bytes();
    StateId: id => *id.as_bytes();
    TeamId: id => *id.as_bytes();
    IssueKind: word => [*word as u8];
    Priority: word => [*word as u8];
    Resolution: word => [*word as u8];
    StateCategory: word => [*word as u8];
    Timestamp: at => at.millis().to_le_bytes();
    CalendarDate: date => date.days().to_le_bytes();
    u32: number => number.to_le_bytes();
}

fn tree(filter: &Filter, to: &mut Vec<u8>) {
    match filter {
        Filter::All(parts) => group(b'a', parts, to),
        Filter::Any(parts) => group(b'o', parts, to),
        Filter::Not(part) => {
            to.push(b'n');
            tree(part, to);
        }
        Filter::Test(test) => {
            to.push(b't');
            put_test(test, to);
        }
    }
}

fn group(tag: u8, parts: &[Filter], to: &mut Vec<u8>) {
    to.push(tag);
    length(parts.len(), to);
    parts.iter().for_each(|part| tree(part, to));
}

fn length(of: usize, to: &mut Vec<u8>) {
    to.extend_from_slice(&(of as u64).to_le_bytes());
}

fn put_test(test: &Test, to: &mut Vec<u8>) {
    match test {
        Test::Id(c) => compare(0, c, to),
        Test::Number(c) => compare(1, c, to),
        Test::Team(c) => compare(2, c, to),
        Test::State(c) => compare(3, c, to),
        Test::Category(c) => compare(4, c, to),
        Test::Kind(c) => compare(5, c, to),
        Test::Priority(c) => compare(6, c, to),
        Test::Resolution(c) => compare(7, c, to),
        Test::Assignees(m) => many(8, m, to),
        Test::Creator(c) => compare(9, c, to),
        Test::Labels(m) => many(10, m, to),
        Test::Parent(c) => compare(11, c, to),
        Test::Estimate(c) => compare(12, c, to),
        Test::Title(text) => title(13, text, to),
        Test::Archived(archived) => to.extend([14, u8::from(*archived)]),
        Test::Deleted(deleted) => to.extend([15, u8::from(*deleted)]),
        Test::Time(field, c) => compare(16 + *field as u8, c, to),
        Test::Date(field, c) => compare(32 + *field as u8, c, to),
    }
}

fn compare<T: Bytes>(tag: u8, compare: &Compare<T>, to: &mut Vec<u8>) {
    to.push(tag);
    let mut values = |tag: u8, values: &[&T]| {
        to.push(tag);
        length(values.len(), to);
        values.iter().for_each(|value| value.put(to));
    };
    match compare {
        Compare::Eq(value) => values(0, &[value]),
        Compare::Neq(value) => values(1, &[value]),
        Compare::In(list) => values(2, &list.iter().collect::<Vec<_>>()),
        Compare::Nin(list) => values(3, &list.iter().collect::<Vec<_>>()),
        Compare::Lt(value) => values(4, &[value]),
        Compare::Lte(value) => values(5, &[value]),
        Compare::Gt(value) => values(6, &[value]),
        Compare::Gte(value) => values(7, &[value]),
        Compare::Between(low, high) => values(8, &[low, high]),
        Compare::Null(missing) => values(if *missing { 9 } else { 10 }, &[]),
    }
}

fn many<T: Bytes>(tag: u8, many: &Many<T>, to: &mut Vec<u8>) {
    to.push(tag);
    match many {
        Many::Some(c) => compare(0, c, to),
        Many::Every(c) => compare(1, c, to),
        Many::None(c) => compare(2, c, to),
        Many::Length(c) => compare(3, c, to),
    }
}

fn title(tag: u8, test: &TextTest, to: &mut Vec<u8>) {
    to.extend([tag, test.operator as u8, u8::from(test.folded)]);
    length(test.values.len(), to);
    for value in &test.values {
        length(value.len(), to);
        to.extend_from_slice(value.as_bytes());
    }
}
