//! The order of the list in text: `sort:-updated,due:none-first`.
//!
//! It belongs to the whole and stands in no parentheses. What the steps compare is not known here.

use super::compare::refuse_part;
use super::problem::{Wrong, nearest};
use super::reader::{Read, Reader};
use super::scan::{Atom, Head};
use super::text::texts;
use crate::filter::{Sort, SortKey};

/// What can be ordered by, the usual name first.
pub(super) const KEYS: &[(SortKey, &[&str])] = &[
    (SortKey::Created, &["created"]),
    (SortKey::Updated, &["updated"]),
    (SortKey::Priority, &["priority"]),
    (SortKey::Number, &["number", "key"]),
    (SortKey::Due, &["due"]),
    (SortKey::Estimate, &["estimate", "points"]),
    (SortKey::Rank, &["rank"]),
    (SortKey::Title, &["title"]),
    (SortKey::Category, &["category"]),
    (SortKey::Completed, &["completed"]),
    (SortKey::Started, &["started"]),
    (SortKey::Start, &["start"]),
    (SortKey::Comments, &["comments"]),
    (SortKey::StateSince, &["statesince"]),
    (SortKey::Relevance, &["relevance"]),
];

/// Reads steps and puts them behind those that were read before.
pub(super) fn read<'t>(reader: &mut Reader<'t>, head: &Head<'t>) -> Read<()> {
    let asked = reader.asked(head)?;
    refuse_part(reader, &asked)?;
    if reader.depth > 0 {
        let message = "the order belongs to the whole: write `sort:` outside of parentheses";
        return reader.refuse_plainly(asked.place, message);
    }
    if !asked.sign.is_equal() {
        return reader.refuse_plainly(asked.head(), "only `:` can stand here");
    }
    for step in texts(reader, &asked.values.items, step)? {
        reader.sort.push(step);
    }
    let max = reader.limits.sort_steps_max;
    if reader.sort.len() > max {
        return reader.refuse_plainly(asked.place, format!("an order has at most {max} steps"));
    }
    Ok(())
}

fn step(reader: &mut Reader<'_>, atom: &Atom<'_>) -> Read<Sort> {
    let place = atom.start..atom.end;
    let (whole, ending) =
        atom.text.split_once(':').map_or((&*atom.text, None), |(key, end)| (key, Some(end)));
    let nulls_first = match ending {
        None => false,
        Some(end) if ["none-first", "nulls-first"].iter().any(|known| end.eq_ignore_ascii_case(known)) => {
            true
        }
        Some(end) if ["none-last", "nulls-last"].iter().any(|known| end.eq_ignore_ascii_case(known)) => false,
        Some(_) => {
            let message =
                "only `none-first` can stand here: issues without a value then come first".to_owned();
            let suggestions = vec![format!("{whole}:none-first"), whole.to_owned()];
            return reader.refuse(place, Wrong { message, suggestions });
        }
    };
    let (name, descending) = match whole.strip_prefix('-') {
        Some(name) => (name, true),
        None => (whole.strip_prefix('+').unwrap_or(whole), false),
    };
    let named = |names: &&[&str]| names.iter().any(|known| super::field::same_name(name, known));
    match KEYS.iter().find(|(_, names)| named(names)) {
        Some((key, _)) => Ok(Sort { key: *key, descending, nulls_first }),
        None => {
            let keys = || KEYS.iter().filter_map(|(_, names)| names.first().copied());
            let sign = if descending { "-" } else { "" };
            let near = nearest(name, keys());
            let near = if near.is_empty() { keys().map(str::to_owned).collect() } else { near };
            let suggestions = near.iter().map(|key| format!("{sign}{key}")).collect();
            reader.refuse(place, Wrong::value(name, "something to order by").or(suggestions))
        }
    }
}

/// Writes an order.
pub(super) fn write(sort: &[Sort]) -> String {
    let steps: Vec<String> = sort.iter().map(write_step).collect();
    format!("sort:{}", steps.join(","))
}

fn write_step(sort: &Sort) -> String {
    let name = KEYS.iter().find(|(key, _)| *key == sort.key).and_then(|(_, names)| names.first());
    let minus = if sort.descending { "-" } else { "" };
    let nulls = if sort.nulls_first { ":none-first" } else { "" };
    format!("{minus}{}{nulls}", name.copied().unwrap_or_default())
}
