use docket_messages::{Rejection, Tick};

use crate::case::act::{Act, Rules, Statuses};
use crate::case::draft::Draft;

/// Decides what time alone has made true: that was done when the case was brought up to the command's moment.
impl Act for Tick {
    const RULES: Rules = Rules::new(Statuses::ANY, &[]).stays();

    fn act(&self, _: &mut Draft<'_>) -> Result<(), Rejection> {
        Ok(())
    }
}
