use docket_messages::{PassedOn, Rejection, SettlePassing};

use crate::case::act::{Act, Rules, Statuses};
use crate::case::draft::Draft;

/// Notes that all children have been told, once.
impl Act for SettlePassing {
    const RULES: Rules = Rules::new(Statuses::ANY, &["passedOn"]).stays();

    fn act(&self, draft: &mut Draft<'_>) -> Result<(), Rejection> {
        let SettlePassing { of, taken, refused, .. } = *self;
        if draft.case.passing.iter().any(|passing| passing.of == of) {
            draft.emit(PassedOn { of, taken, refused });
        }
        Ok(())
    }
}
