//! Tests of instants in text, where a day stands for all its milliseconds.
//!
//! `created:today` is a range, `created<=2026-01-31` ends with that day. It knows no present moment.

use super::calendar::{self, Spoken};
use super::compare::{
    Subject, Written, list, one_atom, order, refuse_empty_range, refuse_negative_range, refuse_part,
    refuse_text_sign, whole, write_list,
};
use super::problem::Wrong;
use super::reader::{Asked, Read, Reader};
use super::scan::Atom;
use super::sign::{Relation, Sign};
use crate::filter::{Compare, When};
use jiff::tz::TimeZone;

/// A test of an instant, and whether it is meant negated: `!=` with a day is not one comparison.
pub(super) fn read_times(reader: &mut Reader<'_>, asked: &Asked<'_>) -> Read<(Compare<When>, bool)> {
    refuse_part(reader, asked)?;
    let plain = |compare| Ok((compare, false));
    let relation = asked.sign.relation;
    if asked.sign.is_order() {
        let time = one_atom(reader, asked).and_then(|atom| spoken(reader, atom))?;
        let last = matches!(relation, Relation::AtMost | Relation::More);
        return plain(order(relation, bound(time, last)));
    }
    if !(asked.sign.is_equal() || relation == Relation::IsNot) {
        return refuse_text_sign(reader, asked);
    }
    let equal = asked.sign.is_equal();
    let Some(item) = asked.values.single() else {
        let values = list(reader, &asked.values.items, |reader, atom| match spoken(reader, atom)? {
            Spoken::Instant(when) => Ok(when),
            Spoken::Day(..) => reader.refuse_plainly(
                atom.start..atom.end,
                "a day is many instants and cannot stand in a list: write `OR` between two tests",
            ),
        })?;
        return plain(if equal { Compare::In(values) } else { Compare::Nin(values) });
    };
    if item.says("none") || item.says("any") {
        return plain(Compare::Null(item.says("none") == equal));
    }
    if let Some(range) = &item.range {
        if !equal {
            return refuse_negative_range(reader, asked);
        }
        let low =
            range.0.as_ref().map(|atom| spoken(reader, atom).map(|time| bound(time, false))).transpose()?;
        let high =
            range.1.as_ref().map(|atom| spoken(reader, atom).map(|time| bound(time, true))).transpose()?;
        return match (low, high) {
            (Some(low), Some(high)) => plain(Compare::Between(low, high)),
            (Some(low), None) => plain(Compare::Gte(low)),
            (None, Some(high)) => plain(Compare::Lte(high)),
            (None, None) => refuse_empty_range(reader, item),
        };
    }
    let atom = whole(reader, item)?;
    match spoken(reader, atom)? {
        Spoken::Day(first, last) => Ok((Compare::Between(first, last), !equal)),
        Spoken::Instant(When::Relative(_)) if relation == Relation::Has => {
            refuse_instant(reader, asked, atom)
        }
        Spoken::Instant(when) => plain(if equal { Compare::Eq(when) } else { Compare::Neq(when) }),
    }
}

/// `created:-2w` is one millisecond, and hardly ever meant.
fn refuse_instant<T>(reader: &mut Reader<'_>, asked: &Asked<'_>, atom: &Atom<'_>) -> Read<T> {
    let (field, text) = (asked.field, &atom.text);
    let message =
        format!("`{text}` is one instant: write `>` for after it, `<` for before it, `=` for exactly then");
    let suggestions = [">", "<", "="].map(|sign| format!("{field}{sign}{text}")).to_vec();
    reader.refuse(asked.place.clone(), Wrong { message, suggestions })
}

fn spoken(reader: &mut Reader<'_>, atom: &Atom<'_>) -> Read<Spoken> {
    let read = calendar::read_time(&atom.text, reader.zone);
    reader.check(atom.start..atom.end, read)
}

/// The instant at which a time begins, or the last of it.
const fn bound(time: Spoken, last: bool) -> When {
    match time {
        Spoken::Instant(when) => when,
        Spoken::Day(first, _) if !last => first,
        Spoken::Day(_, end) => end,
    }
}

impl Subject for Compare<When> {
    fn read_all(reader: &mut Reader<'_>, asked: &Asked<'_>) -> Read<Vec<Self>> {
        let (compare, negated) = read_times(reader, asked)?;
        if negated {
            return reader
                .refuse_plainly(asked.place.clone(), "`!=` with a day cannot stand here: write `<` or `>`");
        }
        Ok(vec![compare])
    }

    fn write(&self, zone: &TimeZone) -> Written {
        let low = |when: &When| calendar::write_bound(*when, false, zone);
        let high = |when: &When| calendar::write_bound(*when, true, zone);
        let exact = |when: &When| calendar::write_instant(*when);
        let all = |values: &[When]| write_list(&values.iter().map(exact).collect::<Vec<_>>());
        let (sign, value) = match self {
            Self::Eq(when) => (Sign::IS, exact(when)),
            Self::Neq(when) => (Sign::IS_NOT, exact(when)),
            Self::In(values) => (Sign::HAS, all(values)),
            Self::Nin(values) => (Sign::IS_NOT, all(values)),
            Self::Lt(when) => (Sign::of(Relation::Less), low(when).unwrap_or_else(|| exact(when))),
            Self::Lte(when) => (Sign::of(Relation::AtMost), high(when).unwrap_or_else(|| exact(when))),
            Self::Gt(when) => (Sign::of(Relation::More), high(when).unwrap_or_else(|| exact(when))),
            Self::Gte(when) => (Sign::of(Relation::AtLeast), low(when).unwrap_or_else(|| exact(when))),
            Self::Between(first, last) => match (low(first), high(last)) {
                (Some(day), Some(same)) if day == same => (Sign::HAS, day),
                (day, end) => {
                    let (day, end) =
                        (day.unwrap_or_else(|| exact(first)), end.unwrap_or_else(|| exact(last)));
                    (Sign::HAS, format!("{day}..{end}"))
                }
            },
            Self::Null(true) => (Sign::HAS, "none".to_owned()),
            Self::Null(false) => (Sign::HAS, "any".to_owned()),
        };
        Written::of(sign, value)
    }
}
