//! A UUID as its bytes, for rows.

use minicbor::{Decoder, Encoder, decode as decoding, encode as encoding};
use uuid::Uuid;

pub(super) fn encode<C, W: encoding::Write>(
    id: &Uuid,
    e: &mut Encoder<W>,
    _: &mut C,
) -> Result<(), encoding::Error<W::Error>> {
    e.bytes(id.as_bytes())?.ok()
}

pub(super) fn decode<C>(d: &mut Decoder<'_>, _: &mut C) -> Result<Uuid, decoding::Error> {
    Uuid::from_slice(d.bytes()?).map_err(decoding::Error::custom)
}
