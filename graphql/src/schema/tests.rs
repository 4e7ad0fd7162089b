//! The schema over a real engine in a folder of its own.

mod filters;
mod history;
mod issues;
mod lean;
mod people;
mod refusals;
mod snapshot;
mod tables;
mod world;
