//! The id of a run: it sorts as the runs began.

use data_encoding::{Encoding, Specification};
use mortise_engine::{Error, Result};
use std::sync::LazyLock;
use std::{fmt, str::FromStr};
use uuid::Uuid;

/// The digits of ids, in the order of their values, so that texts sort as ids do.
static BASE32: LazyLock<Option<Encoding>> = LazyLock::new(|| {
    let mut specification = Specification::new();
    specification.symbols.push_str("0123456789abcdefghijklmnopqrstuv");
    specification.encoding().ok()
});

/// Bits of an id behind its milliseconds.
const RANDOM_BITS: u32 = 80;

/// The id of a run, `run_…`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId(Uuid);

impl RunId {
    /// A new one, behind all of earlier milliseconds.
    #[must_use]
    pub fn generate() -> Self {
        Self(Uuid::now_v7())
    }

    /// Its bytes, which sort as it does.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }

    /// The id of these bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(bytes))
    }

    /// The milliseconds since 1970 at which it was made, as it says itself.
    #[must_use]
    pub fn millis(&self) -> i64 {
        let first = self.as_bytes().iter().take(6);
        first.fold(0, |millis, byte| millis << 8 | i64::from(*byte))
    }

    /// The first id that may be made so many milliseconds after this one.
    #[must_use]
    pub(super) fn later(self, millis: u32) -> Self {
        let made = u128::from_be_bytes(*self.as_bytes()) >> RANDOM_BITS;
        let later = made.saturating_add(millis.into()).min(u128::MAX >> RANDOM_BITS);
        Self::from_bytes((later << RANDOM_BITS).to_be_bytes())
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = BASE32.as_ref().map(|base32| base32.encode(self.as_bytes()));
        write!(f, "run_{}", digits.unwrap_or_default())
    }
}

impl fmt::Debug for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for RunId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let digits = text.strip_prefix("run_").filter(|digits| digits.len() == 26);
        let bytes = digits.and_then(|digits| BASE32.as_ref()?.decode(digits.as_bytes()).ok());
        let bytes = bytes.and_then(|bytes| <[u8; 16]>::try_from(bytes).ok());
        bytes
            .map(Self::from_bytes)
            .ok_or_else(|| Error::invalid("id", "this is not a run's id: expected `run_` and 26 characters"))
    }
}

impl<C> minicbor::Encode<C> for RunId {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut minicbor::Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.bytes(self.as_bytes())?.ok()
    }
}

impl<'b, C> minicbor::Decode<'b, C> for RunId {
    fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        Uuid::from_slice(d.bytes()?).map(Self).map_err(minicbor::decode::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_later_is_behind_all_that_may_have_come_before() {
        let run = RunId::generate();
        let (next, after) = (run.later(1), run.later(2));
        assert!(run.later(0) <= run && run < next && next < after);
        assert_eq!((next.millis(), after.millis()), (run.millis() + 1, run.millis() + 2));
        let last = RunId::from_bytes([255; 16]);
        assert!(last.later(9) <= last, "nothing is behind the last");
    }

    #[test]
    fn ids_read_back_and_sort_as_their_texts() {
        let (a, b) = (RunId::from_bytes([1; 16]), RunId::from_bytes([2; 16]));
        assert!(a < b && a.to_string() < b.to_string());
        assert_eq!(a.to_string().parse::<RunId>().unwrap(), a);
        for wrong in ["", "run_", "iss_01234567890123456789012345", "run_WWWWWWWWWWWWWWWWWWWWWWWWWW"] {
            assert!(wrong.parse::<RunId>().is_err(), "{wrong}");
        }
    }
}
