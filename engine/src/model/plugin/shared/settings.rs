//! Settings, encoded as any other text. Short ones are mostly none at all, or what the plugin proposes; long ones are a company's own,
//! and change.

pub(in crate::model::plugin) use super::text::encode;
use std::sync::Arc;

/// Bytes of settings that are looked for among those of others.
const SHORT: usize = 256;

/// Decodes settings that others may have, too.
pub(in crate::model::plugin) fn decode<C>(
    d: &mut minicbor::Decoder<'_>,
    _: &mut C,
) -> Result<Arc<str>, minicbor::decode::Error> {
    let settings = d.str()?;
    Ok(if settings.len() <= SHORT { super::once(settings) } else { settings.into() })
}
