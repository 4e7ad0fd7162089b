//! An address as mail servers know it. It does not know whose it is.

use lettre::Address;

/// Reads an address. A domain in another script becomes its ASCII form (RFC 5891), which every server takes; what stands before
/// the `@` is its owner's affair and stays.
///
/// # Errors
///
/// Why it is none.
pub(super) fn read(text: &str) -> Result<Address, String> {
    let address: Address = text.parse().map_err(|error| format!("`{text}` is no address: {error}"))?;
    if address.domain().is_ascii() {
        return Ok(address);
    }
    let domain = idna::domain_to_ascii_strict(address.domain());
    let domain = domain.map_err(|_| format!("`{}` is the name of no domain", address.domain()))?;
    Address::new(address.user(), domain).map_err(|error| format!("`{text}` is no address: {error}"))
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn a_domain_in_another_script_is_written_in_ascii_and_all_else_stays() {
        for (text, expected) in [
            ("ana@m\u{fc}ller.example", "ana@xn--mller-kva.example"),
            ("ana@mu\u{308}ller.example", "ana@xn--mller-kva.example"),
            ("ana@fa\u{df}.example", "ana@xn--fa-hia.example"),
            ("ana@\u{4f8b}\u{3048}.jp", "ana@xn--r8jz45g.jp"),
            ("\u{e4}nne@m\u{fc}ller.example", "\u{e4}nne@xn--mller-kva.example"),
            ("Ana@Example.COM", "Ana@Example.COM"),
            ("ana@xn--mller-kva.example", "ana@xn--mller-kva.example"),
            ("ana@[192.0.2.1]", "ana@[192.0.2.1]"),
        ] {
            assert_eq!(read(text).unwrap().to_string(), expected, "{text}");
        }
    }

    #[test]
    fn what_is_the_name_of_no_domain_is_no_address() {
        for domain in ["\u{fc}".repeat(64), "-\u{fc}.example".to_owned(), "\u{fc}_.example".to_owned()] {
            assert!(read(&format!("ana@{domain}")).is_err(), "{domain}");
        }
    }
}
