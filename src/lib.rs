//! mortise
