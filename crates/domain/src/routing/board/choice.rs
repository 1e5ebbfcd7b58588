//! Who gets which case: the next one for an agent who asks, and what the queues that push give out.

use std::collections::{BTreeMap, HashMap, btree_set};

use docket_messages::policy::Agent;
use docket_messages::{AgentId, CaseId, Name, Presence, Rejection, RejectionCode, Timestamp};

use super::queued_case::{QueuedCase, Requirements};
use super::{Board, Desk, QueueKey, Taken};
use crate::policy::Policy;
use crate::routing::lacking;

/// A case that its queue gives to an agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// The case.
    pub case: CaseId,
    /// Its queue.
    pub queue: Name,
    /// The agent.
    pub agent: AgentId,
}

/// What is left of a line of cases with the same requirements.
struct Line<'b> {
    queue: &'b Name,
    requirements: &'b Requirements,
    behind: btree_set::Iter<'b, QueueKey>,
}

impl<'b> Line<'b> {
    /// The first of a line, and the line behind it.
    fn next(
        queue: &'b Name,
        requirements: &'b Requirements,
        mut turns: btree_set::Iter<'b, QueueKey>,
    ) -> Option<(QueueKey, Self)> {
        let first = *turns.next()?;
        Some((first, Self { queue, requirements, behind: turns }))
    }
}

/// An agent with room for more.
struct Free<'b> {
    agent: &'b AgentId,
    rule: &'b Agent,
    in_hand: u32,
    last_given: Timestamp,
}

impl<'b> Free<'b> {
    /// Whose turn it is: of those who let the case pass least often, the one with the smallest share of their capacity
    /// in use; of those, the one who was given nothing for longest.
    fn turn(&self, passed_by: &[AgentId]) -> (usize, u64, Timestamp, &'b AgentId) {
        let passes = passed_by.iter().filter(|other| *other == self.agent).count();
        // In millionths.
        let used = u64::from(self.in_hand) * 1_000_000 / u64::from(self.rule.capacity.max(1));
        (passes, used, self.last_given, self.agent)
    }
}

impl Board {
    /// The next case of a queue for an agent, but for those that are taken.
    ///
    /// # Errors
    /// Why there is none for this agent.
    pub fn next(
        &self,
        queue: &Name,
        agent: &AgentId,
        policy: &Policy,
        now: Timestamp,
        taken: &Taken<'_>,
    ) -> Result<CaseId, Rejection> {
        policy.require_listed("queue", "queue", queue, policy.document.queues.keys())?;
        let rule = policy.document.agents.get(agent);
        let mut desk = self.agents.get(agent).copied().unwrap_or_default();
        desk.in_hand += self.on_their_way(taken.held).get(agent).copied().unwrap_or(0);
        if let Some(rule) = rule {
            may_claim(rule, desk, Some(queue), agent)?;
        }
        let can = |requirements: &Requirements| {
            rule.is_none_or(|rule| fits(rule, desk.in_hand, requirements.units))
                && lacking(&requirements.needs, rule, now).is_none()
        };
        let lines = self.waiting.get(queue).into_iter().flatten().filter(|(requirements, _)| can(requirements));
        let firsts = lines.filter_map(|(_, turns)| turns.iter().find(|(_, _, case)| !taken.has(*case)));
        let next = firsts.min();
        next.map(|(_, _, case)| *case).ok_or_else(|| {
            let message = format!("the queue `{queue}` has no case that `{agent}` could take; try again later");
            Rejection::new(RejectionCode::QueueEmpty, message).at("queue")
        })
    }

    /// Refuses to give a case to an agent who is offline, does not work on its queue, or has no room for it beside what
    /// they have and what is on its way to them. What the case itself takes of them already is not counted. An agent
    /// whom the policy does not list may have any.
    ///
    /// # Errors
    /// Why the agent cannot have it.
    pub fn require_room(
        &self,
        case: CaseId,
        agent: &AgentId,
        policy: &Policy,
        held: &HashMap<CaseId, AgentId>,
    ) -> Result<(), Rejection> {
        let Some(rule) = policy.document.agents.get(agent) else { return Ok(()) };
        let queued = self.cases.get(&case);
        let mut desk = self.agents.get(agent).copied().unwrap_or_default();
        let others =
            held.iter().filter(|(held, _)| **held != case).map(|(held, agent)| (*held, agent.clone())).collect();
        desk.in_hand += self.on_their_way(&others).get(agent).copied().unwrap_or(0);
        if let Some((_, units)) = queued.and_then(QueuedCase::load).filter(|(has, _)| *has == agent) {
            desk.in_hand = desk.in_hand.saturating_sub(units);
        }
        may_claim(rule, desk, queued.and_then(|queued| queued.facts.queue.as_ref()), agent)
            .map_err(|no| no.at("agent"))?;
        let units = queued.map_or(1, |queued| queued.requirements.units);
        if fits(rule, desk.in_hand, units) {
            return Ok(());
        }
        let (has, most) = (desk.in_hand, rule.capacity);
        let message = format!(
            "`{agent}` uses {has} of {most} units of capacity, and the case takes {units}; finish a case first"
        );
        Err(Rejection::new(RejectionCode::AgentFull, message).at("agent"))
    }

