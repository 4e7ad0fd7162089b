//! Those who run the platform, as they offer plugins: a key that signs, kept where no server is, and a key of the server's.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::desk::{Desk, alone, kept, word};
use crate::root::OPERATOR;
use crate::world::World;

/// See the module.
pub(super) struct Platform {
    /// Signs for the catalogue.
    signer: PathBuf,
    /// What a server knows of it.
    public: PathBuf,
    /// A platform key that may publish.
    key: PathBuf,
}

impl Platform {
    /// With keys made on the command line; no server may run.
    pub(super) fn of(world: &World) -> Self {
        let create = ["root", "create", "--email", OPERATOR, "--password-stdin"];
        world.run_with_input(&create, "an operators own passphrase\n").succeeded();
        let words = ["root", "key", "create", "--operator", OPERATOR, "--name", "shelf", "--scope", "write"];
        let key = kept(world, "platform.key", &world.run(&words).succeeded().stdout);
        let signer = world.beside("catalogue.pem");
        let public = alone(&["keygen", word(&signer)]).succeeded().stdout;
        Self { signer, public: kept(world, "catalogue.pub", public), key }
    }

    /// Starts a server whose catalogue takes what is signed here.
    pub(super) fn serve(&self, world: &mut World) {
        world.start_with(&["--no-rate-limits", "--plugin-keys", word(&self.public)]);
    }

    /// Starts it again, with the company `acme` in another tier.
    pub(super) fn moves_the_company_to(&self, world: &mut World, tier: &str) {
        world.stop();
        world.run(&["tenant", "tier", "acme", tier]).succeeded();
        self.serve(world);
    }

    /// Signs a component and publishes it at the running server: what the catalogue says of it.
    #[track_caller]
    pub(super) fn offers(&self, world: &World, wasm: &Path) -> Value {
        let signature = alone(&["sign", word(wasm), "--key", word(&self.signer)]).succeeded().stdout;
        let signature = kept(world, "plugin.sig", signature);
        let publish = ["catalogue", "publish", word(wasm), "--signature", word(&signature)];
        Desk::of(world, &self.key).told(&publish)
    }

    /// What the platform's own key is shown of the shelf; what it is told where a company's is wanted, and a company's key where
    /// the platform's is.
    pub(super) fn keys_are_told_apart(&self, world: &World, company: &Desk, wasm: &Path) {
        let ours = Desk::of(world, &self.key);
        assert_eq!(ours.told(&["catalogue", "list"]), company.told(&["catalogue", "list"]));
        ours.plugin(&["list"]).refused_with(&["this is a platform key"]);
        ours.plugin(&["upload", word(wasm)]).refused_with(&["this is a platform key"]);
        let signature = alone(&["sign", word(wasm), "--key", word(&self.signer)]).succeeded().stdout;
        let signature = kept(world, "plugin.sig", signature);
        let publish = ["catalogue", "publish", word(wasm), "--signature", word(&signature)];
        company.plugin(&publish).refused_with(&["an API key of a company"]);
    }
}
