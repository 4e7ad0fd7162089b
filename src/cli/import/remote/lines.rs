//! The lines of an answer, as they come.
//!
//! It does not know what is in them.

use anyhow::bail;
use hyper::body::Incoming;

use crate::cli::chunks::next;

/// See the module.
pub(super) struct Lines {
    body: Incoming,
    /// What came and was not taken yet.
    held: Vec<u8>,
    /// Bytes of it in which there is no end of a line.
    looked: usize,
}

impl Lines {
    /// The lines of this body.
    pub(super) const fn of(body: Incoming) -> Self {
        Self { body, held: Vec::new(), looked: 0 }
    }

    /// The next line without its end, or what stands behind the last; none when there is nothing more.
    ///
    /// # Errors
    /// It breaks off, or a line is longer than this.
    pub(super) async fn next(&mut self, bytes_max: usize) -> anyhow::Result<Option<Vec<u8>>> {
        loop {
            let unseen = self.held.get(self.looked..).unwrap_or_default();
            if let Some(end) = unseen.iter().position(|byte| *byte == b'\n') {
                let rest = self.held.split_off(self.looked.saturating_add(end).saturating_add(1));
                let mut line = std::mem::replace(&mut self.held, rest);
                line.pop();
                self.looked = 0;
                return Ok(Some(line));
            }
            self.looked = self.held.len();
            if self.held.len() > bytes_max {
                bail!("the answer has a line of more than {bytes_max} bytes");
            }
            let Some(bytes) = next(&mut self.body).await else {
                self.looked = 0;
                let last = std::mem::take(&mut self.held);
                return Ok(Some(last).filter(|last| !last.is_empty()));
            };
            self.held.extend_from_slice(&bytes?);
        }
    }
}
