//! Which values of an archive are carried over. Everything the file holds is looked up here by its path, so a value
//! nobody has thought of is reported as lost rather than passed over.
//!
//! It does not know how a carried value is carried.

use std::collections::BTreeMap;

use super::item::Loss;
use super::scan::walk;
use super::text::clip;

/// The longest example kept of a lost value, in bytes.
pub(crate) const EXAMPLE_BYTES: usize = 80;

/// The most fields of one item that are told apart; the values of further ones are counted together.
const MAX_FIELDS: usize = 128;

/// The field under which further ones are counted.
const OTHER_FIELDS: &str = "(other fields)";

const UNKNOWN: &str = "not a field of this format we know";
const ASSOCIATION: &str = "an author's standing at the source says nothing here";
const OPAQUE: &str = "an issue is named by its repository and number";
const MERGER: &str = "that and when it was merged is kept, not by whom";
const CODE: &str = "issues are imported, not code";

/// Fields of `labels[]`.
const LABEL: &[&str] = &["name", "description", "color"];

/// Fields of `issues[]` and `pulls[]` that are carried.
const THREAD: &[&str] = &[
    "number",
    "title",
    "url",
    "state",
    "author",
    "assignees[]",
    "labels[]",
    "body",
    "createdAt",
    "updatedAt",
    "closedAt",
    "comments[].author",
    "comments[].body",
    "comments[].createdAt",
    "comments[].updatedAt",
];

/// Further fields of `pulls[]` that are carried.
const PULL: &[&str] = &[
    "mergedAt",
    "reviews[].id",
    "reviews[].author",
    "reviews[].state",
    "reviews[].body",
    "reviews[].createdAt",
    "reviews[].updatedAt",
    "reviews[].comments[].body",
    "reviews[].comments[].createdAt",
    "reviews[].comments[].updatedAt",
];

/// Fields known and not carried, with the reason.
const LEFT: &[(&str, &str)] = &[
    ("id", OPAQUE),
    ("mergedBy", MERGER),
    ("authorAssociation", ASSOCIATION),
    ("comments[].authorAssociation", ASSOCIATION),
    ("reviews[].authorAssociation", ASSOCIATION),
    ("baseRepository", CODE),
    ("baseRefName", CODE),
    ("baseRefOid", CODE),
    ("headRepository", CODE),
    ("headRefName", CODE),
    ("headRefOid", CODE),
    ("mergeCommit.oid", CODE),
    ("reviews[].commit.abbreviatedOid", CODE),
    ("reviews[].comments[].originalPosition", CODE),
];

/// The values of one item of `list` that are not carried, by field. `null` and empty lists and objects are no
/// values.
pub(crate) fn losses(list: &str, json: &str) -> Vec<Loss> {
    let mut losses: BTreeMap<String, Loss> = BTreeMap::new();
    walk(json.as_bytes(), |path, raw| {
        let path = path.general();
        let Some(reason) = reason(list, &path).filter(|_| raw != b"null") else { return };
        let mut field = format!("{list}[].{path}");
        if losses.len() >= MAX_FIELDS && !losses.contains_key(&field) {
            OTHER_FIELDS.clone_into(&mut field);
        }
        let loss = losses.entry(field).or_insert_with_key(|field| Loss {
            field: field.clone(),
            value: clip(&String::from_utf8_lossy(raw), EXAMPLE_BYTES).to_owned(),
            count: 0,
            reason,
        });
        loss.count += 1;
    });
    losses.into_values().collect()
}

/// Why the field is not carried; `None` if it is.
fn reason(list: &str, path: &str) -> Option<&'static str> {
    let carried = match list {
        "labels" => LABEL.contains(&path),
        "pulls" => THREAD.contains(&path) || PULL.contains(&path),
        _ => THREAD.contains(&path),
    };
    if carried {
        return None;
    }
    let left = LEFT.iter().find(|(left, _)| *left == path && list != "labels");
    Some(left.map_or(UNKNOWN, |(_, reason)| reason))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_nobody_knows_is_reported_with_an_example() {
        let json = r#"{"number": 1, "title": null, "reactions": [{"kind": "+1"}, {"kind": "-1"}], "milestone": null}"#;
        let losses = losses("issues", json);
        assert_eq!(losses.len(), 1);
        let loss =
            losses.first().map(|loss| (loss.field.as_str(), loss.value.as_str(), loss.count, loss.reason));
        assert_eq!(loss, Some(("issues[].reactions[].kind", r#""+1""#, 2, UNKNOWN)));
    }

    #[test]
    fn one_item_cannot_fill_memory_with_field_names() {
        let fields: Vec<String> = (0..1000).map(|n| format!(r#""f{n}": {n}"#)).collect();
        let losses = losses("pulls", &format!("{{{}}}", fields.join(",")));
        assert_eq!(losses.len(), MAX_FIELDS + 1);
        assert_eq!(losses.iter().map(|loss| loss.count).sum::<u64>(), 1000);
    }
}
