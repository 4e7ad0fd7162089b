//! The audit log: one view of the company's log and its security events, and the proof that nobody changed either.
//!
//! Both are chains of their own; here they are read side by side in the order of time, filtered, written out as text, and
//! verified, against heads that were signed before. It does not know who may ask.

mod details;
mod entry;
mod export_check;
mod export_seal;
mod filter;
mod head;
mod lines;
#[cfg(test)]
pub(crate) mod tests;
mod verify;
mod walk;

pub use entry::{AuditDetail, AuditEntry, AuditPlace};
pub use export_check::check_export;
pub use filter::{AuditActor, AuditFilter, subject_named};
pub use head::AuditHead;
pub use lines::Format;
pub use verify::AuditReport;

pub(crate) use export_seal::{ExportSeal, LinesDigest};
pub(crate) use lines::{after_line, csv_header, last_line, line};
pub(crate) use verify::verify;
pub(crate) use walk::{Order, Plausible, Position, Window, ends, page, place_before};
