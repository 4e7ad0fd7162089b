//! Tests of a value in text: equal, a list, a range, by order, missing.
//!
//! `value`, `a,b`, `in(a)`, `a..b`, `none`. It knows no fields: which values one has, its caller knows.

use super::problem::Wrong;
use super::reader::{Asked, Read, Reader};
use super::scan::{Atom, Item};
use super::sign::{Relation, Sign};
use super::value::Value;
use crate::filter::Compare;
use jiff::tz::TimeZone;

/// A test as it is written behind the name of a field.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Written {
    /// What stands behind the field's name, with its dot.
    pub(super) part: &'static str,
    pub(super) sign: Sign,
    pub(super) value: String,
}

impl Written {
    pub(super) const fn of(sign: Sign, value: String) -> Self {
        Self { part: "", sign, value }
    }

    /// The whole test of a field.
    pub(super) fn say(&self, field: &str) -> String {
        format!("{field}{}{}{}", self.part, self.sign.as_str(), self.value)
    }
}

/// Values as a list; one or none needs `in(…)` to be one.
pub(super) fn write_list(values: &[String]) -> String {
    match values {
        [] | [_] => format!("in({})", values.concat()),
        _ => values.join(","),
    }
}

/// What can be asked of a field, or of what it holds: reads and writes it.
pub(super) trait Subject: Sized {
    /// Reads it. A list that mixes ways to name things is several tests, of which one must pass (all, if negative).
    fn read_all(reader: &mut Reader<'_>, asked: &Asked<'_>) -> Read<Vec<Self>>;

    /// Writes it.
    fn write(&self, zone: &TimeZone) -> Written;

    /// Reads it where only one test can stand.
    fn read(reader: &mut Reader<'_>, asked: &Asked<'_>) -> Read<Self> {
        let mut all = Self::read_all(reader, asked)?;
        match (all.pop(), all.is_empty()) {
            (Some(one), true) => Ok(one),
            _ => reader.refuse_plainly(
                asked.values.place.clone(),
                "this list mixes names, ids or `me`: here all must be of one sort",
            ),
        }
    }
}

impl<T: Value> Subject for Compare<T> {
    fn read_all(reader: &mut Reader<'_>, asked: &Asked<'_>) -> Read<Vec<Self>> {
        refuse_part(reader, asked)?;
        read_compare(reader, asked).map(|compare| vec![compare])
    }

    fn write(&self, _: &TimeZone) -> Written {
        write_compare(self)
    }
}

/// Refuses what stands behind the dot of a field that has no parts.
pub(super) fn refuse_part(reader: &mut Reader<'_>, asked: &Asked<'_>) -> Read<()> {
    match asked.part {
        None => Ok(()),
        Some(part) => {
            let message = format!("`{}` has no part `{part}`", asked.field);
            let suggestions = vec![format!("{}{}", asked.field, asked.sign.as_str())];
            reader.refuse(asked.head(), Wrong { message, suggestions })
        }
    }
}

/// Reads a test of a value.
pub(super) fn read_compare<T: Value>(reader: &mut Reader<'_>, asked: &Asked<'_>) -> Read<Compare<T>> {
    if asked.sign.is_order() {
        let value = one_value(reader, asked)?;
        return Ok(order(asked.sign.relation, value));
    }
    if !(asked.sign.is_equal() || asked.sign.relation == Relation::IsNot) {
        return refuse_text_sign(reader, asked);
    }
    let equal = asked.sign.is_equal();
    let Some(item) = asked.values.single() else {
        let values = list(reader, &asked.values.items, read_atom)?;
        return Ok(if equal { Compare::In(values) } else { Compare::Nin(values) });
    };
    if let Some(missing) = absence::<T>(item) {
        return Ok(Compare::Null(missing == equal));
    }
    if let Some(range) = &item.range {
        if !equal {
            return refuse_negative_range(reader, asked);
        }
        return match range {
            (Some(low), Some(high)) => {
                Ok(Compare::Between(read_atom(reader, low)?, read_atom(reader, high)?))
            }
            (Some(low), None) => read_atom(reader, low).map(Compare::Gte),
            (None, Some(high)) => read_atom(reader, high).map(Compare::Lte),
            (None, None) => refuse_empty_range(reader, item),
        };
    }
    let value = whole(reader, item).and_then(|atom| read_atom(reader, atom))?;
    Ok(if equal { Compare::Eq(value) } else { Compare::Neq(value) })
}

/// Whether a value is the word for absence (true) or presence (false).
fn absence<T: Value>(item: &Item<'_>) -> Option<bool> {
    let [missing, present] = T::ABSENCE;
    if item.says(missing) {
        return Some(true);
    }
    (item.says(present) || item.says("any")).then_some(false)
}

