//! Tests of the past in text: `was:state=done`, `changed:(state from:todo to:done during:-2w.. by:me)`.
//!
//! One form covers all: in parentheses the field first, then when and by whom. How the past is looked up is not known.

use super::compare::{Subject, Written};
use super::field::{self, Kind, PAST};
use super::problem::{Wrong, clipped, nearest};
use super::reader::{Asked, Read, Reader, Refused};
use super::scan::{Head, Start};
use super::sign::{Relation, Sign};
use crate::filter::{Compare, Filter, HistoryTest, MemberTest, PastChange, Test, Was, When};
use jiff::tz::TimeZone;

/// What can stand inside the parentheses besides a field.
pub(super) const CLAUSES: [&str; 4] = ["from", "to", "during", "by"];

/// What was read of a test of the past.
#[derive(Default)]
struct Clauses<'t> {
    field: Option<Kind>,
    had: Option<Asked<'t>>,
    from: Option<Asked<'t>>,
    to: Option<Asked<'t>>,
    during: Option<Asked<'t>>,
    by: Option<Asked<'t>>,
}

/// Reads a test of the past: of what `changed`, or of what was.
pub(super) fn read<'t>(reader: &mut Reader<'t>, head: &Head<'t>, changed: bool) -> Read<Filter> {
    reader.scan.at = head.value;
    let is_plain = head.sign.is_equal() && head.part.is_none();
    let clauses = if reader.scan.take("(") {
        reader.group(head.value, |reader| clauses(reader, changed))?
    } else {
        let mut one = Clauses::default();
        if matches!(reader.scan.next(), Start::End | Start::Close)
            || reader.scan.peek().is_some_and(char::is_whitespace)
        {
            let example = if changed { "changed:state" } else { "was:state=done" };
            return reader.refuse_plainly(
                head.start..head.value,
                format!("a field is missing here, as in `{example}`"),
            );
        }
        clause(reader, changed, &mut one).map(|()| one)
    }?;
    let place = head.start..reader.scan.at;
    if !is_plain {
        return reader.refuse_plainly(place, "only `:` can stand here");
    }
    let Some(field) = clauses.field else {
        return reader.refuse_plainly(place, "a field is missing here, as in `was:(state=done by:me)`");
    };
    let change = match field {
        Kind::State => was(reader, &clauses, changed).map(PastChange::State),
        Kind::Category => was(reader, &clauses, changed).map(PastChange::Category),
        Kind::Priority => was(reader, &clauses, changed).map(PastChange::Priority),
        Kind::Type => was(reader, &clauses, changed).map(PastChange::Kind),
        Kind::Resolution => was(reader, &clauses, changed).map(PastChange::Resolution),
        Kind::Assignee => was(reader, &clauses, changed).map(PastChange::Assignee),
        _ => was(reader, &clauses, changed).map(PastChange::Label),
    };
    let during = part::<Compare<When>>(reader, clauses.during.as_ref());
    let by = part::<MemberTest>(reader, clauses.by.as_ref());
    Ok(Test::History(HistoryTest { change: change?, during: during?, by: by? }).into())
}

fn part<T: Subject>(reader: &mut Reader<'_>, asked: Option<&Asked<'_>>) -> Read<Option<T>> {
    asked.map(|asked| T::read(reader, asked)).transpose()
}

fn was<T: Subject>(reader: &mut Reader<'_>, clauses: &Clauses<'_>, changed: bool) -> Read<Was<T>> {
    if changed {
        let (from, to) = (part(reader, clauses.from.as_ref()), part(reader, clauses.to.as_ref()));
        return Ok(Was::Changed { from: from?, to: to? });
    }
    match part(reader, clauses.had.as_ref())? {
        Some(had) => Ok(Was::Had(had)),
        None => Err(Refused),
    }
}

/// Reads what stands inside the parentheses.
fn clauses<'t>(reader: &mut Reader<'t>, changed: bool) -> Read<Clauses<'t>> {
    let mut clauses = Clauses::default();
    let mut refused = false;
    loop {
        reader.scan.skip_blanks();
        if matches!(reader.scan.next(), Start::End | Start::Close) {
            return if refused { Err(Refused) } else { Ok(clauses) };
        }
        refused |= clause(reader, changed, &mut clauses).is_err();
    }
}

