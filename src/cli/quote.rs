//! `opcms quote`: what a quantity would cost. Needs neither configuration nor database.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;

use crate::i18n::Tr;
use crate::pricing::quotes::answers;

use super::{LANGUAGE, Outcome, Report, say};

/// The largest input.
const MAX_BYTES: u64 = 16 * 1024 * 1024;

/// Reads a question or an array of them as JSON, and prints the answers as JSON.
///
/// The question `{"model": "standard", "unit_price": "0.8", "quantity": "1500"}` has an answer like
/// `{"amount": "1200.00", "lines": [{"kind", "amount", "explanation", "text"}]}`. One that makes no sense gets
/// `{"error": {"field", "message"}}`, and the exit code is 1; the others are answered nevertheless.
#[derive(Debug, Args)]
pub(super) struct Quote {
    /// The file, or - for standard input.
    #[arg(default_value = "-")]
    file: PathBuf,
    /// The language of sentences: zh-CN or en.
    #[arg(long, value_parser = language, default_value = LANGUAGE.tag())]
    lang: Tr,
}

fn language(tag: &str) -> Result<Tr, String> {
    Tr::from_tag(tag).ok_or_else(|| "the languages are zh-CN and en".to_owned())
}

impl Quote {
    pub(super) fn run(&self) -> Outcome {
        let text = self.read()?;
        // The size of the input bounds their number.
        let answers = answers(&text, usize::MAX, self.lang)
            .map_err(|many| anyhow::anyhow!("{} questions are too many.", many.count))?;
        say(&serde_json::to_string(&answers)?)
            .map_err(|fault| anyhow::anyhow!("The result cannot be printed: {fault}."))?;
        Ok(Report { complete: answers.is_complete(), ..Report::silent() })
    }

    fn read(&self) -> anyhow::Result<String> {
        let (name, source): (_, Box<dyn Read>) = if self.file == Path::new("-") {
            ("Standard input".to_owned(), Box::new(io::stdin().lock()))
        } else {
            let name = self.file.display().to_string();
            let file = File::open(&self.file).with_context(|| format!("{name} cannot be read"))?;
            (name, Box::new(file))
        };
        let mut content = Vec::new();
        // One byte more than is allowed tells that there is more.
        let mut source = source.take(MAX_BYTES.saturating_add(1));
        source.read_to_end(&mut content).with_context(|| format!("{name} cannot be read"))?;
        let size = u64::try_from(content.len()).unwrap_or(u64::MAX);
        anyhow::ensure!(
            size <= MAX_BYTES,
            "{name} is larger than 16 MB; send the questions in several files."
        );
        let text = String::from_utf8(content);
        let text = text.map_err(|_| anyhow::anyhow!("{name} is no text in UTF-8."))?;
        Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
    }
}
