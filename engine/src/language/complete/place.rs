//! Where a cursor is: at a field, or at a value of which one.
//!
//! It reads from the beginning without recursion, so that any text has a place; what is wrong with it does not matter.

use super::super::field::{self, Kind};
use super::super::scan::{Head, Scanner, Start, ends_value};
use super::super::sign::Sign;
use super::super::unknown::NameKind;

/// What stands in a pair of parentheses.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in super::super) enum Scope {
    /// Tests of issues.
    Issues,
    /// Tests of a member.
    Member,
    /// Tests of a label.
    Label,
    /// Tests of a state.
    State,
    /// Tests of a comment.
    Comment,
    /// Tests of the past: of what changed, or of what was; of this field.
    Past { changed: bool, field: Option<Kind> },
}

/// What a value is of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in super::super) enum Wanted {
    /// A value of a field.
    Field(Kind),
    /// A name, and nothing else.
    Name(NameKind),
    /// An instant.
    Time,
    /// `yes` or `no`.
    Flag,
    /// Nothing that could be offered.
    Nothing,
}

/// Where a cursor is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Slot {
    /// At the beginning of a test.
    Item(Scope),
    /// At a value.
    Value(Wanted),
}

/// A slot, and where in the text it begins.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Place {
    pub(super) slot: Slot,
    pub(super) start: usize,
}

impl Place {
    /// Whether a key of an order is wanted, before which a sign may stand.
    pub(super) fn is_order(&self) -> bool {
        self.slot == Slot::Value(Wanted::Field(Kind::Sort))
    }

    /// Bytes of what stands behind the cursor and is replaced too: the rest of a value, of a field and its sign.
    pub(super) fn rest(&self, behind: &str, quoted: bool) -> usize {
        let until = |ends: fn(char) -> bool| behind.find(ends).unwrap_or(behind.len());
        match self.slot {
            _ if quoted => usize::from(behind.starts_with('"')),
            Slot::Value(_) => until(ends_value),
            Slot::Item(_) => {
                let name = until(|c| !(c.is_alphanumeric() || matches!(c, '_' | '.')));
                name + behind.get(name..).and_then(Sign::read).map_or(0, |(_, length)| length)
            }
        }
    }
}

/// Whether the text goes on behind what was read; at its end, whether something can be offered.
enum Step {
    On,
    End(Option<Place>),
}

/// Where the end of a text is; none when nothing can be offered there.
pub(super) fn find(text: &str) -> Option<Place> {
    let mut scan = Scanner::new(text);
    let mut scopes = vec![Scope::Issues];
    loop {
        scan.skip_blanks();
        let scope = scopes.last().copied().unwrap_or(Scope::Issues);
        let item = Place { slot: Slot::Item(scope), start: scan.at };
        match scan.next() {
            Start::End => return Some(item),
            Start::Open => {
                scan.step();
                scopes.push(scope);
            }
            Start::All | Start::Any => {
                scan.at += "all(".len();
                scopes.push(scope);
            }
            Start::Glued(open) => {
                scan.at = open + 1;
                scopes.push(scope);
            }
            Start::Close => {
                scan.step();
                scopes.pop();
            }
            Start::Minus => scan.step(),
            Start::And | Start::Not | Start::Or => {
                while scan.peek().is_some_and(|c| c.is_ascii_uppercase()) {
                    scan.step();
                }
                if scan.peek().is_none() {
                    return Some(item);
                }
            }
            Start::Quote => {
                scan.quotation().ok()?;
            }
            Start::Word(end) | Start::Key(end) if end == text.len() => return Some(item),
            Start::Word(end) | Start::Key(end) => {
                note_field(scopes.last_mut(), scan.slice(scan.at, end));
                scan.at = end;
            }
            Start::Head(head) => {
                if let Step::End(place) = head_at(&mut scan, &head, &mut scopes) {
                    return place;
                }
            }
        }
    }
}

/// Notes of which field a test of the past is.
fn note_field(scope: Option<&mut Scope>, name: &str) {
    if let Some(Scope::Past { field: field @ None, .. }) = scope {
        *field = field::find(name).map(|field| field.kind);
    }
}

