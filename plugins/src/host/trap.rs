//! How a guest failed by itself, in words. All that the engine knows is the instruction at which it ended; what it logged
//! before that often says more.

use super::task::LogLine;
use super::wit::log::Level;
use wasmtime::Trap;

/// Characters of a reason.
const CHARS_MAX: usize = 500;

/// What texts of panics begin with: the place follows, and on the next line what was said.
const PANICKED: &str = "panicked at ";

/// What a trap means. Of one that a guest wanted its last line tells why, where that is of an error.
pub(super) fn in_words(trap: Trap, logs: &[LogLine]) -> String {
    let words = match trap {
        Trap::UnreachableCodeReached => return wanted(logs),
        Trap::MemoryOutOfBounds | Trap::HeapMisaligned | Trap::ArrayOutOfBounds => {
            "reached beyond its memory"
        }
        Trap::TableOutOfBounds | Trap::IndirectCallToNull | Trap::BadSignature | Trap::NullReference => {
            "called a function that is none"
        }
        Trap::IntegerDivisionByZero => "divided by zero",
        Trap::IntegerOverflow => "computed a number that is too large",
        Trap::BadConversionToInteger => "made a whole number of one that is none",
        Trap::AllocationTooLarge => "wanted too much memory at once",
        Trap::StringOutOfBounds
        | Trap::ListOutOfBounds
        | Trap::InvalidDiscriminant
        | Trap::InvalidChar
        | Trap::UnalignedPointer => "handed over what cannot be read",
        other => return odd(&other.to_string()),
    };
    words.to_owned()
}

/// What the engine says of an error that has no type.
pub(super) fn odd(text: &str) -> String {
    format!("failed: {}", cut(text.trim_start_matches("wasm trap: ")))
}

/// Why a guest ended itself.
fn wanted(logs: &[LogLine]) -> String {
    match logs.last().filter(|line| matches!(line.level, Level::Error)) {
        None => "ended itself without a word: often for want of memory".to_owned(),
        Some(line) => match line.message.strip_prefix(PANICKED).and_then(|said| said.split_once('\n')) {
            Some((place, said)) => {
                format!("panicked: {} ({})", cut(said.trim()), place.trim_end_matches(':'))
            }
            None => format!("ended itself; before that it logged: {}", cut(&line.message)),
        },
    }
}

fn cut(text: &str) -> String {
    text.chars().take(CHARS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(level: Level, message: &str) -> LogLine {
        LogLine { level, message: message.to_owned(), fields: Vec::new() }
    }

    #[test]
    fn a_panic_is_told_by_what_it_logged() {
        let ended = |logs: &[LogLine]| in_words(Trap::UnreachableCodeReached, logs);
        let panic = line(Level::Error, "panicked at src/lib.rs:7:9:\nout of luck");
        assert_eq!(ended(std::slice::from_ref(&panic)), "panicked: out of luck (src/lib.rs:7:9)");
        assert_eq!(
            ended(&[line(Level::Error, "no such field")]),
            "ended itself; before that it logged: no such field"
        );
        for logs in [&[][..], &[panic, line(Level::Info, "well")]] {
            assert_eq!(ended(logs), "ended itself without a word: often for want of memory");
        }
    }

    #[test]
    fn no_trap_is_told_in_the_words_of_the_engine() {
        for trap in [Trap::MemoryOutOfBounds, Trap::IntegerDivisionByZero, Trap::AsyncDeadlock] {
            assert!(!in_words(trap, &[]).contains("wasm"), "{trap:?}");
        }
    }
}
