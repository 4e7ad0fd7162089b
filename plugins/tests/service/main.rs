//! The service: a real engine, the real compile worker, and real guests that take part in what companies decide.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
#![expect(clippy::panic, reason = "a test stops at the first surprise")]

mod briefs;
mod catalogue;
mod guards;
mod isolation;
mod repeated;
mod runs;
mod seen;
mod settings;
mod tiers;
mod versions;
mod world;
