//! What must hold of a day, read from its log.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use docket_calendar::zones::Zones;
use docket_domain::policy::Policy;
use docket_eventlog::{MemoryLog, Verifier};
use docket_messages::{
    AgentEvent, AgentId, AnyEntry, CaseEvent, CaseId, EndingEvent, Event, IntakeEvent, Name, OfferEvent, PolicyVersion,
    Presence, SkillNeed, Timestamp, WorkEvent,
};

use super::{now, policy};

/// Reads the log as an auditor would, knowing nothing of the board.
pub(super) struct Judge {
    policy: Policy,
    entries: Vec<AnyEntry>,
    cases: HashMap<CaseId, Kept>,
    online: BTreeSet<AgentId>,
    /// Units that an agent has or is offered.
    in_hand: BTreeMap<AgentId, u32>,
    /// What waits, by what it asks for: in the order of its turns.
    waiting: HashMap<Ask, BTreeSet<Turn>>,
    /// Cases that another went before, and since when.
    passed_over: HashMap<CaseId, Timestamp>,
    offers: usize,
}

/// Queue, skills and units.
type Ask = (Name, Vec<SkillNeed>, u32);
/// Priority, since when it waits, and which case it is.
type Turn = (usize, Timestamp, CaseId);

struct Kept {
    queue: Name,
    needs: Vec<SkillNeed>,
    units: u32,
    rank: usize,
    since: Timestamp,
    assignee: Option<AgentId>,
    offered: Option<AgentId>,
}

impl Judge {
    pub(super) fn of(log: &MemoryLog) -> Self {
        let mut verifier = Verifier::default();
        let check = |recorded: &docket_eventlog::Recorded| {
            verifier.check(recorded).unwrap();
            AnyEntry::decode(&recorded.payload).unwrap()
        };
        Self {
            policy: Policy::compile(&policy(), PolicyVersion(1), now(), Zones::bundled()).unwrap(),
            entries: log.entries().iter().map(check).collect(),
            cases: HashMap::new(),
            online: BTreeSet::new(),
            in_hand: BTreeMap::new(),
            waiting: HashMap::new(),
            passed_over: HashMap::new(),
            offers: 0,
        }
    }

    pub(super) fn judge(mut self, cases: usize) {
        for entry in std::mem::take(&mut self.entries) {
            for event in &entry.events {
                self.apply(&entry, event);
            }
        }
        let taken = self.cases.values().filter(|kept| kept.assignee.is_some()).count();
        assert_eq!((self.cases.len(), taken), (cases, cases));
        assert!(self.offers > cases / 2, "{} offers", self.offers);
        assert!(self.passed_over.is_empty(), "{} cases were passed over", self.passed_over.len());
    }

    fn apply(&mut self, entry: &AnyEntry, event: &Event) {
        match event {
            Event::Case(event) => self.see_case(entry, event),
            Event::Agent(AgentEvent::PresenceChanged(changed)) => {
                if changed.presence == Presence::Online {
                    self.online.insert(changed.agent.clone());
                } else {
                    self.online.remove(&changed.agent);
                }
            }
            Event::Policy(_) | Event::Claim(_) | Event::Customer(_) => {}
        }
    }

