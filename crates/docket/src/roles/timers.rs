//! The role that wakes cases: it schedules what the log's entries ask for, and asks a case to decide when its
//! schedule fires.
//!
//! Everything here is a hint. A lost schedule is found by the sweep over the read models, a firing too many
//! finds nothing to decide, and a case that is asked late decides as if it had been asked in time.

use std::collections::HashMap;
use std::time::Duration;

use docket_domain::policy::Policy;
use docket_eventlog::{EventLog, Follower, Recorded, Subject};
use docket_jetstream::JetStreamLog;
use docket_jetstream::access::SystemUser;
use docket_jetstream::bus::{BusClient, Outgoing};
use docket_jetstream::timers::{Fired, Timers};
use docket_messages::{
    CaseCommand, CaseEntry, CaseId, PolicyEntry, PolicyEvent, PolicyVersion, Position, PrincipalName, Reply, Tick,
    Timestamp,
};
use docket_projection::{ClosingRule, ReadModels, Schema};
use futures::{FutureExt as _, StreamExt as _};
use tokio::time::Instant;

use super::role::{Description, Streams, Task};
use super::{Engines, Health, RESTART, Role, RoleState, connect, note_failure};
use crate::environment::{fresh_command_id, now};
use crate::error::{AnyError, one_line, plain};
use crate::zones;

/// The role.
pub const ROLE: Role = Role::new(&Description {
    name: "timers",
    told: "Wakes cases",
    user: SystemUser::Timers,
    streams: Streams::Reads,
    opens_texts: false,
    is_vital: false,
    is_current: |_, _| true,
    is_moving: |_, _| true,
    start: |engines, health| async { Ok(Task::spawn(keep_running(engines, health))) }.boxed(),
});

/// How often the read models are swept for cases that nobody woke.
const SWEEP: Duration = Duration::from_secs(60);
/// How long a case may be overdue before the sweep takes it up.
const SWEEP_GRACE_MS: i64 = 30_000;
/// The most entries that are noted before a firing gets its turn.
const AT_ONCE: usize = 64;
/// The most cases of one sweep.
const SWEEP_CASES: i64 = 1_000;
/// How long the read models are waited for, after a policy was published.
const CATCH_UP_SECONDS: u32 = 2;
/// How long the next policy is waited for, so that what one said is not taken for a rule that still holds.
const SETTLED: Duration = Duration::from_millis(500);
/// How long a firing that could not be handled is put off.
const PUT_OFF: Duration = Duration::from_secs(5);

/// Runs the role, and again when it fails.
async fn keep_running(engines: Engines, health: Health) {
    loop {
        let failed = run(&engines, &health).await;
        let error = failed.err().unwrap_or_else(|| plain("the log ended"));
        note_failure(&health, ROLE, &error);
        tokio::time::sleep(RESTART).await;
    }
}

async fn run(engines: &Engines, health: &Health) -> Result<(), AnyError> {
    let connection = connect(engines, ROLE, "docket-timers").await?;
    let log = JetStreamLog::open(connection.clone(), engines.names.clone()).await?;
    let principal = PrincipalName::parse(docket_domain::authority::SYSTEM)?;
    let mut worker = Worker {
        timers: Timers::new(&connection, engines.names.clone()),
        bus: BusClient::new(connection, engines.names.clone(), principal),
        wakes: HashMap::new(),
        rules: Vec::new(),
        heed_at: None,
    };
    docket_projection::migrate(&engines.postgres, &Schema::default()).await?;
    let models = ReadModels::open(&engines.postgres, &Schema::default()).await?;
    let from = worker.restore(&models).await?;
    worker.count();
    let mut entries = Follower::start(&log, from).await?;
    // From the first one on: a policy may have come into force while no timers ran.
    let mut policies = log.follow_subject(&Subject::Policy, Position(0)).await?;
    let mut fired = worker.timers.fired().await?;
    let mut sweep = tokio::time::interval(SWEEP);
    health.set(ROLE, RoleState::Running);
    loop {
        tokio::select! {
            stretch = entries.next(AT_ONCE) => {
                for recorded in stretch? {
                    worker.note(&recorded).await?;
                }
                worker.count();
            }
            policy = policies.next() => worker.note_policy(&policy.ok_or_else(|| plain("the policies ended"))??),
            () = reached(worker.heed_at) => worker.heed(&models).await?,
            firing = fired.next() => worker.fire(firing.ok_or_else(|| plain("the firings ended"))??).await?,
            _ = sweep.tick() => worker.sweep(&models).await,
        }
    }
}

