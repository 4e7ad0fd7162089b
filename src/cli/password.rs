//! Where the command line takes passwords from: standard input, or chance. Never from an argument, which every user
//! of the machine can read.
//!
//! It does not know which passwords are good enough: the engine says.

use std::io::{BufRead, BufReader, IsTerminal as _, Read as _};

use anyhow::Context as _;
use mortise::identity::Password;

/// The longest first line that is taken, in bytes without its end. What is longer is refused: a part of a secret is none.
const INPUT_BYTES_MAX: usize = 4096;

/// What is read to see that a line ends: the line, its end, and a byte more.
const READ_BYTES_MAX: u64 = INPUT_BYTES_MAX as u64 + 3;

/// Characters of a password made here: 5 bits each, 100 together.
const MADE_CHARS: usize = 20;

/// Letters and digits that are hard to mistake for one another; 32 of them.
const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// A password, and its text when it was made here and must be told once.
pub(super) struct Chosen {
    /// The password.
    pub(super) password: Password,
    /// Its text, to be shown to whoever asked for it.
    pub(super) made: Option<String>,
}

/// The text of a password, for who sends it on.
pub(super) struct ChosenText {
    /// The text.
    pub(super) text: String,
    /// Whether it was made here, and is to be shown to whoever asked for it.
    pub(super) made: bool,
}

/// The first line of standard input, or a password made by chance.
///
/// # Errors
/// Standard input cannot be read, or its first line is empty or too long; no randomness.
pub(super) async fn choose(from_stdin: bool) -> anyhow::Result<Chosen> {
    let ChosenText { text, made } = choose_text(from_stdin).await?;
    Ok(Chosen { password: Password::new(text.clone()), made: made.then_some(text) })
}

/// As [`choose`], as a text.
///
/// # Errors
/// The same.
pub(super) async fn choose_text(from_stdin: bool) -> anyhow::Result<ChosenText> {
    if from_stdin {
        return Ok(ChosenText { text: typed("password").await?, made: false });
    }
    Ok(ChosenText { text: make()?, made: true })
}

/// The first line of standard input, which is to be a `what`, such as `password`.
///
/// # Errors
/// Standard input cannot be read, or its first line is empty or has more than 4096 bytes.
pub(super) async fn typed(what: &'static str) -> anyhow::Result<String> {
    tokio::task::spawn_blocking(move || first_line(std::io::stdin(), what)).await?
}

/// The same where nothing may come behind it, unless somebody types.
///
/// # Errors
/// The same; or there is a second line.
pub(super) async fn typed_alone(what: &'static str) -> anyhow::Result<String> {
    let typed = move || {
        let input = std::io::stdin();
        if input.is_terminal() { first_line(input, what) } else { only_line(input, what) }
    };
    tokio::task::spawn_blocking(typed).await?
}

fn first_line(input: impl std::io::Read, what: &str) -> anyhow::Result<String> {
    line_of(&mut BufReader::new(input.take(READ_BYTES_MAX)), what)
}

fn only_line(input: impl std::io::Read, what: &str) -> anyhow::Result<String> {
    let mut input = BufReader::new(input.take(2 * READ_BYTES_MAX));
    let line = line_of(&mut input, what)?;
    let mut rest = Vec::new();
    input.read_to_end(&mut rest).with_context(|| format!("cannot read a {what} from standard input"))?;
    anyhow::ensure!(
        rest.iter().all(u8::is_ascii_whitespace),
        "cannot take this {what}: it has more than one line; `--value-file` takes several"
    );
    Ok(line)
}

fn line_of(input: &mut impl BufRead, what: &str) -> anyhow::Result<String> {
    let cannot = || format!("cannot read a {what} from standard input");
    let mut line = Vec::new();
    input.take(READ_BYTES_MAX).read_until(b'\n', &mut line).with_context(cannot)?;
    let typed = line.strip_suffix(b"\n").unwrap_or(&line);
    let typed = typed.strip_suffix(b"\r").unwrap_or(typed);
    anyhow::ensure!(!typed.is_empty(), "cannot read a {what}: the first line of standard input is empty");
    anyhow::ensure!(
        typed.len() <= INPUT_BYTES_MAX,
        "cannot take this {what}: the first line of standard input has more than {INPUT_BYTES_MAX} bytes"
    );
    Ok(std::str::from_utf8(typed).with_context(cannot)?.to_owned())
}

fn make() -> anyhow::Result<String> {
    let mut bytes = [0_u8; MADE_CHARS];
    getrandom::fill(&mut bytes).map_err(|error| anyhow::anyhow!("no randomness for a password: {error}"))?;
    let letter = |byte: u8| ALPHABET.get(usize::from(byte % 32)).copied().map_or('x', char::from);
    Ok(bytes.into_iter().map(letter).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_to_be_alone_has_no_second_line() {
        assert_eq!(only_line("key\n\n".as_bytes(), "secret").unwrap(), "key");
        let several = only_line("-----BEGIN\nmore\n".as_bytes(), "secret").unwrap_err();
        assert!(several.to_string().contains("--value-file"), "{several}");
        assert!(only_line("a".repeat(200_000).as_bytes(), "secret").is_err());
    }

    #[test]
    fn a_password_is_the_first_line_without_its_end() {
        for text in ["a b ", "a b \n", "a b \r\nmore"] {
            assert_eq!(first_line(text.as_bytes(), "password").unwrap(), "a b ");
        }
        assert!(first_line("\nx".as_bytes(), "password").unwrap_err().to_string().contains("empty"));
    }

    #[test]
    fn what_is_longer_than_can_be_taken_is_refused_and_not_cut() {
        let longest = "a".repeat(INPUT_BYTES_MAX);
        for end in ["", "\n", "\r\n", "\nmore"] {
            let text = format!("{longest}{end}");
            assert_eq!(first_line(text.as_bytes(), "secret").unwrap(), longest, "{end:?}");
        }
        for more in ["a", "a\n", "a\r\n", "\r\r\n", "é"] {
            let text = format!("{longest}{more}");
            let refused = first_line(text.as_bytes(), "secret").unwrap_err().to_string();
            assert!(refused.contains("this secret") && refused.contains("4096 bytes"), "{more:?}: {refused}");
        }
        assert!(first_line(std::io::repeat(b'a'), "secret").is_err(), "it is not read to its end");
    }

    #[test]
    fn a_made_password_is_long_and_never_the_same() {
        let (one, two) = (make().unwrap(), make().unwrap());
        assert_eq!(one.len(), MADE_CHARS);
        assert_ne!(one, two);
        assert!(Password::new(one).check_policy().is_ok());
    }
}
