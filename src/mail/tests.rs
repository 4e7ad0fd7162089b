//! Mail that goes out, as its readers get it.

mod files;
mod post;
mod smtp;
mod world;