/// Waits until an instant, or for ever.
async fn reached(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}

/// When a case wants attention, and when it is scheduled to get it.
#[derive(Debug, Clone, Copy, Default)]
struct Wake {
    /// When its last entry says.
    wanted: Option<Timestamp>,
    /// When a policy that came into force since closes it, and which one.
    closed: Option<(Timestamp, PolicyVersion)>,
    scheduled: Option<Timestamp>,
    /// How often it was asked since its last entry.
    asked: u32,
}

/// A case that was asked and wrote nothing is asked again after a second, and then after twice as long each time: up to
/// some half an hour.
const ASKED_AGAIN_MS: i64 = 1_000;
const DOUBLED_AT_MOST: u32 = 11;

impl Wake {
    /// When it is to be asked next. A schedule without that is left over, and asks nobody: a tick is a live command,
    /// after which no more of a history can be told.
    fn next(&self) -> Option<Timestamp> {
        self.wanted.into_iter().chain(self.closed.map(|(at, _)| at)).min()
    }

    /// Notes an entry. What a policy says does not count any more for what was decided under it.
    fn note(&mut self, wanted: Option<Timestamp>, policy: PolicyVersion) {
        self.wanted = wanted;
        self.asked = 0;
        self.closed = self.closed.filter(|(_, closing)| *closing > policy);
    }

    /// Notes that a policy closes the case.
    fn close(&mut self, at: Timestamp, policy: PolicyVersion) {
        self.closed = self.closed.filter(|(sooner, _)| *sooner <= at).or(Some((at, policy)));
    }

    /// Notes that the case was asked. What that decided comes by the log; what is wanted later still is.
    fn asked(&mut self, now: Timestamp) {
        self.scheduled = None;
        let again = now.plus_millis(ASKED_AGAIN_MS << self.asked.min(DOUBLED_AT_MOST));
        self.asked = self.asked.saturating_add(1);
        self.wanted = self.wanted.map(|at| at.max(again));
        self.closed = self.closed.filter(|(at, _)| *at > now);
    }
}

struct Worker {
    timers: Timers,
    bus: BusClient,
    wakes: HashMap<CaseId, Wake>,
    /// The rules that have come into force, and that the resolved cases are still to be woken by.
    rules: Vec<Rule>,
    /// When that is to be done.
    heed_at: Option<Instant>,
}

/// What a policy says of closing resolved cases by time, and while it was in force.
#[derive(Debug, Clone, Copy)]
struct Rule {
    policy: PolicyVersion,
    /// None if it closes none.
    closing: Option<ClosingRule>,
    since: Timestamp,
    until: Option<Timestamp>,
    /// The position of its policy.
    position: Position,
}

impl Worker {
    /// Schedules what the read models say, and returns the position that they say it as of.
    async fn restore(&mut self, models: &ReadModels) -> Result<Position, AnyError> {
        let (position, wakes) = models.wakes().await?;
        for (case, at) in wakes {
            self.wakes.entry(case).or_default().wanted = Some(at);
            self.schedule(case).await?;
        }
        Ok(position)
    }

    /// Says how many cases have a schedule.
    fn count(&self) {
        let pending = u32::try_from(self.wakes.len()).unwrap_or(u32::MAX);
        metrics::gauge!(crate::metrics::TIMERS).set(pending);
    }

