//! Values of several fields, encoded as any other and decoded into those that others may have, too.

use super::Shared;
use minicbor::{Decode, Decoder, Encode, Encoder};
use std::sync::Arc;

/// Encodes it as it is without anybody else.
pub(in crate::model::plugin) fn encode<C, T: Encode<C>, W: minicbor::encode::Write>(
    value: &Arc<T>,
    e: &mut Encoder<W>,
    cx: &mut C,
) -> Result<(), minicbor::encode::Error<W::Error>> {
    value.as_ref().encode(e, cx)
}

/// Decodes a value that others may have, too.
pub(in crate::model::plugin) fn decode<'b, C, T: Shared + Decode<'b, C>>(
    d: &mut Decoder<'b>,
    cx: &mut C,
) -> Result<Arc<T>, minicbor::decode::Error> {
    T::decode(d, cx).map(|value| super::once(Arc::new(value)))
}
