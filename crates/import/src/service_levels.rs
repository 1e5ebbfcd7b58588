//! Whether cases kept their service level: what the file says of them beside what Docket's resolution clocks say.

use std::time::{Duration, Instant};

use docket_jetstream::bus::BusClient;
use docket_messages::{CaseId, CaseReply, ClockName, ClockState, ClockView, GetCase, Timestamp};
use futures::{StreamExt, TryStreamExt};
use serde::Serialize;

use crate::Error;

/// Cases that are asked for at once.
const AT_ONCE: usize = 64;
/// How long one question is asked again while the service has too much to do.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long it is left alone before it is asked again.
const PAUSE: Duration = Duration::from_millis(50);

/// What the file says of a case in the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The case.
    pub case_id: CaseId,
    /// Its number in the file.
    pub number: String,
    /// Whether it kept its service level, if the file says so.
    pub is_kept: Option<bool>,
}

/// What became of a service level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// It was kept.
    Kept,
    /// It was missed.
    Missed,
    /// Neither: the file is silent; or the clock runs, was cancelled, or never was.
    Undecided,
}

/// Cases by what became of their service level.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub struct Count {
    /// Those that kept it.
    pub kept: u64,
    /// Those that missed it.
    pub missed: u64,
    /// The others.
    pub undecided: u64,
}

/// A case of which the two say the opposite.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Difference {
    /// Its number in the file.
    pub case: String,
    /// The case.
    pub case_id: CaseId,
    /// What the file says.
    pub file: Verdict,
    /// What Docket's clocks say.
    pub docket: Verdict,
}

/// The two beside each other.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub struct Comparison {
    /// All cases, by the file.
    pub file: Count,
    /// All cases, by Docket's clocks.
    pub docket: Count,
    /// How many cases have one verdict by both.
    pub agree: u64,
    /// Those that have opposite ones, in the order of the file.
    pub differ: Vec<Difference>,
}

impl Count {
    fn add(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::Kept => self.kept += 1,
            Verdict::Missed => self.missed += 1,
            Verdict::Undecided => self.undecided += 1,
        }
    }
}

impl Comparison {
    fn add(&mut self, claim: &Claim, docket: Verdict) {
        let file = claim.is_kept.map_or(Verdict::Undecided, of_kept);
        self.file.add(file);
        self.docket.add(docket);
        match (file, docket) {
            (Verdict::Undecided, _) | (_, Verdict::Undecided) => {}
            (file, docket) if file == docket => self.agree += 1,
            (file, docket) => {
                self.differ.push(Difference { case: claim.number.clone(), case_id: claim.case_id, file, docket });
            }
        }
    }

    /// How many cases only the file says were kept, and how many only Docket's clocks do.
    #[must_use]
    pub fn kept_by_one(&self) -> (usize, usize) {
        let by_file = self.differ.iter().filter(|difference| difference.file == Verdict::Kept).count();
        (by_file, self.differ.len() - by_file)
    }
}

/// Asks for the cases as they are, and compares what their clocks say, as of the newest instant of the file, with what
/// the file says.
pub async fn compare(bus: &BusClient, claims: &[Claim], newest: Timestamp) -> Result<Comparison, Error> {
    let asked = claims.iter().map(async |claim| Ok::<_, Error>((claim, verdict(&clocks(bus, claim).await?, newest))));
    let add = |mut comparison: Comparison, (claim, docket): (&Claim, Verdict)| {
        comparison.add(claim, docket);
        std::future::ready(Ok(comparison))
    };
    futures::stream::iter(asked).buffered(AT_ONCE).try_fold(Comparison::default(), add).await
}

