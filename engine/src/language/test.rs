//! From a field to its test and back: which field is read and written by whom.

use super::compare::{Subject, Written, read_compare, refuse_part, write_compare};
use super::expression::all;
use super::field::{self, Field, Kind};
use super::format::Formatter;
use super::history;
use super::many::{read_count, read_things, write_count, write_quantified, write_things};
use super::names::{flag, read_flag};
use super::order;
use super::problem::{Wrong, clipped, nearest};
use super::reader::{Asked, Read, Reader};
use super::relation::{read_issues, read_parent, write_issues, write_parent};
use super::scan::{self, Head};
use super::shorthand;
use super::sign::{Relation, Sign};
use super::text::{read_text, write_text};
use super::times::read_times;
use super::value::Letters;
use crate::filter::{
    CommentTest, Compare, Filter, LabelTest, Many, MemberTest, SourceTest, StateTest, Test, TextSearch,
    TimeField,
};

impl<'t> Reader<'t> {
    /// Reads what is asked of a field; none when it is the order of the list.
    pub(super) fn test(&mut self, head: &Head<'t>) -> Read<Option<Filter>> {
        self.scan.at = head.value;
        let Some(field) = field::find(head.name) else {
            self.skip_values();
            return self.refuse_field(head);
        };
        match field.kind {
            Kind::Sort => order::read(self, head).map(|()| None),
            Kind::Was | Kind::Changed => history::read(self, head, field.kind == Kind::Changed).map(Some),
            Kind::Parent => read_parent(self, head).map(Some),
            Kind::Children => read_issues(self, head).map(|many| Some(Test::Children(many).into())),
            Kind::Related(link) => read_issues(self, head).map(|many| Some(Test::Related(link, many).into())),
            Kind::Comments => read_comments(self, head).map(Some),
            Kind::Assignee => {
                let many = read_things::<MemberTest>(self, head)?;
                Ok(Some(joined(many.into_iter().map(Test::Assignees), head.sign)))
            }
            Kind::Label => {
                let many = read_things::<LabelTest>(self, head)?;
                Ok(Some(joined(many.into_iter().map(Test::Labels), head.sign)))
            }
            Kind::Participant => {
                let many = read_things::<MemberTest>(self, head)?;
                Ok(Some(joined(many.into_iter().map(Test::Participants), head.sign)))
            }
            Kind::Approval => {
                let many = read_things::<StateTest>(self, head)?;
                Ok(Some(joined(many.into_iter().map(Test::Approvals), head.sign)))
            }
            Kind::Commenter => {
                let many = read_things::<MemberTest>(self, head)?;
                Ok(Some(joined(many.into_iter().map(|many| Test::Comments(authors(many))), head.sign)))
            }
            _ => {
                let asked = self.asked(head)?;
                read_plain(self, field, &asked).map(Some)
            }
        }
    }

    fn refuse_field<T>(&mut self, head: &Head<'t>) -> Read<T> {
        let name = self.scan.slice(head.start, head.end);
        let message = format!("`{}` is no field: put this in quotes to search for it", clipped(name));
        let suggestions = nearest(head.name, field::names());
        self.refuse(head.start..head.end, Wrong { message, suggestions })
    }
}

/// Tests of which one must pass, or all, if the sign is negative.
fn joined(tests: impl Iterator<Item = Test>, sign: Sign) -> Filter {
    let tests: Vec<Filter> = tests.map(Filter::from).collect();
    if sign.is_negative() || tests.len() == 1 { all(tests) } else { Filter::Any(tests) }
}