    fn see_case(&mut self, entry: &AnyEntry, event: &CaseEvent) {
        let at = event.at().unwrap_or(entry.at);
        let case: CaseId = entry.of.parse().unwrap();
        let by_itself = entry.by.as_str() == "docket";
        if let CaseEvent::Intake(IntakeEvent::Routed(routed)) = event {
            let (rank, units) = self.measure(entry);
            let (queue, needs) = (routed.queue.clone(), routed.skills.clone());
            let kept = Kept { queue, needs, units, rank, since: at, assignee: None, offered: None };
            self.turns(&kept).insert((rank, at, case));
            self.cases.insert(case, kept);
        } else if let CaseEvent::Offer(OfferEvent::Offered(offered)) = event {
            self.offers += 1;
            self.give(case, &offered.agent, at, by_itself);
            self.cases.get_mut(&case).unwrap().offered = Some(offered.agent.clone());
        } else if let CaseEvent::Work(WorkEvent::Assigned(assigned)) = event {
            let kept = self.cases.get_mut(&case).unwrap();
            assert_eq!(kept.assignee, None, "{case} was given to two agents");
            kept.assignee = Some(assigned.agent.clone());
            if kept.offered.take().is_none() {
                self.give(case, &assigned.agent, at, by_itself);
            }
        } else if matches!(event, CaseEvent::Offer(OfferEvent::OfferDeclined(_) | OfferEvent::OfferExpired(_))) {
            let mut kept = self.cases.remove(&case).unwrap();
            let agent = kept.offered.take().unwrap();
            *self.in_hand.get_mut(&agent).unwrap() -= kept.units;
            self.turns(&kept).insert((kept.rank, kept.since, case));
            self.cases.insert(case, kept);
        } else if let CaseEvent::Ending(EndingEvent::Resolved(_)) = event {
            let kept = &self.cases[&case];
            *self.in_hand.get_mut(kept.assignee.as_ref().unwrap()).unwrap() -= kept.units;
        }
    }

    /// The place of a new case's priority, and its weight.
    fn measure(&self, entry: &AnyEntry) -> (usize, u32) {
        let is_phone = entry
            .events
            .iter()
            .any(|event| matches!(event, Event::Case(CaseEvent::Intake(IntakeEvent::Opened(opened))) if opened.channel.as_str() == "phone"));
        let rank = entry.events.iter().find_map(|event| {
            let Event::Case(CaseEvent::Intake(IntakeEvent::Classified(classified))) = event else { return None };
            self.policy.document.matrix.priorities.iter().position(|priority| *priority == classified.priority)
        });
        (rank.unwrap(), if is_phone { 3 } else { 1 })
    }

    fn turns(&mut self, kept: &Kept) -> &mut BTreeSet<Turn> {
        self.waiting.entry((kept.queue.clone(), kept.needs_now(kept.since), kept.units)).or_default()
    }

    /// An agent is given a case, or offered it.
    fn give(&mut self, case: CaseId, agent: &AgentId, at: Timestamp, by_itself: bool) {
        let kept = self.cases.remove(&case).unwrap();
        assert!(self.online.contains(agent) || !by_itself, "{agent} is offline at {at}");
        let rule = &self.policy.document.agents[agent];
        assert!(rule.queues.contains(&kept.queue), "{agent} does not work on {}", kept.queue);
        for need in kept.needs.iter().filter(|need| need.until.is_none_or(|until| at < until)) {
            assert!(rule.skills[&need.skill] >= need.level, "{agent} lacks {} at {at}", need.skill);
        }
        let capacity = rule.capacity;
        let in_hand = self.in_hand.entry(agent.clone()).or_default();
        assert!(*in_hand == 0 || *in_hand + kept.units <= capacity, "{agent} has {in_hand} of {capacity} at {at}");
        *in_hand += kept.units;
        // The agent who had the earlier turn is taken at once, too: several are given out at a time.
        let turn = (kept.rank, kept.since, case);
        let turns = self.turns(&kept);
        turns.remove(&turn);
        let before: Vec<CaseId> = turns.range(..turn).map(|(_, _, case)| *case).collect();
        self.passed_over.extend(before.into_iter().map(|case| (case, at)));
        if let Some(since) = self.passed_over.remove(&case) {
            assert!(at <= since.plus_millis(2_000), "{case} was passed over at {since} and waited until {at}");
        }
        self.cases.insert(case, kept);
    }
}

impl Kept {
    /// What is asked for, in a form in which two cases that ask for the same are alike.
    fn needs_now(&self, since: Timestamp) -> Vec<SkillNeed> {
        let mut needs = self.needs.clone();
        // Those that are dropped after a time are not alike.
        for need in needs.iter_mut().filter(|need| need.until.is_some()) {
            need.until = Some(since);
        }
        needs
    }
}
