//! The arguments `--from` and `--to`.

use docket_messages::Timestamp;

/// A period, by when the log took entries in.
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct Period {
    /// Only what the log took in from this time on
    #[arg(long, value_name = "TIME")]
    pub from: Option<Timestamp>,
    /// …and before this one
    #[arg(long, value_name = "TIME")]
    pub to: Option<Timestamp>,
}

impl Period {
    /// Whether an entry was taken in within it.
    pub fn has(&self, recorded_at: Timestamp) -> bool {
        self.from.is_none_or(|from| recorded_at >= from) && self.to.is_none_or(|to| recorded_at < to)
    }
}
