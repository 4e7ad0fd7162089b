//! A logo: the address of a picture, or a small picture itself.

use super::link::is_secure_page;
use crate::error::{Error, Result};
use data_encoding::BASE64;

/// The kinds of pictures that are taken, and how their bytes begin. None of them holds a program.
const KINDS: [(&str, &[u8]); 4] =
    [("png", b"\x89PNG\r\n\x1a\n"), ("jpeg", b"\xff\xd8\xff"), ("gif", b"GIF8"), ("webp", b"RIFF")];

/// A logo of at most so many bytes, where it is a picture itself.
///
/// # Errors
///
/// `INVALID_INPUT` with what is wrong.
pub(crate) fn logo(field: &str, text: &str, bytes_max: usize) -> Result<String> {
    let text = text.trim();
    let refuse = |message: String| Err(Error::invalid(field, message));
    let Some(data) = text.strip_prefix("data:image/") else {
        if is_secure_page(text) {
            return Ok(text.to_owned());
        }
        return refuse("a logo is https://… or data:image/png;base64,… (or jpeg, gif, webp)".to_owned());
    };
    if data.len() > bytes_max.saturating_mul(4) / 3 + 16 {
        return refuse(format!(
            "a logo that is sent along has at most {bytes_max} bytes: give an address instead"
        ));
    }
    let found = KINDS.iter().find_map(|(kind, begins)| {
        let encoded = data.strip_prefix(kind)?.strip_prefix(";base64,")?;
        Some((*begins, BASE64.decode(encoded.as_bytes()).ok()?))
    });
    match found {
        Some((_, bytes)) if bytes.len() > bytes_max => refuse(format!(
            "a logo that is sent along has at most {bytes_max} bytes: give an address instead"
        )),
        Some((begins, bytes)) if bytes.starts_with(begins) => Ok(text.to_owned()),
        _ => refuse("this is no picture of its kind: PNG, JPEG, GIF or WebP in base64".to_owned()),
    }
}
