//! Tests of other issues: the parent, sub-issues, relations.
//!
//! `blockedby:(is:open)` holds a filter for them, `blockedby:ENG-12` names one, `blockedby>2` counts them. It knows
//! nothing of how issues become related.

use super::compare::{Written, read_compare, refuse_part, write_compare};
use super::format::Formatter;
use super::many::{read_count, write_quantified};
use super::reader::{Asked, Read, Reader};
use super::scan::Head;
use super::sign::{Relation, Sign};
use super::value::Value;
use crate::filter::{Compare, Filter, Many, ParentTest, Test};
use crate::id::IssueId;

/// Reads a test of the parent.
pub(super) fn read_parent<'t>(reader: &mut Reader<'t>, head: &Head<'t>) -> Read<Filter> {
    let parent = |filter| Filter::from(Test::Parent(ParentTest::Passes(Box::new(filter))));
    if let Some(inside) = reader.quantified(head, |reader| Ok(vec![reader.expression().into_filter()])) {
        let place = head.start..reader.scan.at;
        return match inside? {
            Many::Some(mut filters) => Ok(parent(filters.pop().unwrap_or_else(Filter::everything))),
            _ => reader.refuse_plainly(place, "an issue has one parent: write `parent:(…)`"),
        };
    }
    let asked = reader.asked(head)?;
    refuse_part(reader, &asked)?;
    let equal = asked.sign.is_equal();
    let word = asked.values.word().unwrap_or_default();
    if word.eq_ignore_ascii_case("none") || word.eq_ignore_ascii_case("any") {
        return Ok(Test::Parent(ParentTest::Null(word.eq_ignore_ascii_case("none") == equal)).into());
    }
    let (named, negative) = read_named(reader, &asked)?;
    let filter = parent(named);
    Ok(if negative { Filter::Not(Box::new(filter)) } else { filter })
}

/// Reads a test of sub-issues or related issues.
pub(super) fn read_issues<'t>(reader: &mut Reader<'t>, head: &Head<'t>) -> Read<Many<Filter>> {
    if let Some(many) = reader.quantified(head, |reader| Ok(reader.expression().into_parts())) {
        return many;
    }
    let asked = reader.asked(head)?;
    if is_count(&asked) {
        return read_count(reader, &asked);
    }
    refuse_part(reader, &asked)?;
    let (named, negative) = read_named(reader, &asked)?;
    Ok(if negative { Many::None(vec![named]) } else { Many::Some(vec![named]) })
}

/// Whether values speak of how many there are: numbers, ranges, and the words for none and any.
fn is_count(asked: &Asked<'_>) -> bool {
    let Some(first) = asked.values.items.first() else { return true };
    let words = ["none", "any", "missing", "present"];
    let is_number = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    asked.sign.is_order()
        || first.range.is_some()
        || first
            .word()
            .is_some_and(|word| is_number(word) || words.iter().any(|known| word.eq_ignore_ascii_case(known)))
}

/// Reads keys or ids of issues: the filter that these issues pass, and whether it is meant negated.
fn read_named(reader: &mut Reader<'_>, asked: &Asked<'_>) -> Read<(Filter, bool)> {
    if !(asked.sign.is_equal() || asked.sign.relation == Relation::IsNot) {
        let message = format!("`{}` cannot stand here: write `:` or `!=`", asked.sign.as_str());
        return reader.refuse_plainly(asked.head(), message);
    }
    let positive = Asked { sign: Sign::IS, ..asked.clone() };
    let first = asked.values.items.first().and_then(|item| item.whole.as_ref());
    let is_id = first.is_some_and(|atom| !atom.quoted && IssueId::read(&atom.text).is_ok());
    let test = if is_id {
        Test::Id(read_compare(reader, &positive)?)
    } else {
        Test::Key(read_compare(reader, &positive)?)
    };
    Ok((test.into(), asked.sign.relation == Relation::IsNot))
}

/// The keys or ids that a filter names, when it does nothing else.
fn write_named(filter: &Filter) -> Option<String> {
    fn named<T: Value>(compare: &Compare<T>) -> Option<String> {
        let named = match compare {
            Compare::Eq(_) => true,
            Compare::In(list) => list.len() > 1,
            _ => false,
        };
        named.then(|| write_compare(compare).value)
    }
    match filter {
        Filter::Test(Test::Key(compare)) => named(compare),
        Filter::Test(Test::Id(compare)) => named(compare),
        _ => None,
    }
}

/// Writes a test of the parent.
pub(super) fn write_parent(test: &ParentTest, formatter: &Formatter<'_>) -> Written {
    let value = match test {
        ParentTest::Null(true) => "none".to_owned(),
        ParentTest::Null(false) => "any".to_owned(),
        ParentTest::Passes(filter) => {
            write_named(filter).unwrap_or_else(|| format!("({})", formatter.whole(filter)))
        }
    };
    Written::of(Sign::HAS, value)
}

/// Writes a test of sub-issues or related issues.
pub(super) fn write_issues(many: &Many<Filter>, formatter: &Formatter<'_>) -> Written {
    let named = match many {
        Many::Some(filters) | Many::None(filters) if filters.len() == 1 => {
            filters.first().and_then(write_named)
        }
        _ => None,
    };
    match (many, named) {
        (Many::Some(_), Some(value)) => Written::of(Sign::HAS, value),
        (Many::None(_), Some(value)) => Written::of(Sign::IS_NOT, value),
        _ => write_quantified(many, |filters| formatter.parts(filters)),
    }
}
