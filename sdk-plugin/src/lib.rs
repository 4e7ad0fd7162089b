//! sdk-plugin
