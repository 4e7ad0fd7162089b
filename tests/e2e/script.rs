//! Plays scripts: who does what, and what comes of it.
//!
//! ```text
//! as ana    issue create ENG "Login fails"     → ENG-1 Open
//! as uwe    team create OPS "Operations"       → FORBIDDEN
//! ```
//!
//! A script that goes another way is shown as it went, ready to be pasted. What the verbs mean is in `verbs`.

use std::collections::HashMap;

use crate::verbs;
use crate::world::{Client, World};

/// Plays a script in a fresh world.
#[track_caller]
pub(crate) fn play(script: &str) {
    let world = World::new();
    play_in(&world, script);
}

/// Plays a script in this world.
#[track_caller]
pub(crate) fn play_in(world: &World, script: &str) {
    let mut cast = Cast { world, clients: HashMap::new() };
    let lines: Vec<&str> = script.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let played: Vec<String> = lines.iter().map(|line| cast.play(line)).collect();
    assert!(lines == played, "it went another way:\n\n{}\n", played.join("\n"));
}

/// The people of a script, signed in when they first act.
struct Cast<'a> {
    world: &'a World,
    clients: HashMap<String, Client>,
}

impl Cast<'_> {
    /// The line with what really came of it.
    fn play(&mut self, line: &str) -> String {
        let Some((before, _)) = line.split_once('→') else { return line.to_owned() };
        let words = words(before);
        let [first, who, verb @ ..] = words.as_slice() else { panic!("who does what? {line}") };
        assert_eq!(first, "as", "{line}");
        let world = self.world;
        let client = self.clients.entry(who.clone()).or_insert_with(|| match who.as_str() {
            "nobody" => world.nobody(),
            name => world.client(name),
        });
        format!("{before}→ {}", verbs::perform(client, verb))
    }
}

/// The words of a line; double quotes hold one together, also within it: `title="two words"`.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted) = (Vec::new(), None::<String>, false);
    for c in line.chars() {
        match c {
            '"' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            c if c.is_whitespace() && !quoted => words.extend(word.take()),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

#[test]
fn quotes_hold_a_word_together() {
    assert_eq!(words(r#"as ana  x "two words" a="b c" """#), ["as", "ana", "x", "two words", "a=b c", ""]);
}
