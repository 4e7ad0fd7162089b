//! What several curated plugins share: words of the contract's enums, conditions on issues, states by name, and texts.
//!
//! It does not know any one plugin. Whatever only one of them needs stays there.

mod happening;
mod instant;
mod only;
mod states;
mod teams;
mod text;
mod words;

pub use happening::{is_chosen, issue_of, names_of};
pub use instant::{minutes_between, seconds};
pub use only::{Exempt, Only};
pub use states::{in_states, pick};
pub use teams::Teams;
pub use text::{clip, fill, plain, value, values};
pub use words::{
    category_word, is_closed, is_word, kind_from, kind_word, priority_from, priority_rank, priority_word,
};
