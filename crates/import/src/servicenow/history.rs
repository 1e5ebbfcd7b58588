//! One case: its commands so far, and what is known of it.

use std::collections::BTreeMap;

use docket_messages::{AgentId, CaseId, CustomerId, InvalidId, InvalidText, Name, Timestamp};
use uuid::Uuid;

use super::row::Row;
use super::state::State;
use super::turn::Turn;
use crate::command_id::CommandIds;
use crate::service_levels::Claim;
use crate::story::{Step, Story};
use crate::vocabulary::Vocabulary;

/// The namespace of the UUIDs (RFC 9562, version 5) that cases get by their number. Never to be changed: a file that
/// is imported again must meet the same cases.
const NAMESPACE: Uuid = Uuid::from_u128(0x7d1c_52f6_0a3e_5b8e_9f47_c2d0_641b_a835);

/// A case in the making.
pub(super) struct History {
    number: String,
    case_id: CaseId,
    ids: CommandIds,
    steps: Vec<Step>,
    /// None until a row could be read.
    known: Option<Known>,
    /// Whether it has kept its service level, by the last row that says so.
    made_sla: Option<bool>,
}

/// What the rows so far have made of the case.
pub(super) struct Known {
    pub at: Timestamp,
    pub state: State,
    pub channel: Option<Name>,
    pub caller: Option<CustomerId>,
    pub category: Option<Name>,
    pub subcategory: Option<Name>,
    pub impact: Option<Name>,
    pub urgency: Option<Name>,
    pub queue: Option<Name>,
    pub agent: Option<AgentId>,
    /// What a column says that the case cannot take over now, so that it is reported once.
    pub refused: BTreeMap<&'static str, String>,
}

/// A name or text of ours that cannot be written. It would be a mistake of this code, and is reported like any other.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unwritable {
    #[error(transparent)]
    Id(#[from] InvalidId),
    #[error(transparent)]
    Text(#[from] InvalidText),
}

impl History {
    pub(super) fn new(number: &str) -> Self {
        let case_id = CaseId::new(Uuid::new_v5(&NAMESPACE, format!("servicenow/{number}").as_bytes()));
        let number = number.to_owned();
        Self { number, case_id, ids: CommandIds::default(), steps: Vec::new(), known: None, made_sla: None }
    }

    /// The instant of its newest row.
    pub(super) fn last_at(&self) -> Option<Timestamp> {
        self.known.as_ref().map(|known| known.at)
    }

    /// Its story, and what the file says of its service level; none if no row could be read.
    pub(super) fn into_story(self) -> Option<(Story, Claim)> {
        let Self { case_id, number, steps, made_sla, .. } = self;
        let claim = Claim { case_id, number, is_kept: made_sla };
        (!steps.is_empty()).then_some((Story { case_id, steps }, claim))
    }

    /// Takes the next row. What comes back are sentences about what could not be taken over.
    pub(super) fn take(&mut self, row: &Row, vocabulary: &mut Vocabulary) -> Vec<String> {
        let Self { number, case_id, ids, steps, known, made_sla } = self;
        *made_sla = row.made_sla.or(*made_sla);
        let is_first = known.is_none();
        let known = known.get_or_insert_with(|| Known::at_opening(row));
        let case_id = *case_id;
        let mut turn =
            Turn { number, case_id, ids, steps, known, row, vocabulary, remarks: Vec::new(), wrong: Vec::new() };
        let missing = if is_first { row.missing_at_opening() } else { None };
        if missing.is_none()
            && let Err(error) = turn.tell(is_first)
        {
            turn.wrong.push(error.to_string());
        }
        let mut wrong = turn.wrong;
        if let Some(column) = missing {
            // A later row may bring it.
            self.known = None;
            wrong.push(format!("`{column}` is missing, and a case cannot be opened without it"));
        }
        wrong
    }
}

impl Known {
    fn at_opening(row: &Row) -> Self {
        Self {
            at: row.opened_at,
            state: State::New,
            channel: row.channel.clone(),
            caller: row.caller.clone(),
            category: None,
            subcategory: None,
            impact: row.impact.clone(),
            urgency: row.urgency.clone(),
            queue: None,
            agent: None,
            refused: BTreeMap::new(),
        }
    }
}
