//! The plain meaning of filters and orders: one look at every row, nothing clever.

use crate::filter::{
    Compare, DateField, Filter, Many, Sort, SortKey, Test, TextOperator, TextTest, TimeField,
};
use crate::model::Issue;
use crate::view::fold;
use std::cmp::Ordering;

/// What passes, in order.
pub(super) fn list<'a>(
    rows: impl Iterator<Item = &'a Issue>,
    filter: &Filter,
    sort: &[Sort],
) -> Vec<&'a Issue> {
    let text = format!("{filter:?}");
    let asks_deleted = text.contains("Deleted(");
    let asks_archived = text.contains("Archived");
    let mut found: Vec<_> = rows
        .filter(|row| asks_deleted || row.deleted_at.is_none())
        .filter(|row| asks_archived || row.archived_at.is_none())
        .filter(|row| passes(row, filter))
        .collect();
    found.sort_by(|a, b| {
        let steps = sort.iter().map(|step| order(a, b, *step)).find(|order| order.is_ne());
        steps.unwrap_or_else(|| a.id.uuid().cmp(&b.id.uuid()))
    });
    found
}

fn passes(row: &Issue, filter: &Filter) -> bool {
    match filter {
        Filter::All(parts) => parts.iter().all(|part| passes(row, part)),
        Filter::Any(parts) => parts.iter().any(|part| passes(row, part)),
        Filter::Not(part) => !passes(row, part),
        Filter::Test(test) => passes_test(row, test),
    }
}

fn passes_test(row: &Issue, test: &Test) -> bool {
    match test {
        Test::Id(c) => c.passes(Some(&row.id)),
        Test::Number(c) => c.passes(Some(&row.number)),
        Test::Team(c) => c.passes(Some(&row.team)),
        Test::State(c) => c.passes(Some(&row.state)),
        Test::Category(c) => c.passes(Some(&row.category)),
        Test::Kind(c) => c.passes(Some(&row.kind)),
        Test::Priority(c) => c.passes(Some(&row.priority)),
        Test::Resolution(c) => c.passes(row.resolution.as_ref()),
        Test::Assignees(m) => many(&row.assignees, m),
        Test::Creator(c) => c.passes(Some(&row.creator)),
        Test::Labels(m) => many(&row.labels, m),
        Test::Parent(c) => c.passes(row.parent.as_ref()),
        Test::Estimate(c) => c.passes(row.estimate.as_ref()),
        Test::Time(TimeField::Created, c) => c.passes(Some(&row.created_at)),
        Test::Time(TimeField::Updated, c) => c.passes(Some(&row.updated_at)),
        Test::Time(TimeField::Started, c) => c.passes(row.started_at.as_ref()),
        Test::Time(TimeField::Completed, c) => c.passes(row.completed_at.as_ref()),
        Test::Time(TimeField::Canceled, c) => c.passes(row.canceled_at.as_ref()),
        Test::Time(TimeField::Archived, c) => c.passes(row.archived_at.as_ref()),
        Test::Date(DateField::Start, c) => c.passes(row.start_date.as_ref()),
        Test::Date(DateField::Due, c) => c.passes(row.due_date.as_ref()),
        Test::Title(test) => title(&row.title, test),
        Test::Archived(archived) => row.archived_at.is_some() == *archived,
        Test::Deleted(deleted) => row.deleted_at.is_some() == *deleted,
    }
}

fn many<T: PartialOrd>(values: &[T], test: &Many<T>) -> bool {
    let passes = |c: &Compare<T>| values.iter().filter(|v| c.passes(Some(v))).count();
    match test {
        Many::Some(c) => passes(c) > 0,
        Many::Every(c) => passes(c) == values.len(),
        Many::None(c) => passes(c) == 0,
        Many::Length(c) => c.passes(Some(&(values.len() as u32))),
    }
}

fn title(title: &str, test: &TextTest) -> bool {
    let text = |text: &str| if test.folded { fold(text) } else { text.to_owned() };
    let (title, values) = (text(title), test.values.iter().map(|v| text(v)).collect::<Vec<_>>());
    let first = values.first().cloned().unwrap_or_default();
    match test.operator {
        TextOperator::Eq => title == first,
        TextOperator::Neq => title != first,
        TextOperator::In => values.contains(&title),
        TextOperator::Nin => !values.contains(&title),
        TextOperator::Contains => title.contains(&first),
        TextOperator::NotContains => !title.contains(&first),
        TextOperator::StartsWith => title.starts_with(&first),
        TextOperator::EndsWith => title.ends_with(&first),
    }
}

fn order(a: &Issue, b: &Issue, step: Sort) -> Ordering {
    match step.key {
        SortKey::Created => values(Some(a.created_at), Some(b.created_at), step),
        SortKey::Updated => values(Some(a.updated_at), Some(b.updated_at), step),
        SortKey::Completed => values(a.completed_at, b.completed_at, step),
        SortKey::Priority => values(Some(a.priority), Some(b.priority), step),
        SortKey::Category => values(Some(a.category), Some(b.category), step),
        SortKey::Number => values(Some(a.number), Some(b.number), step),
        SortKey::Due => values(a.due_date, b.due_date, step),
        SortKey::Estimate => values(a.estimate, b.estimate, step),
        SortKey::Rank => values(Some(&a.rank), Some(&b.rank), step),
        SortKey::Title => values(Some(fold(&a.title)), Some(fold(&b.title)), step),
    }
}

fn values<T: Ord>(a: Option<T>, b: Option<T>, step: Sort) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) if step.descending => b.cmp(&a),
        (Some(a), Some(b)) => a.cmp(&b),
        (None, None) => Ordering::Equal,
        (a, _) => {
            if a.is_none() == step.nulls_first {
                Ordering::Less
            } else {
                Ordering::Greater
            }
        }
    }
}
