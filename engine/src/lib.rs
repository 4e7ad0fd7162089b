//! The issue engine of Mortise: tenants, teams, issues and comments, behind one writer and one log per tenant.
//!
//! It is a library that a program links: no server, no configuration file, no thread but those of its stores, and one for
//! the moment in which a large tenant is opened. See
//! [`Engine`] for an example, and ARCHITECTURE.md for the way a change takes. It knows no HTTP, no GraphQL and no
//! WebAssembly, and it installs nothing global.
//!
//! # What it is not
//!
//! Not a database for anything else; not safe to open twice on one folder (the second open waits, then says who holds
//! it); not a runtime: it needs tokio around it.

pub mod access;
pub mod audit;
pub mod branding;
pub mod check;
pub mod command;
pub mod context;
pub mod directory;
pub mod draft;
pub mod engine;
pub mod entitlement;
pub mod error;
pub mod event;
pub mod filter;
pub mod follower;
pub mod hooks;
pub mod id;
pub mod identity;
pub mod language;
pub mod letter;
pub mod limits;
pub mod log;
pub mod model;
pub mod outbox;
pub mod platform;
pub mod query;
mod rows;
pub mod saved_view;
pub mod search;
pub mod security;
pub mod storage;
mod tenant;
pub mod time;
pub mod view;
pub mod workflow;

pub use engine::{ANNOUNCEMENT_TEMPLATE, AdminInvitation, Closing, ErasureReport, GRACE_DAYS_DEFAULT};
pub use engine::{
    ApiKey, AuditExport, AuditPage, AuditRequest, Authenticated, CallsToday, Challenge, ChallengeKind,
    Client, Destination, Engine, EngineBuilder, Enrolled, Enrolling, Entitlement, ExportOptions, Founded,
    INVITATION_TEMPLATE, Importer, Joined, MemoryUse, Moved, NewApiKey, NewInvitation, NewPassword,
    NewSecret, NewVisit, ProviderAccess, RESET_TEMPLATE, Remains, Session, SignIn, SignedIn, Tokens, Vouched,
    WaitingMail,
};
pub use engine::{
    ColleagueChange, NewColleague, NewPlatformKey, PluginRoom, PluginsAllowed, Provisioned, Suspension,
};
pub use error::{Error, ErrorCode, Exceeded, Result};
pub use follower::Follower;
pub use limits::Limits;
pub use platform::{CALLS_LEASE, FirstAdmin, NewTenant, TenantFilter, TenantSelection, TenantSettings};
pub use tenant::{Committed, PluginBell};
