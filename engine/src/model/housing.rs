//! Where tenants live: which tier lives in what, as data, and what is being done with a tenant's data as a whole.
//!
//! It does not know how a store is opened, nor how a tenant is moved.

use super::{Placement, Tenant, Tier};
use crate::error::{Error, Result};
use std::ops::RangeInclusive;

/// What the tenants of a tier live in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Home {
    /// Stores that several tenants share, `shards/NN` with these numbers. One takes in so many tenants, then the next one
    /// does; when all are full, the one with the fewest takes more.
    Shards {
        /// The numbers of the stores.
        numbers: RangeInclusive<u16>,
        /// Tenants of one store.
        tenants_max: usize,
    },
    /// A store of its own for each.
    Dedicated,
}

/// Where the tenants of each tier live. It says where a tenant belongs; where it *is* stands in its record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Housing {
    /// For tenants of the basic tier.
    pub basic: Home,
    /// For those of the premium tier.
    pub premium: Home,
    /// For those of the platinum tier.
    pub platinum: Home,
}

impl Default for Housing {
    /// Basic tenants share stores by the ten thousand, premium ones by the twenty, platinum ones have their own.
    fn default() -> Self {
        Self {
            basic: Home::Shards { numbers: 0..=99, tenants_max: 10_000 },
            premium: Home::Shards { numbers: 100..=999, tenants_max: 20 },
            platinum: Home::Dedicated,
        }
    }
}

impl Housing {
    /// What tenants of this tier live in.
    #[must_use]
    pub const fn of(&self, tier: Tier) -> &Home {
        match tier {
            Tier::Basic => &self.basic,
            Tier::Premium => &self.premium,
            Tier::Platinum => &self.platinum,
        }
    }

    /// Whether it says for every tier where its tenants live, and for every shared store whose it is.
    ///
    /// # Errors
    ///
    /// `INVALID_INPUT` for a range without numbers, stores that take in nobody, or stores of two tiers that are not the same
    /// ones.
    pub fn check(&self) -> Result<()> {
        let homes = [("basic", &self.basic), ("premium", &self.premium), ("platinum", &self.platinum)];
        for (tier, home) in homes {
            if matches!(home, Home::Shards { numbers, tenants_max } if numbers.is_empty() || *tenants_max == 0)
            {
                let message = format!("the stores of {tier} take in nobody: give them a number and room");
                return Err(Error::invalid("housing", message));
            }
        }
        for (at, (tier, home)) in homes.iter().enumerate() {
            let Home::Shards { numbers, .. } = home else { continue };
            for (other, shared) in homes.iter().skip(at + 1).filter(|(_, shared)| shared != home) {
                let Home::Shards { numbers: theirs, .. } = shared else { continue };
                if numbers.start() <= theirs.end() && theirs.start() <= numbers.end() {
                    let message = format!(
                        "{tier} and {other} share some stores and not all: part them, or give both the same"
                    );
                    return Err(Error::invalid("housing", message));
                }
            }
        }
        Ok(())
    }
}

impl Home {
    /// Whether a tenant that is placed so lives here.
    #[must_use]
    pub fn holds(&self, placement: &Placement) -> bool {
        match (self, placement) {
            (Self::Shards { numbers, .. }, Placement::Shard(number)) => numbers.contains(number),
            (Self::Dedicated, Placement::Dedicated) => true,
            _ => false,
        }
    }

    /// A place for one more tenant, where `tenants_in` says how many a shard has.
    #[must_use]
    pub fn place(&self, tenants_in: impl Fn(u16) -> usize) -> Placement {
        match self {
            Self::Dedicated => Placement::Dedicated,
            Self::Shards { numbers, tenants_max } => {
                let with_room = numbers.clone().find(|number| tenants_in(*number) < *tenants_max);
                let number = with_room.or_else(|| numbers.clone().min_by_key(|number| tenants_in(*number)));
                Placement::Shard(number.unwrap_or(*numbers.start()))
            }
        }
    }
}

/// What is being done with a tenant's data as a whole. It is said in the tenant's record before it begins, so that what
/// was interrupted is taken up again.
#[derive(Debug, Clone, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub enum Undertaking {
    /// A copy is being made there. The tenant lives where its placement says, and the copy may be thrown away.
    #[n(0)]
    Copying {
        /// Where the copy is made.
        #[n(0)]
        to: Placement,
        /// It is to move to where tenants of its tier live, whatever becomes of this copy.
        #[n(1)]
        due: Option<bool>,
    },
    /// The tenant has moved to where its placement says; what it left behind is being removed.
    #[n(1)]
    Leaving {
        /// Where it lived.
        #[n(0)]
        from: Placement,
        /// It is to move on, to where tenants of its tier live.
        #[n(1)]
        due: Option<bool>,
    },
    /// It is being erased. Nobody reaches it any more, and it does not come back.
    #[n(2)]
    Erasing {
        /// Where something of it may lie beside where its placement says: it was being moved.
        #[n(0)]
        also: Option<Placement>,
    },
    /// It is to move to where tenants of its tier live, and that has not begun.
    #[n(3)]
    Due,
    /// It is being founded. What is there when that does not come to its end is removed.
    #[n(4)]
    Founding,
}