/// Steps over a field and its values.
fn head_at(scan: &mut Scanner<'_>, head: &Head<'_>, scopes: &mut Vec<Scope>) -> Step {
    scan.at = head.value;
    let scope = scopes.last().copied().unwrap_or(Scope::Issues);
    note_field(scopes.last_mut(), head.name);
    let wanted = wanted(scope, head);
    let inside = match wanted {
        Wanted::Field(Kind::Assignee | Kind::Participant) if scope == Scope::Issues => Some(Scope::Member),
        Wanted::Field(Kind::Approval) if scope == Scope::Issues => Some(Scope::State),
        Wanted::Field(Kind::Label) if scope == Scope::Issues => Some(Scope::Label),
        Wanted::Field(Kind::Comments) => Some(Scope::Comment),
        Wanted::Field(Kind::Was) => Some(Scope::Past { changed: false, field: None }),
        Wanted::Field(Kind::Changed) => Some(Scope::Past { changed: true, field: None }),
        Wanted::Field(Kind::Parent | Kind::Children | Kind::Related(_)) => Some(Scope::Issues),
        _ => None,
    };
    let letters = scan.rest().bytes().take_while(u8::is_ascii_alphabetic).count();
    let enclosed = scan.slice(head.value + letters, head.value + letters + 1) == "(";
    if enclosed {
        scan.at += letters + 1;
    }
    match (inside, enclosed) {
        (Some(inside), true) => {
            scopes.push(inside);
            Step::On
        }
        (Some(inside @ Scope::Past { .. }), false) => past_at(scan, inside),
        _ => values_at(scan, wanted, enclosed),
    }
}

/// Steps over the one test behind `was:` or `changed:`.
fn past_at(scan: &mut Scanner<'_>, scope: Scope) -> Step {
    let item = Place { slot: Slot::Item(scope), start: scan.at };
    match scan.next() {
        Start::End => Step::End(Some(item)),
        Start::Word(end) => {
            scan.at = end;
            if scan.peek().is_none() { Step::End(Some(item)) } else { Step::On }
        }
        Start::Head(head) => {
            scan.at = head.value;
            values_at(scan, wanted(scope, &head), false)
        }
        _ => Step::On,
    }
}

/// Steps over values.
fn values_at(scan: &mut Scanner<'_>, wanted: Wanted, enclosed: bool) -> Step {
    loop {
        if enclosed {
            scan.skip_blanks();
        }
        let at = |start| Place { slot: Slot::Value(wanted), start };
        if matches!(scan.peek(), Some('"' | '“')) {
            let start = scan.at;
            match scan.quotation() {
                Err(_) => return Step::End(Some(at(start))),
                Ok(_) if scan.peek().is_none() => return Step::End(None),
                Ok(_) => {}
            }
            if scan.take("..") {
                continue;
            }
        } else {
            let letters = scan.rest().find(ends_value).unwrap_or(scan.rest().len());
            let (start, end) = (scan.at, scan.at + letters);
            let bare = scan.slice(start, end);
            let dots = bare.rfind("..").map_or(0, |dots| dots + "..".len());
            scan.at = end;
            if scan.peek().is_none() {
                return Step::End(Some(at(start + dots)));
            }
            if dots == bare.len() && dots > 0 && matches!(scan.peek(), Some('"' | '“')) {
                continue;
            }
        }
        if enclosed {
            scan.skip_blanks();
        }
        if !scan.take(",") {
            if enclosed {
                scan.take(")");
            }
            return Step::On;
        }
        scan.skip_blanks();
    }
}

fn wanted(scope: Scope, head: &Head<'_>) -> Wanted {
    let name = head.name.to_ascii_lowercase();
    let wanted = match (scope, name.as_str()) {
        (Scope::Member, "name") => Wanted::Name(NameKind::Member),
        (Scope::Member, "email") => Wanted::Name(NameKind::Email),
        (Scope::Member, "me") => Wanted::Flag,
        (Scope::Label, "name") => Wanted::Name(NameKind::Label),
        (Scope::State, "name") => Wanted::Name(NameKind::State),
        (Scope::Comment, "author" | "by") | (Scope::Past { .. }, "by") => Wanted::Field(Kind::Creator),
        (Scope::Comment, "created" | "at") | (Scope::Past { .. }, "during") => Wanted::Time,
        (Scope::Past { field: Some(kind), .. }, "from" | "to") => Wanted::Field(kind),
        (Scope::Issues | Scope::Past { .. }, name) => {
            field::find(name).map_or(Wanted::Nothing, |field| Wanted::Field(field.kind))
        }
        _ => Wanted::Nothing,
    };
    match (wanted, head.part.map(str::to_ascii_lowercase).as_deref()) {
        (wanted, None) => wanted,
        (Wanted::Field(kind), Some("email")) if kind.is_of_members() => Wanted::Name(NameKind::Email),
        (Wanted::Field(kind), Some("name")) if kind.is_of_members() => Wanted::Name(NameKind::Member),
        (Wanted::Field(Kind::Workflow), Some("name")) => Wanted::Name(NameKind::Workflow),
        (Wanted::Field(Kind::State | Kind::Approval), Some("name")) => Wanted::Name(NameKind::State),
        (Wanted::Field(Kind::Label), Some("name")) => Wanted::Name(NameKind::Label),
        (Wanted::Field(Kind::Team), Some("name")) => Wanted::Name(NameKind::Team),
        (Wanted::Field(Kind::Team), Some("key")) => Wanted::Name(NameKind::TeamKey),
        _ => Wanted::Nothing,
    }
}
