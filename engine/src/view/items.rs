//! Items: what an issue has several of, or seldom any (people, labels, what it once had), in one list of codes.
//!
//! An item says what it is about and the code of a value in that [`Family`](super::family::Family). The items of one
//! kind lie together, so that an issue without any of a kind pays nothing for it.

/// What an item is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub(super) enum Tag {
    Assignee,
    Label,
    Commenter,
    Source,
    PastState,
    PastCategory,
    PastPriority,
    PastKind,
    PastResolution,
    PastAssignee,
    PastLabel,
    /// Who sees a confidential issue, and that it is one.
    Audience,
    /// A state that an approved move would lead to.
    Approval,
}

impl Tag {
    const ALL: [Self; 13] = [
        Self::Assignee,
        Self::Label,
        Self::Commenter,
        Self::Source,
        Self::PastState,
        Self::PastCategory,
        Self::PastPriority,
        Self::PastKind,
        Self::PastResolution,
        Self::PastAssignee,
        Self::PastLabel,
        Self::Audience,
        Self::Approval,
    ];

    /// What an item is about.
    pub(super) fn of(item: u32) -> Option<Self> {
        Self::ALL.get((item >> CODE_BITS) as usize).copied()
    }

    /// The item of the value with this code.
    pub(super) const fn item(self, code: u32) -> u32 {
        (self as u32) << CODE_BITS | code & ((1 << CODE_BITS) - 1)
    }
}

/// Bits of a code: a family has far fewer values, for each is a member, a label, a state or a system.
const CODE_BITS: u32 = 28;

/// The code in an item.
pub(super) const fn code(item: u32) -> u32 {
    item & ((1 << CODE_BITS) - 1)
}

/// The items of one kind. Kinds come in their order.
pub(super) fn of(items: &[u32], tag: Tag) -> &[u32] {
    let start = items.partition_point(|item| item >> CODE_BITS < tag as u32);
    let rest = items.get(start..).unwrap_or_default();
    let end = rest.partition_point(|item| item >> CODE_BITS == tag as u32);
    rest.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_items_of_each_kind_are_found() {
        let items = [Tag::Assignee.item(7), Tag::Assignee.item(3), Tag::PastLabel.item(0)];
        let codes = |tag| of(&items, tag).iter().map(|item| code(*item)).collect::<Vec<_>>();
        assert_eq!(codes(Tag::Assignee), [7, 3]);
        assert_eq!(codes(Tag::PastLabel), [0]);
        assert_eq!(Tag::of(items[2]), Some(Tag::PastLabel));
        assert!(codes(Tag::Label).is_empty() && of(&[], Tag::Label).is_empty());
    }
}
