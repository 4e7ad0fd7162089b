//! RSA moduli of a generator that made them guessable (CVE-2017-15361, "ROCA").
//!
//! Its primes are `k·M + 65537^a mod M`, `M` a product of small primes. So the modulus, modulo each of these primes, is a
//! power of 65537, which of others only about one in a hundred million is. It does not know other weak keys.

/// The primes that every such `M` is a product of.
const PRIMES: [u32; 39] = [
    2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103,
    107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
];

const GENERATOR: u32 = 65_537;

/// Whether a modulus, big-endian, bears the mark of that generator.
pub(super) fn is_marked(modulus: &[u8]) -> bool {
    PRIMES.into_iter().all(|prime| is_power(remainder(modulus, prime), prime))
}

fn remainder(number: &[u8], prime: u32) -> u32 {
    number.iter().fold(0, |rest, byte| (rest << 8 | u32::from(*byte)) % prime)
}

/// Whether `rest` is a power of the generator modulo `prime`.
fn is_power(rest: u32, prime: u32) -> bool {
    let mut power = 1 % prime;
    // There are fewer powers than numbers below the prime.
    for _ in 0..prime {
        if power == rest {
            return true;
        }
        power = power * (GENERATOR % prime) % prime;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_power_of_the_generator_is_marked_and_its_neighbour_is_not() {
        assert!(is_marked(&[1]));
        assert!(is_marked(&GENERATOR.to_be_bytes()));
        assert!(!is_marked(&(GENERATOR + 2).to_be_bytes()));
        assert!(!is_marked(&[0xff; 256]));
    }
}
