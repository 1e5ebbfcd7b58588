use docket_messages::{CaseEvent, Close, Closed, ClosedText, EndingEvent, Personal, Rejection, Status, Verb};

use crate::case::act::{Act, Recorded, Rules, Statuses, opened, wrong_status};
use crate::case::draft::Draft;
use crate::case::{Case, requirements};
use crate::policy::Policy;

/// Ends the case: from resolved, or from where the closure code allows it. Closing it again with the same code
/// changes nothing.
impl Act for Close {
    // The closure code says from where else than resolved.
    const RULES: Rules = Rules::new(Statuses::CLOSING, &["closed"]);

    fn require_values(&self, _: &Case, policy: &Policy) -> Result<(), Rejection> {
        policy.require_listed("closure code", "code", &self.code, policy.document.closure_codes.keys())
    }

    fn recorded(case: &Case, facts: &[&CaseEvent]) -> Recorded<Self> {
        match facts {
            [CaseEvent::Ending(EndingEvent::Closed(closed))] => {
                let comment = opened(closed.personal.as_ref());
                Recorded::of(comment.map(|text| Self {
                    case_id: case.id,
                    code: closed.code.clone(),
                    comment: text.and_then(|text| text.comment.clone()),
                }))
            }
            _ => Recorded::Never,
        }
    }

    fn act(&self, draft: &mut Draft<'_>) -> Result<(), Rejection> {
        let policy = draft.policy();
        let status = draft.case.status();
        let codes = &policy.document.closure_codes;
        if let Some(code) = &draft.case.facts.closure_code {
            let is_same = *code == self.code;
            return if is_same { Ok(()) } else { Err(wrong_status(status, Verb::Close.as_str(), "resolved")) };
        }
        let allowed = codes.get(&self.code).is_some_and(|rule| rule.also_from.contains(&status));
        if status != Status::Resolved && !allowed {
            let from = format!("resolved with code `{}`", self.code);
            return Err(wrong_status(status, Verb::Close.as_str(), &from));
        }
        requirements::at_close(&draft.case, policy)?;
        let comment = self.comment.clone();
        draft.emit(Closed {
            code: self.code.clone(),
            status: Status::Closed,
            at: None,
            cause: None,
            personal: comment.map(|comment| Personal::Plain(ClosedText { comment: Some(comment) })),
        });
        Ok(())
    }
}
