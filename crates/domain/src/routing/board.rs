//! Who waits in which queue, and who could take it: what a claim and a push choose from.
//!
//! A fold of the log, like a read model, and as little to be relied on: it proposes a case, and the case decides. It
//! holds the cases that are new, open or pending; whoever keeps it brings back those that return.
//!
//! Inside a queue the order is priority, then since when the case could be taken; an agent gets the first case that
//! asks for nothing that the agent lacks.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, btree_set};

use docket_messages::policy::{Agent, Document};
use docket_messages::{
    AgentId, Assigned, CaseEntry, CaseEvent, CaseId, Name, OfferDeclined, OfferExpired, Offered, Opened, Presence,
    Rejection, RejectionCode, SkillNeed, Status, Timestamp, Version,
};

use super::lacking;
use crate::case::listed;
use crate::policy::Policy;

/// The desk, as the log has it up to some entry.
#[derive(Debug, Default)]
pub struct Board {
    seats: HashMap<CaseId, Seat>,
    /// The cases of each queue that could be taken, in lines of those that ask for the same: who cannot take the first
    /// of a line cannot take the others.
    waiting: HashMap<Name, HashMap<Ask, BTreeSet<Turn>>>,
    agents: HashMap<AgentId, Desk>,
}

/// When a case's turn is: the place of its priority, since when it waits, and its id.
type Turn = (usize, Timestamp, CaseId);

/// What a case asks of whoever takes it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Ask {
    needs: Vec<SkillNeed>,
    /// How much of an agent's capacity it takes.
    units: u32,
}

/// A case that is not over.
#[derive(Debug, Clone)]
struct Seat {
    version: Version,
    status: Status,
    case_type: Name,
    channel: Name,
    priority: Option<Name>,
    queue: Option<Name>,
    ask: Ask,
    assignee: Option<AgentId>,
    offered_to: Option<AgentId>,
    /// Who let an offer of it pass, in this queue.
    passed_by: Vec<AgentId>,
    /// Since when it could be taken, in this queue.
    since: Timestamp,
    /// The place of its priority.
    rank: usize,
    /// Whether its last entry records what happened long ago: then there may be more of that to come.
    is_history: bool,
}

/// What is known of an agent.
#[derive(Debug, Clone, Copy)]
struct Desk {
    presence: Presence,
    /// Units of the cases that the agent has or is offered, but for those that wait.
    in_hand: u32,
    /// When the agent was last given a case.
    last_given: Timestamp,
}

impl Default for Desk {
    fn default() -> Self {
        Self { presence: Presence::Offline, in_hand: 0, last_given: Timestamp::EPOCH }
    }
}

/// What is left of a line of cases that ask for the same.
struct Line<'b> {
    queue: &'b Name,
    ask: &'b Ask,
    behind: btree_set::Iter<'b, Turn>,
}

impl<'b> Line<'b> {
    /// The first of a line, and the line behind it.
    fn next(queue: &'b Name, ask: &'b Ask, mut turns: btree_set::Iter<'b, Turn>) -> Option<(Turn, Self)> {
        let first = *turns.next()?;
        Some((first, Self { queue, ask, behind: turns }))
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

/// Cases that are not to be had.
#[derive(Debug, Clone, Copy)]
pub struct Taken<'t> {
    /// On their way to somebody, and so part of what they have in hand.
    pub held: &'t HashMap<CaseId, AgentId>,
    /// Lost to somebody else.
    pub lost: &'t HashSet<CaseId>,
}

impl Taken<'_> {
    fn has(&self, case: CaseId) -> bool {
        self.held.contains_key(&case) || self.lost.contains(&case)
    }
}

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

/// An entry of a case that is not on the board and comes back to it: its whole subject is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct Missing;