    /// Notes when an entry's case wants attention. What cannot be read is the projection's to complain of.
    async fn note(&mut self, recorded: &Recorded) -> Result<(), AnyError> {
        // Policies are followed apart.
        let Ok(Subject::Case(case)) = recorded.subject else { return Ok(()) };
        let Ok(entry) = CaseEntry::decode(&recorded.payload) else { return Ok(()) };
        self.wakes.entry(case).or_default().note(entry.wake_at, entry.policy);
        self.schedule(case).await
    }

    /// Notes what a policy says of closing resolved cases, and that it ends what the one before said.
    fn note_policy(&mut self, recorded: &Recorded) {
        let Some(rule) = rule(recorded) else { return };
        if let Some(before) = self.rules.last_mut() {
            before.until = Some(rule.since);
        }
        self.rules.push(rule);
        self.heed_at = Some(Instant::now() + SETTLED);
    }

    /// Schedules the resolved cases that the rules which have come into force close sooner than they were to be woken.
    /// What the read models do not know yet is looked at again later.
    async fn heed(&mut self, models: &ReadModels) -> Result<(), AnyError> {
        while let Some(rule) = self.rules.first().copied() {
            let known = async {
                models.await_position(rule.position, CATCH_UP_SECONDS).await?;
                match rule.closing {
                    Some(closing) => models.closed_sooner(&closing, rule.until).await,
                    None => Ok(Vec::new()),
                }
            };
            let sooner = match known.await {
                Ok(sooner) => sooner,
                Err(error) => {
                    let cause = one_line(&error);
                    tracing::warn!("could not look for cases that a new policy closes sooner, trying again: {cause}");
                    self.heed_at = Some(Instant::now() + SWEEP);
                    return Ok(());
                }
            };
            for (case, at) in sooner {
                self.wakes.entry(case).or_default().close(at, rule.policy);
                self.schedule(case).await?;
            }
            self.rules.remove(0);
        }
        self.heed_at = None;
        Ok(())
    }

    async fn schedule(&mut self, case: CaseId) -> Result<(), AnyError> {
        let wake = self.wakes.entry(case).or_default();
        let Some(at) = wake.next() else {
            // A schedule that is left over fires for nothing, and is gone.
            if wake.scheduled.is_none() {
                self.wakes.remove(&case);
            }
            return Ok(());
        };
        // One that fires earlier is enough: it looks again.
        if wake.scheduled.is_some_and(|scheduled| scheduled <= at) {
            return Ok(());
        }
        wake.scheduled = Some(at);
        Ok(self.timers.schedule(case, at).await?)
    }

    /// Asks the case whose schedule fired to decide, if it still wants that. Should its entry not have been noted yet,
    /// it is scheduled when it is.
    async fn fire(&mut self, fired: Fired) -> Result<(), AnyError> {
        let case = fired.case;
        if self.wakes.get(&case).and_then(Wake::next).is_none() {
            self.wakes.remove(&case);
            fired.done().await?;
            return Ok(());
        }
        if let Err(error) = self.tick(case).await {
            tracing::warn!(case.id = %case, "could not wake case {case}, trying again: {}", one_line(error.as_ref()));
            fired.again(PUT_OFF).await?;
            return Ok(());
        }
        fired.done().await?;
        let Some(wake) = self.wakes.get_mut(&case) else { return Ok(()) };
        wake.asked(now());
        self.schedule(case).await
    }

    async fn tick(&self, case: CaseId) -> Result<(), AnyError> {
        let command = CaseCommand::Tick(Tick { case_id: case });
        let outgoing = Outgoing {
            kind: "case".to_owned(),
            verb: command.verb().as_str().to_owned(),
            id: fresh_command_id(),
            body: command.body()?.into(),
            on_behalf_of: None,
            expect_version: None,
            occurred_at: None,
        };
        match self.bus.send(&outgoing).await? {
            Reply::Accepted { .. } => Ok(()),
            // A case that does not exist, or a desk without a policy, needs no waking.
            Reply::Rejected { rejected } => {
                tracing::debug!(case.id = %case, "case {case} was not woken: {rejected}");
                Ok(())
            }
            Reply::Failed { failed } => Err(Box::new(failed)),
        }
    }

