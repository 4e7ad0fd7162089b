//! States, teams, members, labels, workflows in text: by name, by id, `me`.
//!
//! What is not in quotes may be `none`, `any`, `me` or an id; everything else is a name. Whether there is one of that
//! name is not known here.

use super::compare::{Subject, Written, read_compare, refuse_part, write_compare};
use super::problem::{Wrong, nearest};
use super::reader::{Asked, Read, Reader, Values};
use super::scan::{self, Item};
use super::sign::{Relation, Sign};
use super::text::{read_text, write_text};
use super::unknown::NameKind;
use super::value::Value;
use crate::filter::{Compare, LabelTest, MemberTest, StateTest, TeamTest, TextTest, WorkflowTest};
use crate::id::{LabelId, MemberId, StateId, TeamId, WorkflowId};
use jiff::tz::TimeZone;

/// What a test of a thing is, as a text says it.
pub(super) enum Said<'a, I> {
    /// Of its id.
    Id(&'a Compare<I>),
    /// Of a text of it; the part of the field that names the text.
    Text(&'static str, &'a TextTest),
    /// Whether it is who asks.
    Me(bool),
}

/// Something that has an id and texts to be found by.
pub(super) trait Thing: Sized {
    /// Its id.
    type Id: Value;
    /// The texts it is found by, the usual one first.
    const TEXTS: &'static [(&'static str, NameKind)];
    /// Whether it can be who asks.
    const CAN_BE_ME: bool = false;

    /// The test of an id.
    fn of_id(compare: Compare<Self::Id>) -> Self;

    /// The test of one of the texts.
    fn of_text(part: &str, test: TextTest) -> Self;

    /// The test whether it is who asks; none if it cannot be.
    fn of_me(_: bool) -> Option<Self> {
        None
    }

    /// What it is.
    fn said(&self) -> Said<'_, Self::Id>;
}

/// How one value names a thing.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sort {
    Absence(bool),
    Me,
    Id,
    Text(&'static str),
}

fn sort<T: Thing>(item: &Item<'_>) -> Sort {
    let usual = Sort::Text(T::TEXTS.first().map_or("", |(part, _)| part));
    let Some(atom) = item.whole.as_ref().filter(|atom| !atom.quoted) else { return usual };
    let says = |word: &str| atom.text.eq_ignore_ascii_case(word);
    match &*atom.text {
        _ if says("none") => Sort::Absence(true),
        _ if says("any") => Sort::Absence(false),
        _ if T::CAN_BE_ME && (says("me") || says("@me")) => Sort::Me,
        text if T::Id::read(text).is_ok() => Sort::Id,
        text if T::CAN_BE_ME && text.contains('@') => Sort::Text("email"),
        _ => usual,
    }
}

/// Whether an item is a range of ids.
fn is_id_range<T: Thing>(item: &Item<'_>) -> bool {
    let Some((first, last)) = &item.range else { return false };
    let mut ends = first.iter().chain(last).filter(|atom| !atom.quoted).peekable();
    ends.peek().is_some() && ends.all(|atom| T::Id::read(&atom.text).is_ok())
}

/// Reads the tests of a thing.
pub(super) fn read_thing<T: Thing>(reader: &mut Reader<'_>, asked: &Asked<'_>) -> Read<Vec<T>> {
    if let Some(part) = asked.part {
        return read_part(reader, asked, part).map(|test| vec![test]);
    }
    if asked.sign.is_order() || asked.values.single().is_some_and(is_id_range::<T>) {
        return read_compare(reader, asked).map(|compare| vec![T::of_id(compare)]);
    }
    if !(asked.sign.is_equal() || asked.sign.relation == Relation::IsNot) {
        return read_named(reader, asked, None).map(|test| vec![test]);
    }
    let mut sorts: Vec<Sort> = Vec::new();
    for kind in asked.values.items.iter().map(sort::<T>) {
        if !sorts.contains(&kind) {
            sorts.push(kind);
        }
    }
    if sorts.is_empty() {
        return read_named(reader, asked, None).map(|test| vec![test]);
    }
    let mixed = sorts.len() > 1;
    let tests = sorts.into_iter().map(|kind| {
        let same = |item: &&Item<'_>| sort::<T>(item) == kind;
        let items: Vec<Item<'_>> = asked.values.items.iter().filter(same).cloned().collect();
        let listed = if mixed { items.len() > 1 } else { asked.values.listed };
        let values = Values { items, listed, place: asked.values.place.clone() };
        read_sort(reader, &Asked { values, ..asked.clone() }, kind)
    });
    tests.collect()
}