/// The clocks of a case; none if there is no such case, because its intake was refused.
async fn clocks(bus: &BusClient, claim: &Claim) -> Result<Vec<ClockView>, Error> {
    let began = Instant::now();
    loop {
        match bus.case(&GetCase { case_id: claim.case_id, as_of: None }).await? {
            CaseReply::Case { case } => return Ok(case.clocks),
            CaseReply::Rejected { .. } => return Ok(Vec::new()),
            CaseReply::Failed { failed } if failed.retryable && began.elapsed() < PATIENCE => {}
            CaseReply::Failed { failed } => return Err(Box::new(failed)),
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// What the resolution clocks of a case say. A deadline that passed only after the file ends is none that it could know
/// of.
fn verdict(clocks: &[ClockView], newest: Timestamp) -> Verdict {
    let resolutions = || clocks.iter().filter(|clock| clock.clock == ClockName::Resolution);
    let is_missed =
        |clock: &ClockView| clock.breached_at.is_some_and(|at| clock.state != ClockState::Running || at < newest);
    if resolutions().any(is_missed) {
        return Verdict::Missed;
    }
    let last = resolutions().max_by_key(|clock| clock.instance);
    if last.is_some_and(|clock| clock.state == ClockState::Met) { Verdict::Kept } else { Verdict::Undecided }
}

fn of_kept(is_kept: bool) -> Verdict {
    if is_kept { Verdict::Kept } else { Verdict::Missed }
}

#[cfg(test)]
mod tests {
    use docket_messages::{Name, PolicyVersion};

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn clock(instance: u32, state: ClockState, breached_at: Option<&str>) -> ClockView {
        ClockView {
            clock: ClockName::Resolution,
            instance,
            state,
            target_seconds: 3600,
            calendar: Name::parse("office").unwrap(),
            policy: PolicyVersion(1),
            started_at: at("2016-03-01T09:00:00Z"),
            due_at: None,
            remaining_seconds: 0,
            met_at: None,
            breached_at: breached_at.map(at),
            elapsed_seconds: 0,
            business_elapsed_seconds: 0,
        }
    }

    #[test]
    fn a_case_is_judged_by_all_its_resolution_clocks_as_of_the_end_of_the_file() {
        use ClockState::{Cancelled, Met, Running};
        let verdict = |clocks: &[ClockView]| verdict(clocks, at("2016-04-02T09:20:00Z"));
        let (within, after) = (Some("2016-03-02T09:00:00Z"), Some("2016-04-02T09:20:00Z"));
        assert_eq!(verdict(&[clock(1, Met, None)]), Verdict::Kept);
        assert_eq!(verdict(&[clock(1, Met, within)]), Verdict::Missed);
        assert_eq!(verdict(&[clock(1, Met, within), clock(2, Met, None)]), Verdict::Missed);
        assert_eq!(verdict(&[clock(1, Met, None), clock(2, Running, within)]), Verdict::Missed);
        assert_eq!(verdict(&[clock(1, Met, None), clock(2, Running, after)]), Verdict::Undecided);
        assert_eq!(verdict(&[clock(1, Met, None), clock(2, Met, after)]), Verdict::Missed);
        assert_eq!(verdict(&[clock(1, Cancelled, None)]), Verdict::Undecided);
        assert_eq!(verdict(&[clock(1, Cancelled, within)]), Verdict::Missed);
        let ownership = ClockView { clock: ClockName::Ownership, ..clock(1, Met, within) };
        assert_eq!(verdict(&[ownership]), Verdict::Undecided);
    }

    #[test]
    fn what_one_of_the_two_does_not_say_is_no_difference() {
        let mut comparison = Comparison::default();
        let claim = |is_kept| Claim { case_id: CaseId::new(uuid::Uuid::nil()), number: "INC1".to_owned(), is_kept };
        comparison.add(&claim(Some(true)), Verdict::Kept);
        comparison.add(&claim(Some(true)), Verdict::Missed);
        comparison.add(&claim(Some(false)), Verdict::Missed);
        comparison.add(&claim(Some(false)), Verdict::Kept);
        comparison.add(&claim(Some(false)), Verdict::Kept);
        comparison.add(&claim(None), Verdict::Kept);
        comparison.add(&claim(Some(true)), Verdict::Undecided);
        assert_eq!(comparison.file, Count { kept: 3, missed: 3, undecided: 1 });
        assert_eq!(comparison.docket, Count { kept: 4, missed: 2, undecided: 1 });
        assert_eq!((comparison.agree, comparison.kept_by_one()), (2, (1, 2)));
    }
}