impl Undertaking {
    /// Where something of the tenant lies beside where its placement says.
    #[must_use]
    pub const fn elsewhere(&self) -> Option<&Placement> {
        match self {
            Self::Copying { to, .. } => Some(to),
            Self::Leaving { from, .. } => Some(from),
            Self::Erasing { also } => also.as_ref(),
            Self::Due | Self::Founding => None,
        }
    }

    /// Whether the tenant is to move to where tenants of its tier live.
    #[must_use]
    pub const fn is_due(&self) -> bool {
        matches!(
            self,
            Self::Due | Self::Copying { due: Some(true), .. } | Self::Leaving { due: Some(true), .. }
        )
    }
}

impl Tenant {
    /// Whether it is being erased: to everybody it is not there.
    #[must_use]
    pub const fn is_being_erased(&self) -> bool {
        matches!(self.undertaking, Some(Undertaking::Erasing { .. }))
    }

    /// Whether it is there: it is not being erased, and was founded to the end.
    #[must_use]
    pub const fn is_there(&self) -> bool {
        !matches!(self.undertaking, Some(Undertaking::Erasing { .. } | Undertaking::Founding))
    }

    /// Says that it is being erased, and with it what a move has left: nothing of that waits for it to be removed first.
    pub(crate) fn begin_erasing(&mut self) {
        let also = self.undertaking.as_ref().and_then(Undertaking::elsewhere).cloned();
        self.undertaking = Some(Undertaking::Erasing { also });
    }

    /// Whether it is to move to where tenants of its tier live.
    pub(crate) fn is_due(&self) -> bool {
        self.undertaking.as_ref().is_some_and(Undertaking::is_due)
    }

    /// Says that it is to move to where tenants of its tier live, beside what is being done with it already.
    pub(crate) fn fall_due(&mut self) {
        match &mut self.undertaking {
            nothing @ None => *nothing = Some(Undertaking::Due),
            Some(Undertaking::Copying { due, .. } | Undertaking::Leaving { due, .. }) => *due = Some(true),
            Some(_) => {}
        }
    }
}

impl std::fmt::Display for Placement {
    /// `shard 7` or `dedicated`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Shard(number) => write!(f, "shard {number}"),
            Self::Dedicated => f.write_str("dedicated"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shards(numbers: RangeInclusive<u16>, tenants_max: usize) -> Home {
        Home::Shards { numbers, tenants_max }
    }

    #[test]
    fn shards_are_filled_one_after_the_other() {
        let home = shards(3..=5, 2);
        assert_eq!(home.place(|_| 0), Placement::Shard(3));
        assert_eq!(home.place(|number| if number == 3 { 2 } else { 1 }), Placement::Shard(4));
    }

    #[test]
    fn when_all_shards_are_full_the_one_with_the_fewest_takes_more() {
        let home = shards(3..=5, 2);
        assert_eq!(home.place(|number| if number == 5 { 2 } else { 9 }), Placement::Shard(5));
    }

    #[test]
    fn a_table_that_leaves_a_tier_without_a_home_or_parts_its_stores_by_halves_is_refused() {
        let with =
            |premium| Housing { premium, ..Housing::default() }.check().map_err(|error| error.to_string());
        assert_eq!(Housing::default().check().map_err(|error| error.to_string()), Ok(()));
        assert_eq!(with(Housing::default().basic), Ok(()), "two tiers may share the same stores");
        assert_eq!(with(shards(100..=100, 1)), Ok(()));
        #[expect(clippy::reversed_empty_ranges, reason = "that is what is refused")]
        for (home, because) in [
            (shards(5..=4, 20), "take in nobody"),
            (shards(100..=999, 0), "take in nobody"),
            (shards(99..=100, 20), "share some stores"),
            (shards(0..=99, 20), "share some stores"),
        ] {
            assert!(with(home).unwrap_err().contains(because), "{because}");
        }
    }

    #[test]
    fn a_home_knows_its_own() {
        let housing = Housing::default();
        assert!(housing.of(Tier::Basic).holds(&Placement::Shard(0)));
        assert!(!housing.of(Tier::Premium).holds(&Placement::Shard(0)));
        assert!(!housing.of(Tier::Basic).holds(&Placement::Dedicated));
        assert!(housing.of(Tier::Platinum).holds(&Placement::Dedicated));
    }
}
