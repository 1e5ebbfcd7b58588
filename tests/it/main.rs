//! Integration tests, on real engines and the real binary. One module per behaviour.
//!
//! Nothing here waits for a time: [`support::eventually`] waits for a state, with a deadline. Every port is a free one.
#![cfg(test)] // clippy then knows these as tests, the helpers among them

mod access;
mod audit;
mod backup;
mod chaos;
mod cli;
mod commands;
mod contract;
mod dataset;
mod deploy;
mod engines_away;
mod evidence;
mod export;
mod families;
mod flood;
mod four_eyes;
mod fuzz;
mod import;
mod killed;
mod log;
mod manners;
mod merging;
mod metrics;
mod names;
mod poison;
mod query;
mod read_models;
mod readers;
mod reading;
mod rebuild;
mod replay;
mod replica;
mod routing;
mod runbooks;
mod sealed_texts;
mod sealing;
mod submissions;
mod support;
mod timers;
mod traces;
mod two_services;
mod up;
mod witnessing;
mod zones;
