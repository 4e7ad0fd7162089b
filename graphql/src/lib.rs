//! graphql

pub mod lean;
