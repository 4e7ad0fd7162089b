//! The schema over a real engine in a folder of its own.

mod access;
mod branding;
mod costs;
mod door;
mod filters;
mod groups;
mod hidden;
mod history;
mod issues;
mod language;
mod lean;
mod past;
mod people;
mod refusals;
mod relations;
mod search;
mod snapshot;
mod tables;
mod views;
mod workflows;
mod world;