    /// What the queues that give their cases out would give to whom, now: each case to the most available agent who is
    /// online, works on the queue, and lacks nothing. Who let the case pass comes after those who did not.
    #[must_use]
    pub fn proposals(&self, policy: &Policy, now: Timestamp, held: &HashMap<CaseId, AgentId>) -> Vec<Proposal> {
        let mut free = self.free(policy, &self.on_their_way(held));
        let mut proposals = Vec::new();
        if free.is_empty() {
            return proposals;
        }
        let pushes = policy.document.queues.iter().filter(|(_, rule)| rule.push).map(|(queue, _)| queue);
        let firsts = pushes.flat_map(|queue| {
            let lines = self.waiting.get(queue).into_iter().flatten();
            lines.filter_map(move |(requirements, turns)| Line::next(queue, requirements, turns.iter()))
        });
        // All queues in one order, so that none takes the agents whom another one needs more.
        let mut lines: BTreeMap<QueueKey, Line<'_>> = firsts.collect();
        while let Some(((_, _, case), line)) = lines.pop_first().filter(|_| !free.is_empty()) {
            let passed_by = self.cases.get(&case).map(|queued| queued.passed_by.as_slice()).unwrap_or_default();
            let Requirements { needs, units } = line.requirements;
            let knows =
                |free: &Free<'_>| works_on(free.rule, line.queue) && lacking(needs, Some(free.rule), now).is_none();
            if !held.contains_key(&case) {
                let can = |free: &&mut Free<'_>| knows(free) && fits(free.rule, free.in_hand, *units);
                let Some(best) = free.iter_mut().filter(can).min_by_key(|free| free.turn(passed_by)) else {
                    // It waits for room. The one who comes nearest is given nothing that is behind it, or light cases
                    // would go before a heavy one for ever. What is behind it in its line waits with it.
                    let nearest = free.iter().filter(|free| knows(free)).min_by_key(|free| (free.in_hand, free.agent));
                    let nearest = nearest.map(|free| free.agent);
                    free.retain(|free| Some(free.agent) != nearest);
                    continue;
                };
                best.in_hand += units;
                proposals.push(Proposal { case, queue: line.queue.clone(), agent: best.agent.clone() });
                free.retain(|free| free.in_hand < free.rule.capacity);
            }
            lines.extend(Line::next(line.queue, line.requirements, line.behind));
        }
        proposals
    }

    /// How much each agent is about to be given.
    fn on_their_way<'h>(&self, held: &'h HashMap<CaseId, AgentId>) -> HashMap<&'h AgentId, u32> {
        let mut more = HashMap::new();
        for (case, agent) in held {
            // What has arrived counts as what the agent has.
            let queued = self.cases.get(case).filter(|queued| queued.load().is_none());
            *more.entry(agent).or_default() += queued.map_or(0, |queued| queued.requirements.units);
        }
        more
    }

    /// Who is online and has room.
    fn free<'b>(&self, policy: &'b Policy, more: &HashMap<&AgentId, u32>) -> Vec<Free<'b>> {
        let agents = policy.document.agents.iter().filter_map(|(agent, rule)| {
            let desk = self.agents.get(agent).copied().unwrap_or_default();
            let in_hand = desk.in_hand + more.get(agent).copied().unwrap_or(0);
            let is_free = desk.presence == Presence::Online && in_hand < rule.capacity;
            is_free.then_some(Free { agent, rule, in_hand, last_given: desk.last_given })
        });
        agents.collect()
    }
}

fn works_on(agent: &Agent, queue: &Name) -> bool {
    agent.queues.is_empty() || agent.queues.contains(queue)
}

/// Whether a case fits beside what an agent has in hand. Somebody with nothing in hand takes any.
fn fits(agent: &Agent, in_hand: u32, units: u32) -> bool {
    in_hand == 0 || in_hand.saturating_add(units) <= agent.capacity
}

fn may_claim(rule: &Agent, desk: Desk, queue: Option<&Name>, agent: &AgentId) -> Result<(), Rejection> {
    let (code, message, path) = if desk.presence == Presence::Offline {
        (RejectionCode::AgentOffline, format!("`{agent}` is offline; send `agent.presence` first"), "agent")
    } else if let Some(queue) = queue.filter(|queue| !works_on(rule, queue)) {
        let queues: Vec<String> = rule.queues.iter().map(|queue| format!("`{queue}`")).collect();
        let message = format!("`{agent}` does not work on the queue `{queue}`; allowed: {}", queues.join(", "));
        (RejectionCode::UnknownValue, message, "queue")
    } else if desk.in_hand >= rule.capacity {
        let (has, most) = (desk.in_hand, rule.capacity);
        (
            RejectionCode::AgentFull,
            format!("`{agent}` uses {has} of {most} units of capacity; finish a case first"),
            "agent",
        )
    } else {
        return Ok(());
    };
    Err(Rejection::new(code, message).at(path))
}