impl Board {
    /// Takes in an entry of a case. One that was taken in before changes nothing.
    ///
    /// # Errors
    /// [`Missing`] when the case is not on the board and comes back to it, or has more entries than the board knows.
    pub fn take_in(
        &mut self,
        case: CaseId,
        entry: &CaseEntry,
        is_backdated: bool,
        policy: &Policy,
    ) -> Result<(), Missing> {
        let seat = self.remove(case);
        let is_known = seat.as_ref().is_some_and(|seat| entry.version <= seat.version);
        let before = entry.version.get().saturating_sub(u32::try_from(entry.events.len()).unwrap_or(u32::MAX));
        let has_gap = seat.as_ref().is_some_and(|seat| seat.version.get() < before);
        if has_gap || seat.is_none() && entry.events.iter().any(brings_back) {
            return Err(Missing);
        }
        let seat = if is_known { seat } else { self.go_on(seat, entry, is_backdated) };
        self.put(case, seat, policy);
        Ok(())
    }

    /// Takes in a case that is not on the board, or is as of an earlier entry, from all its entries, each with whether it
    /// was back-dated.
    pub fn take_in_whole(&mut self, case: CaseId, entries: &[(bool, CaseEntry)], policy: &Policy) {
        drop(self.remove(case));
        let seat = entries.iter().fold(None, |seat, (is_backdated, entry)| self.go_on(seat, entry, *is_backdated));
        self.put(case, seat, policy);
    }

    /// A case after one more entry; none when it is one that began before.
    fn go_on(&mut self, seat: Option<Seat>, entry: &CaseEntry, is_backdated: bool) -> Option<Seat> {
        let mut seat = match (seat, entry.events.first()) {
            (Some(seat), _) => seat,
            (None, Some(CaseEvent::Opened(opened))) => Seat::opened(opened, entry.at),
            (None, _) => return None,
        };
        for event in &entry.events {
            let at = event.at().unwrap_or(entry.at);
            seat.apply(event, at);
            if let CaseEvent::Assigned(Assigned { agent, .. }) | CaseEvent::Offered(Offered { agent, .. }) = event {
                let desk = self.agents.entry(agent.clone()).or_default();
                desk.last_given = desk.last_given.max(at);
            }
        }
        seat.version = entry.version;
        seat.is_history = is_backdated;
        Some(seat)
    }

    /// Takes in whether an agent takes on cases.
    pub fn see(&mut self, agent: &AgentId, presence: Presence) {
        self.agents.entry(agent.clone()).or_default().presence = presence;
    }

    /// Orders and weighs everything anew, by another policy.
    pub fn rebase(&mut self, policy: &Policy) {
        let cases: Vec<CaseId> = self.seats.keys().copied().collect();
        for case in cases {
            let seat = self.remove(case);
            self.put(case, seat, policy);
        }
    }