/// Reads a field whose values stand in no parentheses of their own.
fn read_plain(reader: &mut Reader<'_>, field: &Field, asked: &Asked<'_>) -> Read<Filter> {
    let sign = asked.sign;
    let test = match field.kind {
        Kind::State => {
            return Ok(joined(Subject::read_all(reader, asked)?.into_iter().map(Test::State), sign));
        }
        Kind::Team => return Ok(joined(Subject::read_all(reader, asked)?.into_iter().map(Test::Team), sign)),
        Kind::Workflow => {
            return Ok(joined(Subject::read_all(reader, asked)?.into_iter().map(Test::Workflow), sign));
        }
        Kind::Creator => {
            return Ok(joined(Subject::read_all(reader, asked)?.into_iter().map(Test::Creator), sign));
        }
        Kind::Assignees => Test::Assignees(read_how_many(reader, asked, "assignee")?),
        Kind::Labels => Test::Labels(read_how_many(reader, asked, "label")?),
        Kind::Participants => Test::Participants(read_how_many(reader, asked, "participant")?),
        Kind::Approvals => Test::Approvals(read_how_many(reader, asked, "approval")?),
        Kind::WorkflowVersion => Test::WorkflowVersion(Subject::read(reader, asked)?),
        Kind::Version => Test::Version(Subject::read(reader, asked)?),
        Kind::Category => Test::Category(Subject::read(reader, asked)?),
        Kind::Priority => Test::Priority(Subject::read(reader, asked)?),
        Kind::Type => Test::Kind(Subject::read(reader, asked)?),
        Kind::Resolution => Test::Resolution(Subject::read(reader, asked)?),
        Kind::Key => Test::Key(Subject::read(reader, asked)?),
        Kind::Id => Test::Id(Subject::read(reader, asked)?),
        Kind::Number => Test::Number(Subject::read(reader, asked)?),
        Kind::Estimate => Test::Estimate(Subject::read(reader, asked)?),
        Kind::Reopened => Test::Reopened(Subject::read(reader, asked)?),
        Kind::Date(date) => Test::Date(date, Subject::read(reader, asked)?),
        Kind::Duration(duration) => Test::Duration(duration, Subject::read(reader, asked)?),
        Kind::Time(time) => return read_time(reader, time, asked),
        Kind::Source if asked.part.is_some_and(|part| part.eq_ignore_ascii_case("id")) => {
            let ids = read_compare::<Letters>(reader, asked)?;
            Test::Source(SourceTest::Id(ids.map(|id| id.0.clone())))
        }
        _ => {
            refuse_part(reader, asked)?;
            return read_word(reader, field, asked);
        }
    };
    Ok(test.into())
}

/// Reads a field whose values are words or texts of its own.
fn read_word(reader: &mut Reader<'_>, field: &Field, asked: &Asked<'_>) -> Read<Filter> {
    let test = match field.kind {
        Kind::Title => Test::Title(read_text(reader, asked, Relation::Contains)?),
        Kind::Description => Test::Described(read_description(reader, asked)?),
        Kind::Source => Test::Source(read_source(reader, asked)?),
        Kind::Confidential => Test::Confidential(read_flag(reader, asked)?),
        Kind::Rank => Test::Rank(read_compare::<Letters>(reader, asked)?.map(|rank| rank.0.clone())),
        Kind::Text => Test::Text(read_search(reader, asked)?),
        _ => return read_shorthand(reader, asked),
    };
    Ok(test.into())
}

/// `labels:bug` counts, and was hardly meant to.
fn read_how_many<T>(reader: &mut Reader<'_>, asked: &Asked<'_>, singular: &str) -> Read<Many<T>> {
    let first = asked.values.items.first().and_then(|item| item.whole.as_ref());
    let counts = ["none", "any", "missing", "present"];
    let is_count = first.is_none_or(|atom| {
        atom.text.contains(|c: char| c.is_ascii_digit())
            || counts.iter().any(|word| atom.text.eq_ignore_ascii_case(word))
    });
    if is_count {
        return read_count(reader, asked);
    }
    let message = format!("`{}` wants a number: write `{singular}` for a name", asked.field);
    reader.refuse(
        asked.head(),
        Wrong { message, suggestions: vec![format!("{singular}{}", asked.sign.as_str())] },
    )
}

fn read_time(reader: &mut Reader<'_>, time: TimeField, asked: &Asked<'_>) -> Read<Filter> {
    let is_flag = asked.part.is_none() && asked.values.word().is_some_and(|word| flag(word).is_some());
    match time {
        TimeField::Archived if is_flag => {
            return read_flag(reader, asked).map(|is| Test::Archived(is).into());
        }
        TimeField::Deleted if is_flag => return read_flag(reader, asked).map(|is| Test::Deleted(is).into()),
        _ => {}
    }
    let (compare, negated) = read_times(reader, asked)?;
    let filter = Filter::from(Test::Time(time, compare));
    Ok(if negated { Filter::Not(Box::new(filter)) } else { filter })
}

fn read_description(reader: &mut Reader<'_>, asked: &Asked<'_>) -> Read<bool> {
    let words = [("any", true), ("none", false), ("yes", true), ("no", false)];
    let word = asked.values.word().unwrap_or_default();
    let known = words.iter().find(|(known, _)| word.eq_ignore_ascii_case(known));
    match known.filter(|_| asked.sign.is_equal() || asked.sign.relation == Relation::IsNot) {
        Some((_, there)) => Ok(*there == asked.sign.is_equal()),
        None => {
            let message =
                "only `any` or `none` can stand here: for what a description says, write `text:`".to_owned();
            let suggestions = vec!["any".to_owned(), "none".to_owned()];
            reader.refuse(asked.values.place.clone(), Wrong { message, suggestions })
        }
    }
}

