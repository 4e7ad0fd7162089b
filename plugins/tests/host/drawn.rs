//! What becomes of bytes that nobody wrote: refused, or run within their limits, each with an end that has a name.

use crate::world::{Somebody, World, call, config, validate, workflow};
use mortise_plugins::host::{Budget, CompileError, Host, HostConfig, HostError, UploadLimits};

/// A host that keeps little of what it has seen, so that what is left of thousands of guests would be seen.
pub(crate) fn world() -> World {
    let folder = tempfile::tempdir().unwrap();
    let config = HostConfig { loaded_bytes: 1 << 18, cache_bytes: 1 << 20, kept_bytes: 0, ..config(&folder) };
    World { host: Host::new(config).unwrap(), folder }
}

/// The way of an upload: looked at, compiled, asked for a verdict. Whatever is no end of a guest stops the test.
pub(crate) async fn end_of(world: &World, wasm: &[u8]) -> String {
    if world.host.inspect(wasm, &UploadLimits::own()).is_err() {
        return "refused".into();
    }
    let code = match world.load(wasm).await {
        Ok(code) => code,
        Err(HostError::Compile(CompileError::Invalid(_))) => return "invalid".into(),
        Err(HostError::Unfit(_)) => return "unfit".into(),
        Err(other) => panic!("{other:?}"),
    };
    let (budget, mut somebody) = (workflow(), Somebody::default());
    let run = world.host.run(&code, validate(), call(), &budget, &mut somebody).await;
    let Budget { memory_bytes, host_calls, .. } = budget;
    assert!(run.used.memory_bytes <= memory_bytes && run.used.host_calls <= host_calls + 1, "{:?}", run.used);
    match run.outcome {
        Ok(_) => "ran: answered".into(),
        Err(stopped) => {
            assert!(stopped.is_fault(), "nobody but the guest is at fault: {stopped:?}");
            format!("ran: {}", stopped.kind())
        }
    }
}
