//! Tests of fields that hold several things: assignees, labels, comments, other issues.
//!
//! `assignee:me` is one of them, `assignee!=me` none of them, `assignee:every(…)` all of them; `assignees>=2` counts
//! them. What is inside the parentheses is read by whoever knows the things.

use super::compare::{Subject, Written, read_compare, refuse_part, write_compare};
use super::names::{Said, Thing, element_names, read_element, write_element};
use super::reader::{Asked, Read, Reader, Refused};
use super::scan::{Head, Start};
use super::sign::Sign;
use super::value::Count;
use crate::filter::{Compare, Many};
use jiff::tz::TimeZone;

/// How many of the things must pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quantity {
    Some,
    Every,
    None,
}

/// The words for a quantity. Without one it is `some`.
const QUANTITIES: [(&str, Quantity); 7] = [
    ("", Quantity::Some),
    ("some", Quantity::Some),
    ("any", Quantity::Some),
    ("every", Quantity::Every),
    ("all", Quantity::Every),
    ("none", Quantity::None),
    ("no", Quantity::None),
];

impl Quantity {
    pub(super) fn of<T>(self, tests: Vec<T>) -> Many<T> {
        match self {
            Self::Some => Many::Some(tests),
            Self::Every => Many::Every(tests),
            Self::None => Many::None(tests),
        }
    }
}

impl<'t> Reader<'t> {
    /// Steps over `(`, `every(` and the like behind a sign, if that is what comes: the quantity, and where the
    /// parenthesis stands.
    pub(super) fn quantity(&mut self, head: &Head<'t>) -> Option<(Quantity, usize)> {
        if head.part.is_some() {
            return None;
        }
        self.scan.at = head.value;
        let letters = self.scan.rest().bytes().take_while(u8::is_ascii_alphabetic).count();
        let open = head.value + letters;
        let word = self.scan.slice(head.value, open);
        let (_, quantity) = QUANTITIES.iter().find(|(known, _)| known.eq_ignore_ascii_case(word))?;
        self.scan.at = open;
        self.scan.take("(").then_some((*quantity, open))
    }

    /// Reads what stands in the parentheses behind a field, if there are any.
    pub(super) fn quantified<T>(
        &mut self,
        head: &Head<'t>,
        read: impl FnOnce(&mut Self) -> Read<Vec<T>>,
    ) -> Option<Read<Many<T>>> {
        let (quantity, open) = self.quantity(head)?;
        let tests = self.group(open, read);
        if !head.sign.is_equal() {
            let message = format!("`{}` and parentheses do not go together: write `:`", head.sign.as_str());
            return Some(self.refuse_plainly(head.end..head.value, message));
        }
        Some(tests.and_then(|tests| tests).map(|tests| quantity.of(tests)))
    }

    /// Reads the tests inside parentheses; `read` reads one, `names` says what can stand there.
    pub(super) fn elements<T>(
        &mut self,
        names: &[&str],
        read: impl Fn(&mut Self, &Asked<'t>) -> Read<T>,
    ) -> Read<Vec<T>> {
        let mut tests = Vec::new();
        let mut refused = false;
        loop {
            self.scan.skip_blanks();
            let test = match self.scan.next() {
                Start::End | Start::Close => break,
                Start::And => {
                    self.scan.at += "AND".len();
                    continue;
                }
                Start::Head(head) => self.asked(&head).and_then(|asked| read(self, &asked)),
                _ => self.refuse_next(|said| {
                    let names = names.join(":, ");
                    format!("`{said}` is no test: here stand {names}:; a list of values needs no parentheses")
                }),
            };
            match test {
                Ok(test) => tests.push(test),
                Err(Refused) => refused = true,
            }
        }
        let (max, at) = (self.limits.filter_values_max, self.scan.at);
        if tests.len() > max {
            return self.refuse_plainly(
                at..at,
                format!("{} tests of one thing: at most {max} are allowed", tests.len()),
            );
        }
        if refused { Err(Refused) } else { Ok(tests) }
    }
}

/// Reads a test of people or labels. A list that mixes ways to name them is several tests, as for [`Subject`].
pub(super) fn read_things<'t, T: Thing + Subject>(
    reader: &mut Reader<'t>,
    head: &Head<'t>,
) -> Read<Vec<Many<T>>> {
    let names = element_names::<T>();
    if let Some(many) = reader.quantified(head, |reader| reader.elements(&names, read_element)) {
        return many.map(|many| vec![many]);
    }
    let asked = reader.asked(head)?;
    read_some(reader, &asked)
}

