//! How many cases of each month are in which status: by the commands of a file, and by Docket. What differs is looked for
//! there.

use std::collections::BTreeMap;

use docket_messages::{CaseCommand, Name, Status, Verb};

use crate::story::{Step, Story};

/// Cases by the month in which they began (UTC, `2016-02`) and their status.
pub type Counts = BTreeMap<(String, Status), u64>;

/// What the commands of stories come to, if each is accepted.
#[must_use]
pub fn expected(stories: &[Story], reasons: &BTreeMap<Name, Status>) -> Counts {
    let mut counts = Counts::new();
    for story in stories {
        let Some(first) = story.steps.first() else { continue };
        let month = first.at.to_chrono().format("%Y-%m").to_string();
        *counts.entry((month, status_at_end(&story.steps, reasons))).or_default() += 1;
    }
    counts
}

fn status_at_end(steps: &[Step], reasons: &BTreeMap<Name, Status>) -> Status {
    steps.iter().fold(Status::New, |status, step| status_after(&step.command, status, reasons).unwrap_or(status))
}

/// The status after a command; none if it leaves it.
fn status_after(command: &CaseCommand, status: Status, reasons: &BTreeMap<Name, Status>) -> Option<Status> {
    if let CaseCommand::Pend(pend) = command {
        return reasons.get(&pend.reason).copied();
    }
    if let CaseCommand::Respond(respond) = command {
        return (respond.automatic != Some(true)).then_some(Status::Open);
    }
    let moves = [
        (Verb::Assign, Status::Open),
        (Verb::Resume, Status::Open),
        (Verb::Reopen, Status::Open),
        (Verb::Resolve, Status::Resolved),
        (Verb::Close, Status::Closed),
        (Verb::Cancel, Status::Cancelled),
    ];
    let (verb, after) = moves.into_iter().find(|(verb, _)| *verb == command.verb())?;
    // A case that waits and is given to somebody waits on.
    (verb != Verb::Assign || status == Status::New).then_some(after)
}
