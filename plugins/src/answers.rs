//! What guests are told: the host functions, answered from an engine.
//!
//! [`Reading`] is what all of them share: issues and people, by the grants of an installation and by what may be told.
//! `Hooked` answers hooks, which change nothing; what automations stage lies in `staging`.

mod hooked;
mod reading;
pub(crate) mod staging;

pub(crate) use hooked::Hooked;
pub(crate) use reading::Reading;