/// Reads values that all name a thing in one way.
fn read_sort<T: Thing>(reader: &mut Reader<'_>, asked: &Asked<'_>, kind: Sort) -> Read<T> {
    let equal = asked.sign.is_equal();
    match kind {
        Sort::Absence(missing) => Ok(T::of_id(Compare::Null(missing == equal))),
        Sort::Me => match T::of_me(equal) {
            Some(test) => Ok(test),
            None => reader.refuse_plainly(asked.values.place.clone(), "`me` cannot stand here"),
        },
        Sort::Id => read_compare(reader, asked).map(T::of_id),
        Sort::Text(part) => read_named(reader, asked, Some(part)),
    }
}

/// Reads a test behind a dot: everything is then taken as it is.
fn read_part<T: Thing>(reader: &mut Reader<'_>, asked: &Asked<'_>, part: &str) -> Read<T> {
    if part.eq_ignore_ascii_case("id") {
        return read_compare(reader, asked).map(T::of_id);
    }
    match T::TEXTS.iter().find(|(known, _)| known.eq_ignore_ascii_case(part)) {
        Some((known, _)) => read_named(reader, asked, Some(known)),
        None => {
            let parts = || T::TEXTS.iter().map(|(known, _)| *known).chain(["id"]);
            let message = format!(
                "`{}` has no part `{part}`, only {}",
                asked.field,
                parts().collect::<Vec<_>>().join(", ")
            );
            let near = nearest(part, parts());
            let sign = asked.sign.as_str();
            let suggestions = near.iter().map(|part| format!("{}.{part}{sign}", asked.field)).collect();
            reader.refuse(asked.head(), Wrong { message, suggestions })
        }
    }
}

/// Reads a test of a text: of this part, or of the usual one.
fn read_named<T: Thing>(reader: &mut Reader<'_>, asked: &Asked<'_>, part: Option<&'static str>) -> Read<T> {
    let known = part.and_then(|part| T::TEXTS.iter().find(|(known, _)| *known == part)).or(T::TEXTS.first());
    let test = read_text(reader, asked, Relation::Is)?;
    if let Some((_, kind)) = known {
        for atom in asked.values.items.iter().filter_map(|item| item.whole.as_ref()) {
            reader.mention(*kind, atom);
        }
    }
    Ok(T::of_text(known.map_or("", |(part, _)| part), test))
}

/// A name as a value: in quotes when it could be read as something else.
fn name<T: Thing>(text: &str) -> String {
    let is_word = ["none", "any", "me", "@me"].iter().any(|word| text.eq_ignore_ascii_case(word));
    let other = is_word || T::Id::read(text).is_ok() || (T::CAN_BE_ME && text.contains('@'));
    if other { scan::quote(text) } else { scan::value(text) }
}

/// The name of a thing as a value, for completions.
pub(super) fn write_name<T: Thing>(text: &str) -> String {
    name::<T>(text)
}

/// Writes a test of a thing behind the name of its field.
fn write_thing<T: Thing>(thing: &T) -> Written {
    match thing.said() {
        Said::Id(compare) => {
            let nothing = matches!(compare, Compare::In(ids) | Compare::Nin(ids) if ids.is_empty());
            Written { part: if nothing { ".id" } else { "" }, ..write_compare(compare) }
        }
        Said::Text(part, test) if is_usual::<T>(part) => write_text(test, Relation::Is, name::<T>),
        Said::Text(part, test) => {
            let part = if part == "email" { ".email" } else { ".name" };
            Written { part, ..write_text(test, Relation::Is, scan::value) }
        }
        Said::Me(is) => Written::of(if is { Sign::HAS } else { Sign::IS_NOT }, "me".to_owned()),
    }
}

fn is_usual<T: Thing>(part: &str) -> bool {
    T::TEXTS.first().is_some_and(|(usual, _)| *usual == part)
}