/// Reads values of which one is among the things, or none, if the sign is negative.
fn read_some<T: Thing + Subject>(reader: &mut Reader<'_>, asked: &Asked<'_>) -> Read<Vec<Many<T>>> {
    let negative = asked.sign.is_negative();
    let positive = Asked { sign: asked.sign.positive(), ..asked.clone() };
    let tests = T::read_all(reader, &positive)?;
    let many = tests.into_iter().map(|test| match test.said() {
        Said::Id(Compare::Null(missing)) if asked.part.is_none() => presence(*missing == negative),
        _ if negative => Many::None(vec![test]),
        _ => Many::Some(vec![test]),
    });
    Ok(many.collect())
}

/// That there is any of the things, or that there is none.
const fn presence<T>(any: bool) -> Many<T> {
    if any { Many::Some(Vec::new()) } else { Many::None(Vec::new()) }
}

/// Reads how many of the things there are.
pub(super) fn read_count<T>(reader: &mut Reader<'_>, asked: &Asked<'_>) -> Read<Many<T>> {
    refuse_part(reader, asked)?;
    let negative = asked.sign.is_negative();
    match asked.values.word().unwrap_or_default() {
        word if word.eq_ignore_ascii_case("none") => Ok(presence(negative)),
        word if word.eq_ignore_ascii_case("any") => Ok(presence(!negative)),
        _ => read_compare::<Count>(reader, asked).map(|compare| Many::Length(compare.map(|count| count.0))),
    }
}

/// Writes how many of the things there are.
pub(super) fn write_count(compare: &Compare<u32>) -> Written {
    write_compare(&compare.map(|count| Count(*count)))
}

/// Writes a test of people or labels behind the name of its field; a count stands behind another.
pub(super) fn write_things<T: Thing + Subject>(many: &Many<T>, zone: &TimeZone) -> Written {
    let short = |thing: &T| match thing.said() {
        Said::Id(compare @ Compare::Null(_)) => Written { part: ".id", ..write_compare(compare) },
        _ => thing.write(zone),
    };
    let written = match many {
        Many::Some(things) if things.len() == 1 => {
            things.first().map(short).filter(|written| !written.sign.is_negative())
        }
        Many::None(things) if things.len() == 1 => things
            .first()
            .map(short)
            .and_then(|written| written.sign.negative().map(|sign| Written { sign, ..written })),
        _ => None,
    };
    let inside = |things: &[T]| things.iter().map(write_element).collect::<Vec<_>>().join(" ");
    written.unwrap_or_else(|| write_quantified(many, inside))
}

/// Writes a test of several things, with what is `inside` the parentheses.
pub(super) fn write_quantified<T>(many: &Many<T>, inside: impl FnOnce(&[T]) -> String) -> Written {
    let value = match many {
        Many::Some(tests) if tests.is_empty() => "any".to_owned(),
        Many::None(tests) if tests.is_empty() => "none".to_owned(),
        Many::Some(tests) => format!("({})", inside(tests)),
        Many::Every(tests) => format!("every({})", inside(tests)),
        Many::None(tests) => format!("none({})", inside(tests)),
        Many::Length(compare) => return write_count(compare),
    };
    Written::of(Sign::HAS, value)
}
