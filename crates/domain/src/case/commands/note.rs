use docket_messages::{Note, Noted, Personal, Rejection, WrittenText};

use crate::case::act::{Act, Rules, Statuses};
use crate::case::draft::Draft;

/// Makes an internal note.
impl Act for Note {
    const RULES: Rules = Rules::new(Statuses::ANY, &["noted"]);

    fn act(&self, draft: &mut Draft<'_>) -> Result<(), Rejection> {
        draft.emit(Noted { personal: Personal::Plain(WrittenText { text: self.text.clone() }) });
        Ok(())
    }
}
