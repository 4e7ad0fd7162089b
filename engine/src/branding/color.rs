//! Whether a text can be read on its ground: the contrast of WCAG 2.2 (1.4.3).

use crate::error::{Error, Result};

/// The least contrast of text of ordinary size.
const CONTRAST_MIN: f64 = 4.5;

/// Refuses a text in a colour that cannot be read on this ground. `names` are the fields of the text and of the ground;
/// both colours are `#rrggbb`.
///
/// # Errors
///
/// `INVALID_INPUT` with the contrast.
pub(crate) fn readable((text_field, text): (&str, &str), (ground_field, ground): (&str, &str)) -> Result<()> {
    let contrast = contrast(text, ground);
    if contrast >= CONTRAST_MIN {
        return Ok(());
    }
    // Cut, not rounded: what is refused never shows as enough.
    let shown = (contrast * 100.0).floor() / 100.0;
    let message = format!(
        "`{text}` on `{ground}` (`{ground_field}`) has a contrast of {shown:.2}:1, and {CONTRAST_MIN}:1 is needed: \
         make one of them darker or lighter"
    );
    Err(Error::invalid(text_field, message))
}

/// From 1, the same colour, to 21, black and white.
fn contrast(one: &str, other: &str) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// How bright a colour is, from 0 to 1.
fn luminance(color: &str) -> f64 {
    let part = |from: usize| {
        let digits = color.get(from..from + 2).unwrap_or_default();
        let part = f64::from(u8::from_str_radix(digits, 16).unwrap_or_default()) / 255.0;
        if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    };
    0.0722f64.mul_add(part(5), 0.2126f64.mul_add(part(1), 0.7152 * part(3)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contrasts_are_those_of_the_standard() {
        for (one, other, expected) in [
            ("#000000", "#ffffff", 21.0),
            ("#777777", "#ffffff", 4.478),
            ("#767676", "#ffffff", 4.542),
            ("#ff0000", "#ffffff", 3.998),
            ("#0000ff", "#ffffff", 8.592),
            ("#abcdef", "#abcdef", 1.0),
        ] {
            let (there, back) = (contrast(one, other), contrast(other, one));
            assert!(
                (there - expected).abs() < 0.001 && (there - back).abs() < 1e-9,
                "{one} on {other}: {there}"
            );
        }
    }

    #[test]
    fn a_text_that_cannot_be_read_is_refused_with_its_contrast() {
        let refused = readable(("text", "#777777"), ("background", "#ffffff")).unwrap_err();
        assert!(refused.message().contains("a contrast of 4.47:1, and 4.5:1 is needed"), "{refused}");
        assert_eq!(refused.field(), Some("text"));
        assert!(readable(("text", "#767676"), ("background", "#ffffff")).is_ok());
    }
}