fn read_source(reader: &mut Reader<'_>, asked: &Asked<'_>) -> Read<SourceTest> {
    let word = asked.values.word().unwrap_or_default();
    let absence = word.eq_ignore_ascii_case("none") || word.eq_ignore_ascii_case("any");
    if absence && (asked.sign.is_equal() || asked.sign.relation == Relation::IsNot) {
        return Ok(SourceTest::Null(word.eq_ignore_ascii_case("none") == asked.sign.is_equal()));
    }
    read_text(reader, asked, Relation::Is).map(SourceTest::System)
}

/// Words to search for behind `text:`, commas and all.
fn read_search(reader: &mut Reader<'_>, asked: &Asked<'_>) -> Read<TextSearch> {
    if asked.sign.relation != Relation::Has && asked.sign.relation != Relation::Contains {
        let message = format!("`{}` cannot stand here: texts are searched with `text:`", asked.sign.as_str());
        return reader.refuse(asked.head(), Wrong { message, suggestions: vec!["text:".to_owned()] });
    }
    let text = match asked.values.single().and_then(|item| item.whole.as_ref()) {
        Some(atom) => atom.text.clone().into_owned(),
        None => reader.scan.slice(asked.values.place.start, asked.values.place.end).to_owned(),
    };
    let search = TextSearch { text };
    reader.searches.push((search.clone(), asked.values.place.clone()));
    Ok(search)
}

fn read_shorthand(reader: &mut Reader<'_>, asked: &Asked<'_>) -> Read<Filter> {
    let Some(word) = asked.values.word().filter(|_| asked.sign.is_equal()) else {
        let message = "`is:` wants one word; write `-is:` for the opposite";
        return reader.refuse_plainly(asked.place.clone(), message);
    };
    let filter = shorthand::read(word);
    reader.check(asked.values.place.clone(), filter)
}

/// Comments of which one is by somebody, or none.
fn authors(many: Many<MemberTest>) -> Many<CommentTest> {
    let of = |tests: Vec<MemberTest>| tests.into_iter().map(CommentTest::Author).collect();
    match many {
        Many::Some(tests) => Many::Some(of(tests)),
        Many::Every(tests) => Many::Every(of(tests)),
        Many::None(tests) => Many::None(of(tests)),
        Many::Length(compare) => Many::Length(compare),
    }
}

fn read_comments<'t>(reader: &mut Reader<'t>, head: &Head<'t>) -> Read<Filter> {
    let names = ["author", "created"];
    let many = match reader.quantified(head, |reader| reader.elements(&names, read_comment)) {
        Some(many) => many?,
        None => {
            let asked = reader.asked(head)?;
            read_count(reader, &asked)?
        }
    };
    Ok(Test::Comments(many).into())
}

fn read_comment(reader: &mut Reader<'_>, asked: &Asked<'_>) -> Read<CommentTest> {
    match asked.field.to_ascii_lowercase().as_str() {
        "author" | "by" => Subject::read(reader, asked).map(CommentTest::Author),
        "created" | "at" => Subject::read(reader, asked).map(CommentTest::Created),
        other => {
            let message = format!("`{}` cannot stand here, only author, created", clipped(asked.field));
            let near = nearest(other, ["author", "created"]);
            reader.refuse(asked.head(), Wrong { message, suggestions: near })
        }
    }
}

