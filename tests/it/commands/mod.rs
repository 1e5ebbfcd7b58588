//! Commands over the bus, as `docs/CONTRACT.md` promises them to services in any language.

mod acceptance;
mod bounds;
mod moments;
mod refusals;
mod repeats;
mod without_policy;
