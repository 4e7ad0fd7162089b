//! A file that is sent bit by bit, with a bar that shows how far it has come.
//!
//! It does not know where to.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use anyhow::{Context as _, ensure};
use hyper::body::Bytes;
use tokio::sync::{mpsc, watch};

use crate::cli::chunks::{Chunk, Chunks};
use crate::cli::progress::bytes_sent;

/// Bytes that are read at once.
const PART_BYTES: u64 = 64 * 1024;

/// Parts that wait to be sent.
const PARTS_AHEAD: usize = 4;

/// A file that is to be sent.
pub(super) struct Sending {
    file: File,
    bytes: u64,
}

impl Sending {
    /// The file at `path`.
    ///
    /// # Errors
    /// It cannot be opened, or is no regular file: how long a pipe is cannot be told.
    pub(super) async fn open(path: &Path) -> anyhow::Result<Self> {
        let (path, shown) = (path.to_owned(), path.display().to_string());
        let open = move || File::open(path).and_then(|file| Ok((file.metadata()?, file)));
        let (about, file) =
            tokio::task::spawn_blocking(open).await?.with_context(|| format!("cannot read {shown}"))?;
        ensure!(about.is_file(), "cannot send {shown}: it is not a regular file; save it as one first");
        Ok(Self { file, bytes: about.len() })
    }

    /// How long it is.
    pub(super) const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// What is sent, and how many bytes of it were taken so far, for as long as there are more. It is read on a thread of its
    /// own, while somebody takes it.
    pub(super) fn body(self) -> (Chunks, watch::Receiver<u64>) {
        let (to, from) = mpsc::channel(PARTS_AHEAD);
        let (taken, watched) = watch::channel(0);
        let bytes = self.bytes;
        tokio::task::spawn_blocking(move || self.give(&to, &taken));
        (Chunks::of(bytes, from), watched)
    }

    fn give(mut self, to: &mpsc::Sender<Chunk>, taken: &watch::Sender<u64>) {
        let bar = bytes_sent("1/3", self.bytes);
        let mut left = self.bytes;
        while left > 0 {
            let part = self.part(left.min(PART_BYTES));
            let read = part.as_ref().map_or(0, |part| part.len() as u64);
            // What cannot be read breaks the sending off; and so does whoever takes no more.
            if to.blocking_send(part).is_err() || read == 0 {
                break;
            }
            left = left.saturating_sub(read);
            taken.send_replace(self.bytes.saturating_sub(left));
            bar.inc(read);
        }
        bar.finish_and_clear();
    }

    fn part(&mut self, bytes: u64) -> Chunk {
        let mut part = Vec::new();
        match self.file.by_ref().take(bytes).read_to_end(&mut part)? {
            0 => {
                Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the file became shorter while it was sent"))
            }
            _ => Ok(Bytes::from(part)),
        }
    }
}
