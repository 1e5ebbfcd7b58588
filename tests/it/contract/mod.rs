//! The published contract: `proto/`, the Rust types, the golden files and the documents say the same.
#![cfg(test)] // clippy then knows these as tests, the helpers among them

mod coverage;
mod docs;
mod generate;
mod golden;
mod proto_to_rust;
mod rust_to_proto;
mod samples;
mod schema;
mod types;
