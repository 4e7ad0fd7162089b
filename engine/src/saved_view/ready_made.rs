//! The views that every company has from its first day, without a row. They belong to nobody and stay as they are.

use super::{Layout, SavedView};
use crate::filter::{Compare, Filter, GroupBy, Many, MemberTest, Sort, SortKey, Test};
use crate::id::{MemberId, ViewId};
use crate::model::StateCategory;
use crate::time::Timestamp;
use std::sync::{Arc, LazyLock};
use uuid::Uuid;

static READY_MADE: LazyLock<Vec<Arc<SavedView>>> = LazyLock::new(|| {
    let me = || vec![MemberTest::Me(true)];
    let terminal = StateCategory::ALL.iter().copied().filter(|category| category.is_terminal()).collect();
    let category = |category| Filter::Test(Test::Category(category));
    let (down, up) = (|key| sort(key, true), |key| sort(key, false));
    let my_issues = SavedView {
        description: Some("Open issues that you work on".to_owned()),
        sort: vec![down(SortKey::Priority), down(SortKey::Updated)],
        ..view(
            1,
            "My issues",
            Filter::All(vec![Test::Assignees(Many::Some(me())).into(), category(Compare::Nin(terminal))]),
        )
    };
    let active = SavedView {
        description: Some("What is planned or being worked on".to_owned()),
        sort: vec![up(SortKey::Rank)],
        group_by: Some(GroupBy::State),
        layout: Layout::Board,
        ..view(2, "Active", category(Compare::In(vec![StateCategory::Unstarted, StateCategory::Started])))
    };
    let backlog = SavedView {
        description: Some("What is not planned yet".to_owned()),
        sort: vec![up(SortKey::Rank)],
        ..view(3, "Backlog", category(Compare::Eq(StateCategory::Backlog)))
    };
    let created_by_me = SavedView {
        description: Some("Issues that you made".to_owned()),
        sort: vec![down(SortKey::Created)],
        ..view(4, "Created by me", Test::Creator(MemberTest::Me(true)).into())
    };
    [my_issues, active, backlog, created_by_me].map(Arc::new).into()
});

/// The views that every company has, in the order in which they are shown.
#[must_use]
pub fn ready_made() -> &'static [Arc<SavedView>] {
    &READY_MADE
}

/// The one of them with this id.
#[must_use]
pub fn ready_made_view(id: ViewId) -> Option<&'static Arc<SavedView>> {
    ready_made().iter().find(|view| view.id == id)
}

/// A list that everybody sees. Its id is small: no id that is made ever is.
fn view(id: u128, name: &str, filter: Filter) -> SavedView {
    SavedView {
        id: ViewId::from_uuid(Uuid::from_u128(id)),
        name: name.to_owned(),
        description: None,
        owner: MemberId::from_uuid(Uuid::nil()),
        team: None,
        shared: true,
        filter,
        sort: Vec::new(),
        group_by: None,
        sub_group_by: None,
        show_empty_groups: false,
        layout: Layout::List,
        columns: Vec::new(),
        created_at: Timestamp::default(),
        updated_at: Timestamp::default(),
        deleted_at: None,
        version: 1,
    }
}

const fn sort(key: SortKey, descending: bool) -> Sort {
    Sort { key, descending, nulls_first: false }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_found_by_its_id_which_stays_as_it_is() {
        let ids: Vec<String> = ready_made().iter().map(|view| view.id.to_string()).collect();
        assert_eq!(ids[0], "view_00000000000000000000000004");
        for view in ready_made() {
            assert_eq!(ready_made_view(view.id), Some(view));
        }
        assert_eq!(ready_made_view(ViewId::generate()), None);
    }
}