pub(super) fn order<T>(relation: Relation, value: T) -> Compare<T> {
    match relation {
        Relation::Less => Compare::Lt(value),
        Relation::AtMost => Compare::Lte(value),
        Relation::More => Compare::Gt(value),
        _ => Compare::Gte(value),
    }
}

fn read_atom<T: Value>(reader: &mut Reader<'_>, atom: &Atom<'_>) -> Read<T> {
    reader.check(atom.start..atom.end, T::read(&atom.text))
}

/// The one value behind `<`, `<=`, `>`, `>=`.
fn one_value<T: Value>(reader: &mut Reader<'_>, asked: &Asked<'_>) -> Read<T> {
    let atom = one_atom(reader, asked)?;
    read_atom(reader, atom)
}

pub(super) fn one_atom<'a, 't>(reader: &mut Reader<'_>, asked: &'a Asked<'t>) -> Read<&'a Atom<'t>> {
    match asked.values.single() {
        Some(Item { whole: Some(atom), range: None, .. }) => Ok(atom),
        _ => {
            let message = format!("`{}` compares with one value", asked.sign.as_str());
            reader.refuse_plainly(asked.values.place.clone(), message)
        }
    }
}

/// The value of an item that is no range.
pub(super) fn whole<'a, 't>(reader: &mut Reader<'_>, item: &'a Item<'t>) -> Read<&'a Atom<'t>> {
    match &item.whole {
        Some(atom) => Ok(atom),
        None => reader.refuse_plainly(item.start..item.end, "a range cannot stand here"),
    }
}

/// Every value of a list; all that are wrong are told.
pub(super) fn list<'a, 't, T>(
    reader: &mut Reader<'_>,
    items: impl IntoIterator<Item = &'a Item<'t>>,
    read: impl Fn(&mut Reader<'_>, &Atom<'t>) -> Read<T>,
) -> Read<Vec<T>>
where
    't: 'a,
{
    let values: Vec<Read<T>> = items
        .into_iter()
        .map(|item| match item.range {
            None => whole(reader, item).and_then(|atom| read(reader, atom)),
            Some(_) => reader.refuse_plainly(
                item.start..item.end,
                "a range cannot stand in a list: write `OR` between two tests",
            ),
        })
        .collect();
    values.into_iter().collect()
}

pub(super) fn refuse_text_sign<T>(reader: &mut Reader<'_>, asked: &Asked<'_>) -> Read<T> {
    let message = format!("`{}` compares texts, and `{}` is none", asked.sign.as_str(), asked.field);
    let suggestions = vec![format!("{}:", asked.field)];
    reader.refuse(asked.head(), Wrong { message, suggestions })
}

pub(super) fn refuse_negative_range<T>(reader: &mut Reader<'_>, asked: &Asked<'_>) -> Read<T> {
    let range = reader.scan.slice(asked.values.place.start, asked.values.place.end);
    let suggestions = vec![format!("-{}:{range}", asked.field)];
    let message = "`!=` and a range do not go together: write `-` before the field".to_owned();
    reader.refuse(asked.place.clone(), Wrong { message, suggestions })
}

pub(super) fn refuse_empty_range<T>(reader: &mut Reader<'_>, item: &Item<'_>) -> Read<T> {
    reader.refuse_plainly(item.start..item.end, "a range needs at least one end, such as `1..` or `..9`")
}

/// Writes a test of a value.
pub(super) fn write_compare<T: Value>(compare: &Compare<T>) -> Written {
    let all = |values: &[T]| write_list(&values.iter().map(Value::write).collect::<Vec<_>>());
    let [missing, present] = T::ABSENCE;
    let (sign, value) = match compare {
        Compare::Eq(value) => (Sign::HAS, value.write()),
        Compare::Neq(value) => (Sign::IS_NOT, value.write()),
        Compare::In(values) => (Sign::HAS, all(values)),
        Compare::Nin(values) => (Sign::IS_NOT, all(values)),
        Compare::Lt(value) => (Sign::of(Relation::Less), value.write()),
        Compare::Lte(value) => (Sign::of(Relation::AtMost), value.write()),
        Compare::Gt(value) => (Sign::of(Relation::More), value.write()),
        Compare::Gte(value) => (Sign::of(Relation::AtLeast), value.write()),
        Compare::Between(low, high) => (Sign::HAS, format!("{}..{}", low.write(), high.write())),
        Compare::Null(true) => (Sign::HAS, missing.to_owned()),
        Compare::Null(false) => (Sign::HAS, present.to_owned()),
    };
    Written::of(sign, value)
}