    /// How many cases could be taken.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.waiting.values().flat_map(HashMap::values).map(BTreeSet::len).sum()
    }

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
        let can = |ask: &Ask| {
            rule.is_none_or(|rule| fits(rule, desk.in_hand, ask.units)) && lacking(&ask.needs, rule, now).is_none()
        };
        let lines = self.waiting.get(queue).into_iter().flatten().filter(|(ask, _)| can(ask));
        let firsts = lines.filter_map(|(_, turns)| turns.iter().find(|(_, _, case)| !taken.has(*case)));
        let next = firsts.min();
        next.map(|(_, _, case)| *case).ok_or_else(|| {
            let message = format!("the queue `{queue}` has no case that `{agent}` could take; try again later");
            Rejection::new(RejectionCode::QueueEmpty, message).at("queue")
        })
    }

    /// Refuses to give a case to an agent who is offline, does not work on its queue, or has no room for it beside what
    /// they have and what is on its way to them. What the case itself takes of them already is not counted. An agent whom
    /// the policy does not list may have any.
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
        let seat = self.seats.get(&case);
        let mut desk = self.agents.get(agent).copied().unwrap_or_default();
        let others =
            held.iter().filter(|(held, _)| **held != case).map(|(held, agent)| (*held, agent.clone())).collect();
        desk.in_hand += self.on_their_way(&others).get(agent).copied().unwrap_or(0);
        if let Some((_, units)) = seat.and_then(Seat::load).filter(|(has, _)| *has == agent) {
            desk.in_hand = desk.in_hand.saturating_sub(units);
        }
        may_claim(rule, desk, seat.and_then(|seat| seat.queue.as_ref()), agent).map_err(|no| no.at("agent"))?;
        let units = seat.map_or(1, |seat| seat.ask.units);
        if fits(rule, desk.in_hand, units) {
            return Ok(());
        }
        let (has, most) = (desk.in_hand, rule.capacity);
        let message =
            format!("`{agent}` has {has} of {most} units in hand, and the case takes {units}; finish one first");
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
            lines.filter_map(move |(ask, turns)| Line::next(queue, ask, turns.iter()))
        });
        // All queues in one order, so that none takes the agents whom another one needs more.
        let mut lines: BTreeMap<Turn, Line<'_>> = firsts.collect();
        while let Some(((_, _, case), line)) = lines.pop_first().filter(|_| !free.is_empty()) {
            let passed_by = self.seats.get(&case).map(|seat| seat.passed_by.as_slice()).unwrap_or_default();
            let Ask { needs, units } = line.ask;
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
            lines.extend(Line::next(line.queue, line.ask, line.behind));
        }
        proposals
    }

    /// How much each agent is about to be given.
    fn on_their_way<'h>(&self, held: &'h HashMap<CaseId, AgentId>) -> HashMap<&'h AgentId, u32> {
        let mut more = HashMap::new();
        for (case, agent) in held {
            // What has arrived counts as what the agent has.
            let seat = self.seats.get(case).filter(|seat| seat.load().is_none());
            *more.entry(agent).or_default() += seat.map_or(0, |seat| seat.ask.units);
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

    /// Puts a case in its place, unless it is over.
    fn put(&mut self, case: CaseId, seat: Option<Seat>, policy: &Policy) {
        let Some(mut seat) = seat.filter(|seat| seat.status.is_active()) else { return };
        seat.weigh(&policy.document);
        if let Some((agent, units)) = seat.load() {
            self.agents.entry(agent.clone()).or_default().in_hand += units;
        }
        if let Some(queue) = seat.waits_in() {
            let lines = self.waiting.entry(queue.clone()).or_default();
            lines.entry(seat.ask.clone()).or_default().insert((seat.rank, seat.since, case));
        }
        self.seats.insert(case, seat);
    }

    fn remove(&mut self, case: CaseId) -> Option<Seat> {
        let seat = self.seats.remove(&case)?;
        if let Some((agent, units)) = seat.load()
            && let Some(desk) = self.agents.get_mut(agent)
        {
            desk.in_hand = desk.in_hand.saturating_sub(units);
        }
        if let Some(lines) = seat.waits_in().and_then(|queue| self.waiting.get_mut(queue))
            && let Some(line) = lines.get_mut(&seat.ask)
        {
            line.remove(&(seat.rank, seat.since, case));
            if line.is_empty() {
                lines.remove(&seat.ask);
            }
        }
        Some(seat)
    }
}

impl Seat {
    fn opened(opened: &Opened, at: Timestamp) -> Self {
        Self {
            version: Version(0),
            status: opened.status,
            case_type: opened.case_type.clone(),
            channel: opened.channel.clone(),
            priority: None,
            queue: None,
            ask: Ask { needs: Vec::new(), units: 1 },
            assignee: None,
            offered_to: None,
            passed_by: Vec::new(),
            since: at,
            rank: usize::MAX,
            is_history: false,
        }
    }