fn clause<'t>(reader: &mut Reader<'t>, changed: bool, clauses: &mut Clauses<'t>) -> Read<()> {
    let start = reader.scan.at;
    let next = reader.scan.next();
    if let Start::Word(end) = next {
        let name = reader.scan.slice(start, end);
        if let Some(kind) = past(name).filter(|_| changed && clauses.field.is_none()) {
            reader.scan.at = end;
            clauses.field = Some(kind);
            return Ok(());
        }
    }
    let Start::Head(head) = next else {
        return reader.refuse_next(|said| format!("`{said}` cannot stand here, only {}", allowed(changed)));
    };
    let asked = reader.asked(&head)?;
    let place = asked.place.clone();
    let clause = match head.name.to_ascii_lowercase().as_str() {
        "from" if changed => &mut clauses.from,
        "to" if changed => &mut clauses.to,
        "during" => &mut clauses.during,
        "by" => &mut clauses.by,
        _ => match past(head.name) {
            Some(_) if changed => return refuse_value(reader, &asked),
            Some(kind) => {
                clauses.field.get_or_insert(kind);
                &mut clauses.had
            }
            None => return refuse_name(reader, &asked, changed),
        },
    };
    if clause.replace(asked).is_none() {
        return Ok(());
    }
    reader.refuse_plainly(
        place,
        "this stands here twice: write another test, with `OR` or a blank between them",
    )
}

fn past(name: &str) -> Option<Kind> {
    field::find(name).map(|field| field.kind).filter(|kind| PAST.contains(kind))
}

fn allowed(changed: bool) -> String {
    let fields = PAST.map(field::name_of).join(", ");
    if changed {
        format!("{fields}; then from:, to:, during:, by:")
    } else {
        format!("{fields}; then during:, by:")
    }
}

fn refuse_value(reader: &mut Reader<'_>, asked: &Asked<'_>) -> Read<()> {
    let said = reader.scan.slice(asked.values.place.start, asked.values.place.end);
    let suggestion = format!("({} to{}{said})", asked.field, asked.sign.as_str());
    let message = "what it changed to stands behind `to:`, what it changed from behind `from:`".to_owned();
    reader.refuse(asked.place.clone(), Wrong { message, suggestions: vec![suggestion] })
}

fn refuse_name(reader: &mut Reader<'_>, asked: &Asked<'_>, changed: bool) -> Read<()> {
    let message =
        format!("`{}` has no past that can be asked for, only {}", clipped(asked.field), allowed(changed));
    let suggestions = nearest(asked.field, PAST.map(field::name_of).into_iter().chain(CLAUSES));
    let place = asked.place.start..asked.place.start + asked.field.len();
    reader.refuse(place, Wrong { message, suggestions })
}

/// Writes a test of the past behind the name of its field.
pub(super) fn write(test: &HistoryTest, zone: &TimeZone) -> (Kind, Written) {
    let (changed, mut clauses) = match &test.change {
        PastChange::State(was) => change(Kind::State, was, zone),
        PastChange::Category(was) => change(Kind::Category, was, zone),
        PastChange::Priority(was) => change(Kind::Priority, was, zone),
        PastChange::Kind(was) => change(Kind::Type, was, zone),
        PastChange::Resolution(was) => change(Kind::Resolution, was, zone),
        PastChange::Assignee(was) => change(Kind::Assignee, was, zone),
        PastChange::Label(was) => change(Kind::Label, was, zone),
    };
    clauses.extend(test.during.as_ref().map(|during| during.write(zone).say("during")));
    clauses.extend(test.by.as_ref().map(|by| by.write(zone).say("by")));
    let value = if clauses.len() == 1 { clauses.concat() } else { format!("({})", clauses.join(" ")) };
    (if changed { Kind::Changed } else { Kind::Was }, Written::of(Sign::HAS, value))
}

fn change<T: Subject>(kind: Kind, was: &Was<T>, zone: &TimeZone) -> (bool, Vec<String>) {
    let name = field::name_of(kind);
    match was {
        Was::Had(test) => {
            let written = test.write(zone);
            // `was:state=done` reads better than two colons.
            let sign = if written.sign.relation == Relation::Has { Sign::IS } else { written.sign };
            (false, vec![Written { sign, ..written }.say(name)])
        }
        Was::Changed { from, to } => {
            let mut clauses = vec![name.to_owned()];
            clauses.extend(from.as_ref().map(|from| from.write(zone).say("from")));
            clauses.extend(to.as_ref().map(|to| to.write(zone).say("to")));
            (true, clauses)
        }
    }
}