    /// Takes up cases that nobody woke. Postgres may be away; the next sweep finds the same cases.
    async fn sweep(&self, models: &ReadModels) {
        let before = now().plus_millis(-SWEEP_GRACE_MS);
        // Those that were asked in vain have their next turn, and keep nobody else from being found.
        let is_put_off = |wake: &Wake| wake.scheduled.is_some_and(|at| at > before);
        let put_off = i64::try_from(self.wakes.values().filter(|wake| is_put_off(wake) && wake.asked > 0).count());
        let overdue = match models.overdue(before, SWEEP_CASES.saturating_add(put_off.unwrap_or(0))).await {
            Ok(overdue) => overdue,
            Err(error) => return tracing::warn!("could not sweep for overdue cases: {}", one_line(&error)),
        };
        for case in overdue {
            if self.wakes.get(&case).is_some_and(is_put_off) {
                continue;
            }
            if let Err(error) = self.tick(case).await {
                return tracing::warn!(case.id = %case, "the sweep could not wake case {case}: {}", one_line(error.as_ref()));
            }
        }
    }
}

/// What a policy says of closing resolved cases by time. What cannot be read is the command service's to complain of.
fn rule(recorded: &Recorded) -> Option<Rule> {
    let entry = PolicyEntry::decode(&recorded.payload).ok()?;
    let published = entry.events.iter().find_map(PolicyEvent::published)?;
    let policy = Policy::compile_published(&published.document, entry.policy, entry.at, zones::current()).ok()?;
    let (auto, since) = (policy.document.lifecycle.auto_close.as_ref(), entry.at);
    let closing = auto.map(|auto| ClosingRule { policy: entry.policy, after_days: auto.after_days, since });
    Some(Rule { policy: entry.policy, closing, since, until: None, position: recorded.position })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::EPOCH.plus_millis(seconds * 1_000)
    }

    #[test]
    fn a_schedule_of_a_case_that_wants_nothing_any_more_asks_nobody() {
        let mut wake = Wake { scheduled: Some(at(10)), ..Wake::default() };
        wake.note(Some(at(10)), PolicyVersion(1));
        assert_eq!(wake.next(), Some(at(10)));
        // The other case has answered, and the history sleeps on.
        wake.note(None, PolicyVersion(1));
        assert_eq!((wake.next(), wake.scheduled), (None, Some(at(10))));
    }

    #[test]
    fn a_case_that_writes_nothing_is_asked_more_and_more_seldom_until_it_writes_again() {
        let mut wake = Wake::default();
        wake.note(Some(at(10)), PolicyVersion(1));
        let mut asked_at = |now| {
            wake.asked(at(now));
            wake.next()
        };
        assert_eq!((asked_at(10), asked_at(11), asked_at(13)), (Some(at(11)), Some(at(13)), Some(at(17))));
        for _ in 0..100 {
            asked_at(20);
        }
        assert_eq!(asked_at(100), Some(at(100 + 2_048)));
        wake.note(Some(at(200)), PolicyVersion(1));
        wake.asked(at(200));
        assert_eq!(wake.next(), Some(at(201)));
    }

    #[test]
    fn a_case_that_a_policy_closes_is_asked_then_also_when_it_was_asked_too_early() {
        let mut wake = Wake::default();
        wake.close(at(100), PolicyVersion(2));
        // An entry from before the policy says nothing of it.
        wake.note(None, PolicyVersion(1));
        wake.asked(at(50));
        assert_eq!(wake.next(), Some(at(100)));
        wake.asked(at(101));
        assert_eq!(wake.next(), None, "it was asked, once");
    }

    #[test]
    fn what_was_decided_under_a_policy_is_not_woken_by_it() {
        let mut wake = Wake::default();
        wake.close(at(100), PolicyVersion(2));
        wake.note(None, PolicyVersion(2));
        assert_eq!(wake.next(), None);
    }
}
