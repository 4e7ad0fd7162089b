//! The company that is asked, and what one knows of it beforehand.

use std::path::Path;

use anyhow::Context as _;
use mortise_engine::Engine;
use mortise_engine::filter::Filter;

use crate::ask::Asker;
use crate::company::Company;
use crate::effort::Effort;
use crate::shape::Shape;
use crate::texts::Texts;
use crate::words::{Chance, Words};

/// See the module.
pub(crate) struct Subject {
    pub(crate) asker: Asker,
    pub(crate) company: Company,
    pub(crate) shape: Shape,
    pub(crate) words: Words,
    pub(crate) effort: Effort,
}

impl Subject {
    /// Opens the only company of a folder, which must have so many issues.
    pub(crate) async fn open(data: &Path, issues: u32, effort: Effort) -> anyhow::Result<Self> {
        let engine = Engine::builder(data).open().await?;
        let tenant = engine.tenants().first().context("the folder holds no company")?.id;
        let company = Company::of(&engine, tenant).await?;
        let asker = Asker::of(engine, tenant);
        let counted = asker.count(&Filter::everything()).await?;
        anyhow::ensure!(counted == u64::from(issues), "{issues} issues were seeded and {counted} are there");
        Ok(Self { asker, company, shape: Shape::large(issues), words: Words::new(), effort })
    }

    /// The number of any issue.
    pub(crate) fn any_number(&self, chance: &mut Chance) -> u32 {
        u32::try_from(chance.below(self.shape.issues as usize)).unwrap_or_default()
    }

    /// Two words that stand together in a text of some issue.
    pub(crate) fn two_words(&self, chance: &mut Chance, text: fn(&Texts) -> &String) -> Option<[String; 2]> {
        /// Texts that are looked through: most have two words of middling frequency.
        const TRIES: usize = 1_000;
        (0..TRIES).find_map(|_| {
            let texts = self.texts(self.any_number(chance));
            self.words.two_of(chance, text(&texts)).map(|two| two.map(str::to_owned))
        })
    }

    /// The texts of the issue with this number.
    pub(crate) fn texts(&self, number: u32) -> Texts {
        self.shape.texts(number, &self.words)
    }
}
