//! What a warning or a breach does, as the policy says: raise the level, move, assign, tell.

use docket_messages::policy::{EscalationRule, Passing};
use docket_messages::{Assigned, Cause, Escalated, Notified, Routed, Timestamp};

use super::Case;
use super::clocks::Passed;
use super::draft::Draft;
use crate::clock::Clock;
use crate::policy::listed;

impl Draft<'_> {
    /// Does what the policy that the clock pinned says of its warning or breach, every rule that matches. Nothing when
    /// the command is back-dated: it records what people did.
    pub(super) fn escalate_for(&mut self, passed: Passed, at: Timestamp) {
        if self.is_backdated || !self.case.status().is_active() {
            return;
        }
        // Where an escalation before this one has ended the clock and begun another, this one comes too late.
        let is_meant = |clock: &&Clock| clock.name == passed.clock && clock.instance == passed.instance;
        let Some(clock) = self.case.clocks.iter().find(is_meant) else { return };
        let policy = self.policy_of(clock);
        let from = self.events.len();
        // The case as it was decides which rules act, not what the first of them made of it.
        let rules = policy.document.escalations.iter().filter(|rule| matches(rule, passed, &self.case));
        for rule in rules.collect::<Vec<_>>() {
            self.carry_out(rule, passed.instance, at);
        }
        self.settle_clocks(from, at);
    }

    fn carry_out(&mut self, rule: &EscalationRule, instance: u32, at: Timestamp) {
        let cause = match rule.on {
            Passing::Warning => Cause::Warning,
            Passing::Breach => Cause::Breach,
        };
        let own = self.own_instant(at);
        if let Some(level) = rule.level.filter(|level| *level > self.case.facts.escalation_level) {
            self.emit(Escalated { level, cause: Some(cause), at: own, personal: None });
        }
        if let Some(queue) = rule.to_queue.as_ref().filter(|queue| self.case.facts.queue.as_ref() != Some(*queue)) {
            let queue = queue.clone();
            let (rule, cause, skills) = (None, Some(cause), Vec::new());
            self.emit(Routed { queue, rule, cause, skills, at: own, personal: None });
        }
        if let Some(agent) = rule.assign.as_ref().filter(|agent| self.case.facts.assignee.as_ref() != Some(*agent)) {
            let status = self.case.status_when_assigned();
            self.emit(Assigned { agent: agent.clone(), status, cause: Some(cause), at: own, forced: None });
        }
        if !rule.notify.is_empty() {
            let (to, clock) = (rule.notify.clone(), rule.clock);
            self.emit(Notified { to, clock, instance, cause, at: own });
        }
    }
}

fn matches(rule: &EscalationRule, passed: Passed, case: &Case) -> bool {
    rule.clock == passed.clock
        && rule.on == passed.passing
        && listed(&rule.priority, case.facts.class.priority.as_ref())
        && listed(&rule.case_type, Some(&case.facts.class.case_type))
        && listed(&rule.queue, case.facts.queue.as_ref())
}
