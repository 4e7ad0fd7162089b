//! Tests of a text: is, contains, begins, ends; with case and accents, when the sign is doubled.
//!
//! Titles and names are tested alike; only what `:` means differs.

use super::compare::{Written, list, write_list};
use super::problem::Wrong;
use super::reader::{Asked, Read, Reader};
use super::scan::{Atom, Item};
use super::sign::{Relation, Sign};
use crate::filter::{TextOperator, TextTest};

/// Reads a test of a text; `natural` is what `:` means.
pub(super) fn read_text(reader: &mut Reader<'_>, asked: &Asked<'_>, natural: Relation) -> Read<TextTest> {
    let relation = if asked.sign.relation == Relation::Has { natural } else { asked.sign.relation };
    let listed = asked.values.listed;
    let operator = match relation {
        Relation::Is if listed => TextOperator::In,
        Relation::Is => TextOperator::Eq,
        Relation::IsNot if listed => TextOperator::Nin,
        Relation::IsNot => TextOperator::Neq,
        Relation::Contains => TextOperator::Contains,
        Relation::Lacks => TextOperator::NotContains,
        Relation::Begins => TextOperator::StartsWith,
        Relation::Ends => TextOperator::EndsWith,
        _ => {
            let message = format!("`{}` is a text and has no order", asked.field);
            return reader.refuse_plainly(asked.head(), message);
        }
    };
    if listed && !matches!(operator, TextOperator::In | TextOperator::Nin) {
        let said = reader.scan.slice(asked.values.place.start, asked.values.place.end);
        let suggestions = vec![super::scan::quote(said)];
        let message = "one text is wanted here: put it in quotes, or write `OR` between two tests".to_owned();
        return reader.refuse(asked.values.place.clone(), Wrong { message, suggestions });
    }
    let values = texts(reader, &asked.values.items, |_, atom| Ok(atom.text.clone().into_owned()))?;
    Ok(TextTest { operator, values, folded: !asked.sign.strict })
}

/// Values as typed: two dots in them are no range.
pub(super) fn texts<'t, T>(
    reader: &mut Reader<'_>,
    items: &[Item<'t>],
    read: impl Fn(&mut Reader<'_>, &Atom<'t>) -> Read<T>,
) -> Read<Vec<T>> {
    let plain: Vec<Item<'t>> = items.iter().map(|item| Item { range: None, ..item.clone() }).collect();
    list(reader, &plain, read)
}

/// Writes a test of a text; `natural` is what `:` means, `value` writes one text.
pub(super) fn write_text(test: &TextTest, natural: Relation, value: impl Fn(&str) -> String) -> Written {
    let relation = match test.operator {
        TextOperator::Eq | TextOperator::In => Relation::Is,
        TextOperator::Neq | TextOperator::Nin => Relation::IsNot,
        TextOperator::Contains => Relation::Contains,
        TextOperator::NotContains => Relation::Lacks,
        TextOperator::StartsWith => Relation::Begins,
        TextOperator::EndsWith => Relation::Ends,
    };
    let sign = match relation {
        relation if relation == natural && test.folded => Sign::HAS,
        relation => Sign { relation, strict: !test.folded },
    };
    let said = match test.operator {
        TextOperator::In | TextOperator::Nin => {
            write_list(&test.values.iter().map(|text| value(text)).collect::<Vec<_>>())
        }
        // All others use the first.
        _ => value(test.values.first().map_or("", String::as_str)),
    };
    Written::of(sign, said)
}
