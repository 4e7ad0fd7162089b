//! Looking up which issues have texts that are searched.

use super::{Found, LookUp};
use crate::error::{Error, Result};
use crate::filter::TextSearch;
use roaring::RoaringBitmap;

impl LookUp<'_> {
    /// The issues among the candidates whose texts match, all of them, and how well. With `best`, how well is asked of the
    /// so many that match best, and of those that match as well as the last of them.
    pub(super) async fn text(
        &mut self,
        _search: &TextSearch,
        _candidates: RoaringBitmap,
        _best: Option<usize>,
    ) -> Result<Found> {
        if self.seen.is_past() {
            let message = "texts are searched as they are now: leave the search out, or ask without `at`";
            return Err(Error::invalid("filter", message));
        }
        Err(Error::unavailable("texts cannot be searched: there is no index here"))
    }
}
