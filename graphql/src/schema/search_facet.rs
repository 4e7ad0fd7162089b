//! How many of the issues that a search finds have which state, label, assignee.

use super::costs::QUESTION_UNITS;
use super::filter::IssueFilterJson;
use super::group_key;
use super::sight::Sight;
use super::word::IssueGroupBy;
use crate::context::{Asked, Snapshot};
use crate::error::Result;
use crate::lean::Rows;
use mortise_engine::filter::{Filter, GroupBy};
use mortise_engine::query::Facet;
use mortise_engine::view::GroupKey;
use std::sync::Arc;

/// A facet, as the API shows it.
#[derive(Debug, Clone)]
pub(crate) struct FacetNode(Arc<Facet>);

crate::lean_object! {
    /// How many issues of a list have each value of a field.
    "IssueFacet" for FacetNode, cx Snapshot {
        /// The field.
        "by" by: IssueGroupBy = |facet, _| facet.0.by.into();
        /// Its values, the most frequent first, at most 50. An issue with several is counted with each.
        "values" values: Rows<FacetValueNode> = |facet, _| {
            facet.0.values.iter().map(|(key, count)| FacetValueNode { key: *key, count: *count }).collect()
        };
    }
}

/// A value of a facet, as the API shows it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FacetValueNode {
    key: GroupKey,
    count: u64,
}

crate::lean_object! {
    /// A value that issues of a list have, and how many have it.
    "IssueFacetValue" for FacetValueNode, cx Snapshot {
        /// The value: a global id, or a word such as `HIGH`; null for those that have none.
        "key" key: Option<String> = |value, _| group_key::text(value.key);
        /// How it is called.
        "title" title: String = |value, cx| group_key::title(cx, value.key);
        /// `#rrggbb`, in lower case, where a state or a label has one.
        "color" color: Option<String> = |value, cx| group_key::color(cx, value.key);
        /// How many issues of the list have it.
        "count" count: u64 = |value, _| value.count;
        /// The condition that the list is narrowed to it by, as the JSON of the input `IssueFilter`.
        "filterData" filter_data: Option<IssueFilterJson> = |value, _| IssueFilterJson::of(&value.key.test());
    }
}

/// The facets of a list.
///
/// # Errors
///
/// As [`Reader::facets`](mortise_engine::query::Reader::facets).
pub(crate) async fn facets_of(
    asked: &Asked<'_>,
    filter: &Filter,
    by: &[IssueGroupBy],
    sight: &Sight,
) -> Result<Rows<FacetNode>> {
    let by: Vec<GroupBy> = by.iter().map(|by| (*by).into()).collect();
    asked.snapshot.charge(QUESTION_UNITS)?;
    let found = asked.snapshot.rows(sight.reader(asked.snapshot).facets(filter, &by)).await?;
    asked.snapshot.charge(found.iter().map(|facet| facet.values.len()).sum())?;
    Ok(found.into_iter().map(|facet| FacetNode(Arc::new(facet))).collect())
}
