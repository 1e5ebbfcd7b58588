//! What time alone makes true: warnings, breaches, follow-ups, offers and surveys that expire, auto-close.

use docket_messages::policy::Passing;
use docket_messages::{Cause, Closed, FollowUpDue, OfferExpired, PolicyVersion, Status, SurveyExpired, Timestamp};

use super::draft::Draft;
use super::{Case, requirements};
use crate::policy::{DAY_MS, Policies};

/// How long a case waits for another one before it is looked at again.
const PROCESS_MS: i64 = 10_000;

/// Something that falls due. The order decides between two that fall due at the same instant: deadlines come last,
/// because whatever happens at the very deadline is in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    Warning(usize),
    FollowUp,
    SurveyExpiry(usize),
    OfferExpiry,
    AutoClose(PolicyVersion),
    Breach(usize),
}

impl Due {
    fn of_clock(passing: Passing, index: usize) -> Self {
        match passing {
            Passing::Warning => Self::Warning(index),
            Passing::Breach => Self::Breach(index),
        }
    }

    /// The earliest tick that decides it. A deadline has passed only when its instant is over.
    fn tick_at(self, at: Timestamp) -> Timestamp {
        match self {
            Self::Breach(_) => at.plus_millis(1),
            Self::Warning(_) | Self::FollowUp | Self::SurveyExpiry(_) | Self::OfferExpiry | Self::AutoClose(_) => at,
        }
    }
}

impl Draft<'_> {
    /// Decides everything that fell due before the command's moment, earliest first. What falls due at that
    /// very moment is decided by a tick only, but for deadlines: whatever happens at the deadline is in time, whether a
    /// tick comes before it or not.
    pub(super) fn bring_up_to_date(&mut self, is_tick: bool) {
        while let Some((at, due)) = next(&self.case, self.policies(), !self.is_backdated) {
            let is_due = if is_tick { due.tick_at(at) <= self.at } else { at < self.at };
            if !is_due {
                break;
            }
            // Automations that did not apply while the case was back-dated may lie before its last entry.
            self.decide_due(due, at.max(self.case.last_at).min(self.at));
        }
    }

    /// When the case next needs attention. A back-dated command schedules nothing, unless another case was asked for
    /// something: the service that asked may have ended over it, and then time takes it up again, counted from now.
    pub(super) fn wake_at(&self, now: Timestamp) -> Option<Timestamp> {
        let waits = self.case.process.is_some() || !self.case.passing.is_empty();
        let process = waits.then(|| self.at.max(now).plus_millis(PROCESS_MS));
        let due = if self.is_backdated {
            None
        } else {
            next(&self.case, self.policies(), true).map(|(at, due)| due.tick_at(at))
        };
        due.into_iter().chain(process).min()
    }

    fn decide_due(&mut self, due: Due, at: Timestamp) {
        let from = self.events.len();
        match due {
            Due::Warning(index) => self.pass_by_time(index, Passing::Warning, at),
            Due::Breach(index) => self.pass_by_time(index, Passing::Breach, at),
            Due::FollowUp => {
                if let Some(wait) = self.case.wait() {
                    let reason = wait.reason.clone();
                    self.emit(FollowUpDue { reason, at: self.own_instant(at) });
                }
            }
            Due::SurveyExpiry(index) => {
                if let Some(round) = self.case.surveys.get(index) {
                    let (survey, cycle) = (round.survey, round.cycle);
                    self.emit(SurveyExpired { survey, cycle, at: self.own_instant(at) });
                }
            }
            Due::OfferExpiry => {
                if let Some(offer) = self.case.offer.clone() {
                    let at = self.own_instant(at);
                    self.emit(OfferExpired { agent: offer.agent, at });
                }
            }
            Due::AutoClose(version) => {
                if let Some(auto) = &self.policies().get(version).document.lifecycle.auto_close {
                    let (code, status, cause) = (auto.code.clone(), Status::Closed, Some(Cause::Time));
                    self.emit(Closed { code, status, at: self.own_instant(at), cause, personal: None });
                }
            }
        }
        self.settle_clocks(from, at);
    }

    fn pass_by_time(&mut self, index: usize, passing: Passing, at: Timestamp) {
        if let Some(clock) = self.case.clocks.get(index).cloned() {
            self.pass(&clock, passing, at, None);
        }
    }
}

/// What falls due next, and when.
fn next(case: &Case, policies: &Policies, with_lifecycle: bool) -> Option<(Timestamp, Due)> {
    let clocks = case
        .clocks
        .iter()
        .enumerate()
        .filter_map(|(index, clock)| clock.next_passing().map(|(at, passing)| (at, Due::of_clock(passing, index))));
    let first = clocks.min();
    if !with_lifecycle {
        return first;
    }
    let expiries = case.surveys.iter().enumerate().filter(|(_, round)| !round.is_over);
    let expiries = expiries.filter_map(|(index, round)| round.expires_at.map(|at| (at, Due::SurveyExpiry(index))));
    let offer = case.offer.as_ref().map(|offer| (offer.expires_at, Due::OfferExpiry));
    first.into_iter().chain(expiries).chain(offer).chain(follow_up(case)).chain(auto_close(case, policies)).min()
}

fn follow_up(case: &Case) -> Option<(Timestamp, Due)> {
    case.wait()?.follow_up_at.map(|at| (at, Due::FollowUp))
}

/// Whether a resolved case is closed by time at an instant, or before.
pub(super) fn is_closed_by(case: &Case, policies: &Policies, at: Timestamp) -> bool {
    auto_close(case, policies).is_some_and(|(closes, _)| closes <= at)
}

/// When a case that stayed resolved is closed: when it first was long enough by the policy in force then, and not
/// before that came into force. What was said before the resolution was recorded is no rule for it.
fn auto_close(case: &Case, policies: &Policies) -> Option<(Timestamp, Due)> {
    let resolved_at = case.facts.resolved_at.filter(|_| case.status() == Status::Resolved)?;
    let mut versions = policies.in_order().filter(|(policy, _)| policy.version >= case.resolved_under);
    versions.find_map(|(policy, until)| {
        let auto = policy.document.lifecycle.auto_close.as_ref()?;
        let at = resolved_at.plus_millis(i64::from(auto.after_days) * DAY_MS).max(policy.since);
        // A case that lacks what closing requires waits for somebody to bring it.
        let is_closed = until.is_none_or(|until| at < until) && requirements::missing_at_close(case, policy).is_none();
        is_closed.then_some((at, Due::AutoClose(policy.version)))
    })
}
