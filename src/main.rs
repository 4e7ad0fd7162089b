//! mortise

#[allow(dead_code, reason = "the commands that use it come with the command line")]
mod import;

fn main() {}
