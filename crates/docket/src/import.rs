//! Histories of other systems, as back-dated commands.

pub mod extend;
pub mod service_levels;
pub mod servicenow;
pub mod vocabulary;
