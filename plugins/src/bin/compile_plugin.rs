//! Compiles one plugin from standard input to standard output, within limits, for a host that does not do it itself.
//!
//! A program that embeds Mortise and whose own binary cannot do it names this one in `HostConfig::worker`.

fn main() -> std::process::ExitCode {
    mortise_plugins::host::worker_main()
}
