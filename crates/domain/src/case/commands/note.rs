use docket_messages::{CaseEvent, Note, Noted, Personal, Rejection, WorkEvent, WrittenText};

use crate::case::Case;
use crate::case::act::{Act, Recorded, Rules, Statuses};
use crate::case::draft::Draft;

/// Makes an internal note.
impl Act for Note {
    const RULES: Rules = Rules::new(Statuses::ANY, &["noted"]);

    fn recorded(case: &Case, facts: &[&CaseEvent]) -> Recorded<Self> {
        match facts {
            [CaseEvent::Work(WorkEvent::Noted(noted))] => {
                Recorded::of(noted.personal.open().map(|text| Self { case_id: case.id, text: text.text.clone() }))
            }
            _ => Recorded::Never,
        }
    }

    fn act(&self, draft: &mut Draft<'_>) -> Result<(), Rejection> {
        draft.emit(Noted { personal: Personal::Plain(WrittenText { text: self.text.clone() }) });
        Ok(())
    }
}