    fn apply(&mut self, event: &CaseEvent, at: Timestamp) {
        let before = self.could_be_taken_in().cloned();
        match event {
            CaseEvent::Classified(classified) => {
                self.case_type = classified.case_type.clone();
                self.priority = Some(classified.priority.clone());
            }
            CaseEvent::Routed(routed) => {
                self.queue = Some(routed.queue.clone());
                self.ask.needs.clone_from(&routed.skills);
                self.offered_to = None;
                self.passed_by.clear();
            }
            CaseEvent::Assigned(assigned) => {
                self.assignee = Some(assigned.agent.clone());
                self.status = assigned.status;
                self.offered_to = None;
                self.passed_by.clear();
            }
            CaseEvent::Unassigned(unassigned) => {
                self.assignee = None;
                // Who gave it back is not the first to have it again.
                self.passed_by.push(unassigned.agent.clone());
            }
            CaseEvent::Offered(offered) => self.offered_to = Some(offered.agent.clone()),
            CaseEvent::OfferDeclined(OfferDeclined { agent, .. })
            | CaseEvent::OfferExpired(OfferExpired { agent, .. }) => {
                self.offered_to = None;
                self.passed_by.push(agent.clone());
            }
            CaseEvent::Responded(responded) => self.status = responded.status,
            CaseEvent::Pended(pended) => self.end_offer(pended.status),
            CaseEvent::Resumed(resumed) => self.status = resumed.status,
            CaseEvent::Resolved(resolved) => self.end_offer(resolved.status),
            CaseEvent::Closed(closed) => self.end_offer(closed.status),
            CaseEvent::Cancelled(cancelled) => self.end_offer(cancelled.status),
            CaseEvent::Merged(merged) => self.end_offer(merged.status),
            CaseEvent::Unmerged(unmerged) => self.status = unmerged.status,
            CaseEvent::Reopened(reopened) => self.status = reopened.status,
            CaseEvent::Opened(_)
            | CaseEvent::MessageReceived(_)
            | CaseEvent::Noted(_)
            | CaseEvent::Escalated(_)
            | CaseEvent::Deescalated(_)
            | CaseEvent::Notified(_)
            | CaseEvent::ResolutionConfirmed(_)
            | CaseEvent::ResolutionRejected(_)
            | CaseEvent::EffortLogged(_)
            | CaseEvent::ArticleAttached(_)
            | CaseEvent::ArticleDetached(_)
            | CaseEvent::ArticleNotFound(_)
            | CaseEvent::Linked(_)
            | CaseEvent::LinkRequested(_)
            | CaseEvent::LinkRefused(_)
            | CaseEvent::ParentAccepted(_)
            | CaseEvent::PassingOn(_)
            | CaseEvent::PassedOn(_)
            | CaseEvent::SplitRequested(_)
            | CaseEvent::MergeRequested(_)
            | CaseEvent::MergeRefused(_)
            | CaseEvent::Absorbed(_)
            | CaseEvent::UnmergeRequested(_)
            | CaseEvent::Released(_)
            | CaseEvent::SurveyRequested(_)
            | CaseEvent::SurveyAnswered(_)
            | CaseEvent::SurveyExpired(_)
            | CaseEvent::FollowUpDue(_)
            | CaseEvent::Clock(..) => {}
        }
        if self.could_be_taken_in() != before.as_ref() {
            self.since = at;
        }
    }

    fn end_offer(&mut self, status: Status) {
        self.status = status;
        self.offered_to = None;
    }

    /// The queue in which it waits to be taken.
    fn waits_in(&self) -> Option<&Name> {
        self.could_be_taken_in().filter(|_| self.offered_to.is_none() && !self.is_history)
    }

    /// The queue in which it waits, or would if it were not just offered to somebody.
    fn could_be_taken_in(&self) -> Option<&Name> {
        let is_free = self.assignee.is_none() && matches!(self.status, Status::New | Status::Open);
        self.queue.as_ref().filter(|_| is_free)
    }

    /// Whose capacity it takes, and how much of it. What waits takes none.
    fn load(&self) -> Option<(&AgentId, u32)> {
        let is_worked_on = matches!(self.status, Status::New | Status::Open);
        let agent = self.assignee.as_ref().or(self.offered_to.as_ref()).filter(|_| is_worked_on)?;
        Some((agent, self.ask.units))
    }

    fn weigh(&mut self, document: &Document) {
        let weight = document.weights.iter().find(|weight| {
            listed(&weight.case_type, Some(&self.case_type))
                && listed(&weight.priority, self.priority.as_ref())
                && listed(&weight.channel, Some(&self.channel))
        });
        self.ask.units = weight.map_or(1, |weight| weight.units);
        // A priority that the policy no longer has comes last.
        let place = |priority| document.matrix.priorities.iter().position(|other| other == priority);
        self.rank = self.priority.as_ref().and_then(place).unwrap_or(usize::MAX);
    }
}

/// Whether an event makes a case that was over active again.
fn brings_back(event: &CaseEvent) -> bool {
    matches!(event, CaseEvent::Reopened(_) | CaseEvent::Unmerged(_))
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
        (RejectionCode::AgentFull, format!("`{agent}` has {has} of {most} units in hand; finish one first"), "agent")
    } else {
        return Ok(());
    };
    Err(Rejection::new(code, message).at(path))
}
