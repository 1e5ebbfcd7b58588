//! What a bundle discloses, and of which entries it tells the subject.

use docket_bundle::Of;
use docket_eventlog::{EventLog as _, Recorded, Subject};
use docket_jetstream::JetStreamLog;
use docket_messages::{AnyEntry, CaseEvent, CaseId, CustomerId, Event, IntakeEvent, Position, Timestamp};

use super::Args;
use crate::error::{AnyError, plain};
use crate::output::Progress;

/// What goes into a bundle.
pub(super) struct Plan {
    /// What it is of.
    pub of: Of,
    /// The positions that are disclosed, as stretches in order that do not touch.
    pub disclosed: Vec<(u64, u64)>,
    /// The positions of which at least the subject is told, if there are any.
    pub told: Option<(u64, u64)>,
}

/// The plan for what was asked for, of the first `size` entries. The versions of the policy belong to each.
pub(super) async fn of(args: &Args, log: &JetStreamLog, size: u64) -> Result<Plan, AnyError> {
    let mut disclosed = of_subject(log, &Subject::Policy, size).await?;
    let beyond = |what: &str| plain(format!("{what} among the first {size} entries, up to which the log is sealed"));
    let (of, told) = if let Some(case) = args.case {
        let own = of_subject(log, &Subject::Case(case), size).await?;
        let first = *own.first().ok_or_else(|| beyond(&format!("there is no entry of case {case}")))?;
        disclosed.extend(own);
        (Of::Case(case), Some((first, size)))
    } else if let Some(customer) = &args.customer {
        let cases = cases_of(log, customer, size).await?;
        if cases.is_empty() {
            return Err(beyond(&format!("customer {customer} has no case")));
        }
        let mut own = of_subject(log, &Subject::Customer(customer.clone()), size).await?;
        for case in &cases {
            own.extend(of_subject(log, &Subject::Case(*case), size).await?);
        }
        let first = own.iter().min().copied().unwrap_or(1);
        disclosed.extend(own);
        (Of::Customer { id: customer.clone(), cases }, Some((first, size)))
    } else if let (Some(from), Some(to)) = (args.from, args.to) {
        if from >= to {
            return Err(plain(format!("the period from {from} to {to} has no time in it; say the earlier time first")));
        }
        let (first, behind) = (first_since(log, from, size).await?, first_since(log, to, size).await?);
        disclosed.extend(first..behind);
        let told = (first.saturating_sub(1).max(1), behind.min(size));
        (Of::Period { from, to }, (size > 0).then_some(told))
    } else if let Some((from, to)) = args.positions {
        if to > size {
            return Err(beyond(&format!("there is no position {to}")));
        }
        disclosed.extend(from..=to);
        (Of::Positions { from, to }, None)
    } else {
        return Err(plain("say what to export: --case, --customer, --from and --to, or --positions"));
    };
    Ok(Plan { of, disclosed: stretches(disclosed), told })
}

/// Positions as stretches.
fn stretches(mut positions: Vec<u64>) -> Vec<(u64, u64)> {
    positions.sort_unstable();
    let mut stretches: Vec<(u64, u64)> = Vec::new();
    for position in positions {
        match stretches.last_mut() {
            Some((_, last)) if position <= last.saturating_add(1) => *last = position,
            Some(_) | None => stretches.push((position, position)),
        }
    }
    stretches
}

async fn of_subject(log: &JetStreamLog, subject: &Subject, size: u64) -> Result<Vec<u64>, AnyError> {
    let entries = log.read_subject(subject, None).await?;
    Ok(entries.iter().map(|entry| entry.position.get()).filter(|position| *position <= size).collect())
}

/// The cases of a customer, in the order in which they came. The log alone says so: it is read whole.
async fn cases_of(log: &JetStreamLog, customer: &CustomerId, size: u64) -> Result<Vec<CaseId>, AnyError> {
    let mut cases = Vec::new();
    let mut progress = Progress::start("entries looked through", size);
    let mut after = Position(0);
    while after.get() < size {
        let (entries, is_all) = log.page(None, after).await?;
        cases.extend(
            entries.iter().filter(|entry| entry.position.get() <= size).filter_map(|it| opened_by(it, customer)),
        );
        after = entries.last().map_or(after, |entry| entry.position);
        progress.set(after.get().min(size), size);
        if is_all {
            break;
        }
    }
    progress.finish();
    Ok(cases)
}

fn opened_by(recorded: &Recorded, customer: &CustomerId) -> Option<CaseId> {
    let Ok(Subject::Case(id)) = recorded.subject else { return None };
    let entry = AnyEntry::decode(&recorded.payload).ok()?;
    let is_own = entry.events.iter().any(|event| {
        matches!(event, Event::Case(CaseEvent::Intake(IntakeEvent::Opened(opened))) if opened.customer_id.as_ref() == Some(customer))
    });
    is_own.then_some(id)
}

/// The first position that was taken in at an instant or later; one behind the last if there is none.
pub async fn first_since(log: &JetStreamLog, from: Timestamp, size: u64) -> Result<u64, AnyError> {
    let (mut low, mut high) = (1, size + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        let entry = log.entry_at(Position(middle)).await?;
        let entry = entry.ok_or_else(|| plain(format!("the log has no entry at position {middle}")))?;
        if entry.recorded_at < from { low = middle + 1 } else { high = middle }
    }
    Ok(low)
}
