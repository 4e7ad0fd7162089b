//! Texts, encoded as any other and decoded into those that others may have, too.

use std::sync::Arc;

/// Encodes it as any other text.
pub(in crate::model::plugin) fn encode<C, W: minicbor::encode::Write>(
    text: &str,
    e: &mut minicbor::Encoder<W>,
    _: &mut C,
) -> Result<(), minicbor::encode::Error<W::Error>> {
    e.str(text)?.ok()
}

/// Decodes a text that others may have, too.
pub(in crate::model::plugin) fn decode<C>(
    d: &mut minicbor::Decoder<'_>,
    _: &mut C,
) -> Result<Arc<str>, minicbor::decode::Error> {
    d.str().map(super::once)
}