/// What tests of a thing are called inside parentheses: `name`, `email`, `id`, `me`.
pub(super) fn element_names<T: Thing>() -> Vec<&'static str> {
    let me = T::CAN_BE_ME.then_some("me");
    T::TEXTS.iter().map(|(part, _)| *part).chain(["id"]).chain(me).collect()
}

/// Reads a test of a thing inside parentheses.
pub(super) fn read_element<T: Thing>(reader: &mut Reader<'_>, asked: &Asked<'_>) -> Read<T> {
    let names = element_names::<T>();
    let Some(name) = names.iter().find(|name| name.eq_ignore_ascii_case(asked.field)) else {
        let message = format!("`{}` cannot stand here, only {}", asked.field, names.join(", "));
        let near =
            nearest(asked.field, names).iter().map(|name| format!("{name}{}", asked.sign.as_str())).collect();
        return reader.refuse(asked.head(), Wrong { message, suggestions: near });
    };
    refuse_part(reader, asked)?;
    if *name != "me" {
        return read_part(reader, asked, name);
    }
    match T::of_me(read_flag(reader, asked)?) {
        Some(test) => Ok(test),
        None => reader.refuse_plainly(asked.place.clone(), "`me` cannot stand here"),
    }
}

/// Writes a test of a thing inside parentheses.
pub(super) fn write_element<T: Thing>(thing: &T) -> String {
    match thing.said() {
        Said::Id(compare) => write_compare(compare).say("id"),
        Said::Text(part, test) => write_text(test, Relation::Is, scan::value).say(part),
        Said::Me(is) => format!("me:{}", if is { "yes" } else { "no" }),
    }
}

/// Reads `yes` or `no`.
pub(super) fn read_flag(reader: &mut Reader<'_>, asked: &Asked<'_>) -> Read<bool> {
    let word = asked.values.word().unwrap_or_default();
    let flag = flag(word).filter(|_| asked.sign.is_equal() || asked.sign.relation == Relation::IsNot);
    match flag {
        Some(flag) => Ok(flag == asked.sign.is_equal()),
        None => {
            let wrong = Wrong { message: "`yes` or `no` is wanted here".to_owned(), suggestions: Vec::new() };
            reader.refuse(asked.values.place.clone(), wrong.or(vec!["yes".to_owned(), "no".to_owned()]))
        }
    }
}

/// What `yes` and `no` mean.
pub(super) fn flag(word: &str) -> Option<bool> {
    let is = |words: [&str; 2]| words.iter().any(|known| word.eq_ignore_ascii_case(known));
    if is(["yes", "true"]) {
        return Some(true);
    }
    is(["no", "false"]).then_some(false)
}

macro_rules! things {
    ($($name:ident $id:ident [$($part:literal $kind:ident $variant:ident),*] $($me:ident)?;)*) => {$(
        impl Thing for $name {
            type Id = $id;
            const TEXTS: &'static [(&'static str, NameKind)] = &[$(($part, NameKind::$kind)),*];
            $(const CAN_BE_ME: bool = true;

            fn of_me(is: bool) -> Option<Self> {
                Some(Self::$me(is))
            })?

            fn of_id(compare: Compare<$id>) -> Self {
                Self::Id(compare)
            }

            fn of_text(part: &str, test: TextTest) -> Self {
                $(if part == $part {
                    return Self::$variant(test);
                })*
                Self::Name(test)
            }

            fn said(&self) -> Said<'_, $id> {
                match self {
                    Self::Id(compare) => Said::Id(compare),
                    $(Self::$variant(test) => Said::Text($part, test),)*
                    $(Self::$me(is) => Said::Me(*is),)?
                }
            }
        }

        impl Subject for $name {
            fn read_all(reader: &mut Reader<'_>, asked: &Asked<'_>) -> Read<Vec<Self>> {
                read_thing(reader, asked)
            }

            fn write(&self, _: &TimeZone) -> Written {
                write_thing(self)
            }
        }
    )*};
}

things! {
    StateTest StateId ["name" State Name];
    TeamTest TeamId ["key" TeamKey Key, "name" Team Name];
    MemberTest MemberId ["name" Member Name, "email" Email Email] Me;
    LabelTest LabelId ["name" Label Name];
    WorkflowTest WorkflowId ["name" Workflow Name];
}
