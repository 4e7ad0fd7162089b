//! The signs between a field and its values: `:`, `=`, `!=`, `>=`, `~`.
//!
//! A sign says how to compare; what that means for a field is known where the field is read.

/// How a field is compared with what stands behind the sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relation {
    /// `:`, what is most natural for the field: most often the same as `=`, for titles the same as `~`.
    Has,
    /// Is this, or one of these.
    Is,
    /// Is not this, or none of these.
    IsNot,
    /// Has this in it.
    Contains,
    /// Does not have this in it.
    Lacks,
    /// Begins with this.
    Begins,
    /// Ends with this.
    Ends,
    /// Is less.
    Less,
    /// Is less or the same.
    AtMost,
    /// Is more.
    More,
    /// Is more or the same.
    AtLeast,
}

/// A sign: a relation, and whether case and accents count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sign {
    /// How to compare.
    pub(super) relation: Relation,
    /// Case and accents count: the last character of the sign is doubled.
    pub(super) strict: bool,
}

/// Every sign. One that begins with another stands before it.
const SIGNS: &[(&str, Relation, bool)] = &[
    ("!==", Relation::IsNot, true),
    ("!~~", Relation::Lacks, true),
    ("^==", Relation::Begins, true),
    ("$==", Relation::Ends, true),
    ("!=", Relation::IsNot, false),
    ("!~", Relation::Lacks, false),
    ("^=", Relation::Begins, false),
    ("$=", Relation::Ends, false),
    ("==", Relation::Is, true),
    ("~~", Relation::Contains, true),
    ("<=", Relation::AtMost, false),
    (">=", Relation::AtLeast, false),
    ("=", Relation::Is, false),
    ("~", Relation::Contains, false),
    ("<", Relation::Less, false),
    (">", Relation::More, false),
    (":", Relation::Has, false),
];

/// What a value without quotes may not begin with, because it would be read as a part of the sign.
pub(super) const SIGN_CHARS: [char; 8] = [':', '=', '!', '<', '>', '~', '^', '$'];

impl Sign {
    /// `:`.
    pub(super) const HAS: Self = Self::of(Relation::Has);
    /// `=`.
    pub(super) const IS: Self = Self::of(Relation::Is);
    /// `!=`.
    pub(super) const IS_NOT: Self = Self::of(Relation::IsNot);

    /// The sign of a relation for which case and accents do not count.
    pub(super) const fn of(relation: Relation) -> Self {
        Self { relation, strict: false }
    }

    /// The sign that a text begins with, and its length. `::` is none; `:>=`, as others write it, is `>=`.
    pub(super) fn read(text: &str) -> Option<(Self, usize)> {
        let (sign, length) = Self::first(text)?;
        if sign.relation != Relation::Has {
            return Some((sign, length));
        }
        match text.get(length..).and_then(Self::first) {
            Some((Self { relation: Relation::Has, .. }, _)) => None,
            Some((behind, more)) => Some((behind, length + more)),
            None => Some((sign, length)),
        }
    }

    fn first(text: &str) -> Option<(Self, usize)> {
        let (word, relation, strict) = SIGNS.iter().find(|(word, ..)| text.starts_with(word))?;
        Some((Self { relation: *relation, strict: *strict }, word.len()))
    }

    /// The sign as it is written.
    pub(super) fn as_str(self) -> &'static str {
        let same = |known: &&(&str, Relation, bool)| (known.1, known.2) == (self.relation, self.strict);
        SIGNS.iter().find(same).map_or(":", |(word, ..)| word)
    }

    /// Whether it is `:`, `=` or `==`.
    pub(super) const fn is_equal(self) -> bool {
        matches!(self.relation, Relation::Has | Relation::Is)
    }

    /// Whether it compares by order.
    pub(super) const fn is_order(self) -> bool {
        matches!(self.relation, Relation::Less | Relation::AtMost | Relation::More | Relation::AtLeast)
    }

    /// Whether what passes it is what does not pass another.
    pub(super) const fn is_negative(self) -> bool {
        matches!(self.relation, Relation::IsNot | Relation::Lacks)
    }

    /// The sign that a negative one negates; any other stays.
    pub(super) const fn positive(self) -> Self {
        let relation = match self.relation {
            Relation::IsNot => Relation::Is,
            Relation::Lacks => Relation::Contains,
            other => other,
        };
        Self { relation, strict: self.strict }
    }

    /// The sign that negates this one, if there is one.
    pub(super) const fn negative(self) -> Option<Self> {
        let relation = match self.relation {
            Relation::Has | Relation::Is => Relation::IsNot,
            Relation::Contains => Relation::Lacks,
            _ => return None,
        };
        Some(Self { relation, strict: self.strict })
    }
}
