//! What is read of texts, of payloads, and what becomes of deliveries.

mod deliveries;
mod payloads;
mod texts;