impl Formatter<'_> {
    /// A test as text.
    pub(super) fn test(&self, test: &Test) -> String {
        if let Some(word) = shorthand::write(test) {
            return format!("is:{word}");
        }
        match test {
            Test::Key(compare @ Compare::Eq(_)) => {
                let key = compare.write(self.zone);
                let bare = matches!(scan::Scanner::new(&key.value).next(), scan::Start::Key(_));
                if bare { key.value } else { key.say("key") }
            }
            Test::Text(search) => match scan::pieces(&search.text) {
                Some(_) => search.text.clone(),
                None => format!("text:{}", scan::value(&search.text)),
            },
            // It stands in no filter that is asked or kept; what is not prepared passes nothing.
            Test::Looked(_) => "any()".to_owned(),
            test => {
                let (kind, written) = self.written(test);
                written.say(field::name_of(kind))
            }
        }
    }

    fn written(&self, test: &Test) -> (Kind, Written) {
        let zone = self.zone;
        match test {
            Test::Id(compare) => (Kind::Id, compare.write(zone)),
            Test::Key(compare) => (Kind::Key, compare.write(zone)),
            Test::Number(compare) => (Kind::Number, compare.write(zone)),
            Test::Team(team) => (Kind::Team, team.write(zone)),
            Test::State(state) => (Kind::State, state.write(zone)),
            Test::Category(compare) => (Kind::Category, compare.write(zone)),
            Test::Kind(compare) => (Kind::Type, compare.write(zone)),
            Test::Priority(compare) => (Kind::Priority, compare.write(zone)),
            Test::Resolution(compare) => (Kind::Resolution, compare.write(zone)),
            Test::Assignees(Many::Length(count)) => (Kind::Assignees, write_count(count)),
            Test::Assignees(many) => (Kind::Assignee, write_things(many, zone)),
            Test::Creator(member) => (Kind::Creator, member.write(zone)),
            Test::Labels(Many::Length(count)) => (Kind::Labels, write_count(count)),
            Test::Labels(many) => (Kind::Label, write_things(many, zone)),
            Test::Parent(parent) => (Kind::Parent, write_parent(parent, self)),
            Test::Children(many) => (Kind::Children, write_issues(many, self)),
            Test::Related(link, many) => (Kind::Related(*link), write_issues(many, self)),
            Test::Comments(many) => {
                let comment = |test: &CommentTest| match test {
                    CommentTest::Author(member) => member.write(zone).say("author"),
                    CommentTest::Created(compare) => compare.write(zone).say("created"),
                };
                let inside = |tests: &[CommentTest]| tests.iter().map(comment).collect::<Vec<_>>().join(" ");
                (Kind::Comments, write_quantified(many, inside))
            }
            Test::Estimate(compare) => (Kind::Estimate, compare.write(zone)),
            Test::Reopened(compare) => (Kind::Reopened, compare.write(zone)),
            Test::Time(time, compare) => (Kind::Time(*time), compare.write(zone)),
            Test::Date(date, compare) => (Kind::Date(*date), compare.write(zone)),
            Test::Duration(duration, compare) => (Kind::Duration(*duration), compare.write(zone)),
            Test::Title(text) => (Kind::Title, write_text(text, Relation::Contains, scan::value)),
            Test::Described(there) => (Kind::Description, word(if *there { "any" } else { "none" })),
            Test::Source(SourceTest::Null(true)) => (Kind::Source, word("none")),
            Test::Source(SourceTest::Null(false)) => (Kind::Source, word("any")),
            Test::Source(SourceTest::System(text)) => (Kind::Source, write_text(text, Relation::Is, system)),
            Test::Source(SourceTest::Id(ids)) => {
                let written = write_compare(&ids.map(|id| Letters(id.clone())));
                (Kind::Source, Written { part: ".id", ..written })
            }
            Test::Archived(is) => (Kind::Time(TimeField::Archived), word(if *is { "yes" } else { "no" })),
            Test::Deleted(is) => (Kind::Time(TimeField::Deleted), word(if *is { "yes" } else { "no" })),
            Test::Confidential(is) => (Kind::Confidential, word(if *is { "yes" } else { "no" })),
            Test::Participants(Many::Length(count)) => (Kind::Participants, write_count(count)),
            Test::Participants(many) => (Kind::Participant, write_things(many, zone)),
            Test::Workflow(workflow) => (Kind::Workflow, workflow.write(zone)),
            Test::WorkflowVersion(compare) => (Kind::WorkflowVersion, compare.write(zone)),
            Test::Approvals(Many::Length(count)) => (Kind::Approvals, write_count(count)),
            Test::Approvals(many) => (Kind::Approval, write_things(many, zone)),
            Test::Rank(ranks) => (Kind::Rank, write_compare(&ranks.map(|rank| Letters(rank.clone())))),
            Test::Version(compare) => (Kind::Version, compare.write(zone)),
            Test::History(history) => history::write(history, zone),
            Test::Text(search) => (Kind::Text, word(&scan::value(&search.text))),
            Test::Looked(_) => (Kind::Is, word("")),
        }
    }
}

fn word(word: &str) -> Written {
    Written::of(Sign::HAS, word.to_owned())
}

/// The name of a system as a value: in quotes when it could be read as something else.
fn system(text: &str) -> String {
    let is_word = text.eq_ignore_ascii_case("none") || text.eq_ignore_ascii_case("any");
    if is_word { scan::quote(text) } else { scan::value(text) }
}
