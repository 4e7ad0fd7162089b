//! What tells one list from another: a hash over its conditions and its order.
//!
//! In which order conditions stand that must all hold, and how they are grouped, makes no other list: a group of a list
//! is the list with one more condition, whoever adds it. The encoding is that of stored filters. The hash is kept in
//! cursors alone: should the encoding change with a version, old cursors are refused.

use crate::filter::{Filter, Sort};

/// The conditions of a list, all of which hold, each as a digest.
#[derive(Debug, Clone)]
pub struct Conditions(Vec<[u8; 32]>);

impl Conditions {
    /// Those of a filter.
    #[must_use]
    pub fn of(filter: &Filter) -> Self {
        Self(Vec::new()).and(filter)
    }

    /// These, and those of another filter.
    #[must_use]
    pub fn and(&self, filter: &Filter) -> Self {
        let mut digests = self.0.clone();
        gather(filter, &mut digests);
        digests.sort_unstable();
        Self(digests)
    }

    /// The hash of the list in this order; it does not depend on the process.
    #[must_use]
    pub fn query_hash(&self, sort: &[Sort]) -> [u8; 16] {
        let mut hasher = blake3::Hasher::new_derive_key("mortise list 2");
        hasher.update(&encoded(sort));
        for digest in &self.0 {
            hasher.update(digest);
        }
        let mut hash = [0; 16];
        hasher.finalize_xof().fill(&mut hash);
        hash
    }
}

fn gather(filter: &Filter, into: &mut Vec<[u8; 32]>) {
    match filter {
        Filter::All(parts) => parts.iter().for_each(|part| gather(part, into)),
        other => into.push(*blake3::hash(&encoded(other)).as_bytes()),
    }
}

fn encoded<T: minicbor::Encode<()> + ?Sized>(value: &T) -> Vec<u8> {
    // Writing into a `Vec` cannot fail.
    minicbor::to_vec(value).unwrap_or_default()
}

/// The hash of a list's filter and order.
#[must_use]
pub fn query_hash(filter: &Filter, sort: &[Sort]) -> [u8; 16] {
    Conditions::of(filter).query_hash(sort)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::{Compare, SortKey, Test};

    fn number(n: u32) -> Filter {
        Test::Number(Compare::Eq(n)).into()
    }

    #[test]
    fn conditions_make_the_same_list_however_they_are_put_together() {
        let flat = Filter::All(vec![number(1), number(2), number(3)]);
        let nested = Filter::All(vec![number(3), Filter::All(vec![Filter::All(vec![number(1)]), number(2)])]);
        assert_eq!(query_hash(&flat, &[]), query_hash(&nested, &[]));
        let added = Conditions::of(&Filter::All(vec![number(2), number(3)])).and(&number(1));
        assert_eq!(added.query_hash(&[]), query_hash(&flat, &[]));
        assert_eq!(query_hash(&number(1), &[]), query_hash(&Filter::All(vec![number(1)]), &[]));
    }

    #[test]
    fn other_conditions_and_orders_make_other_lists() {
        let sort = |descending| [Sort { key: SortKey::Number, descending, nulls_first: false }];
        let lists = [
            query_hash(&number(1), &[]),
            query_hash(&number(2), &[]),
            query_hash(&Filter::everything(), &[]),
            query_hash(&Filter::Any(vec![number(1)]), &[]),
            query_hash(&Filter::All(vec![number(1), number(1)]), &[]),
            query_hash(&number(1), &sort(true)),
            query_hash(&number(1), &sort(false)),
        ];
        for (index, list) in lists.iter().enumerate() {
            assert!(!lists[..index].contains(list), "{index}");
        }
    }
}
