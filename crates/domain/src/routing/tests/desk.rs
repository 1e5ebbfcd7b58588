//! A desk with agents and cases, as the log has them.

use std::collections::{HashMap, HashSet};

use docket_calendar::zones::Zones;
use docket_messages::{
    AgentId, Assigned, CaseEntry, CaseEvent, CaseId, Classified, CommandId, Digest, EntryKind, FORMAT_VERSION, Fields,
    IntakeEvent, Line, Name, Opened, OpenedText, Personal, PolicyVersion, Presence, PrincipalName, RejectionCode,
    Routed, Salt, SkillNeed, Status, Timestamp, Version, WorkEvent,
};
use uuid::Uuid;

use crate::policy::Policy;
use crate::routing::Board;
use crate::routing::board::Taken;

pub(super) const SAMPLE: &str = include_str!("../../../../../policies/sample.toml");

pub(super) fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

pub(super) fn agent(text: &str) -> AgentId {
    AgentId::parse(text).unwrap()
}

pub(super) fn at(minute: i64) -> Timestamp {
    "2026-11-23T08:00:00Z".parse::<Timestamp>().unwrap().plus_millis(minute * 60_000)
}

pub(super) fn case(number: u128) -> CaseId {
    CaseId::new(Uuid::from_u128(number))
}

/// A desk whose queue `frontline` gives its cases out, to agents as they are told, `(name, capacity, level of french)`.
pub(super) struct Desk {
    pub(super) board: Board,
    pub(super) policy: Policy,
    pub(super) versions: HashMap<CaseId, u32>,
    /// All entries that it was told.
    pub(super) told: Vec<(bool, CaseEntry)>,
}

impl Desk {
    pub(super) fn of(agents: &[(&str, u32, u32)]) -> Self {
        let listed: String = agents
            .iter()
            .map(|(name, capacity, french)| {
                format!("[agents.{name}]\ncapacity = {capacity}\nskills = {{ french = {french} }}\n")
            })
            .collect();
        let text = SAMPLE.replacen("channels = ", "skills = [\"french\"]\nchannels = ", 1).replacen(
            "[queues.frontline]\n",
            &format!("{listed}[[weights]]\nunits = 3\nchannel = [\"phone\"]\n[queues.frontline]\npush = true\n"),
            1,
        );
        let policy = Policy::compile(&text, PolicyVersion(1), at(0), Zones::bundled()).unwrap();
        let mut board = Board::default();
        for (name, _, _) in agents {
            board.set_presence(&agent(name), Presence::Online);
        }
        Self { board, policy, versions: HashMap::new(), told: Vec::new() }
    }

    pub(super) fn told(&mut self, case: CaseId, minute: i64, events: Vec<CaseEvent>) {
        let version = self.versions.entry(case).or_default();
        *version += u32::try_from(events.len()).unwrap();
        let entry = entry(case, Version(*version), at(minute), events);
        self.board.apply(case, &entry, false, &self.policy).unwrap();
        self.told.push((false, entry));
    }

    /// A case comes to `frontline`.
    pub(super) fn opened(&mut self, number: u128, minute: i64, priority: &str, channel: &str, skills: Vec<SkillNeed>) {
        let opened = Opened {
            case_type: name("question"),
            status: Status::New,
            channel: name(channel),
            customer_id: None,
            language: None,
            tier: None,
            entitlement: None,
            parent_id: None,
            follow_up_of: None,
            responses_unknown: None,
            described: None,
            personal: Personal::Plain(OpenedText { subject: Line::parse("A need").unwrap(), description: None }),
        };
        let classified = Classified {
            case_type: name("question"),
            category: None,
            subcategory: None,
            impact: name("low"),
            urgency: name("low"),
            priority: name(priority),
            fields: Fields::new(),
            personal_fields: Vec::new(),
            personal: None,
        };
        let queue = name("frontline");
        let routed = Routed { queue, rule: Some(1), cause: None, skills, at: None, personal: None };
        let events = vec![
            CaseEvent::Intake(IntakeEvent::Opened(opened)),
            CaseEvent::Intake(IntakeEvent::Classified(classified)),
            CaseEvent::Intake(IntakeEvent::Routed(routed)),
        ];
        self.told(case(number), minute, events);
    }

    pub(super) fn assigned(&mut self, number: u128, minute: i64, to: &str) {
        let assigned = Assigned { agent: agent(to), status: Status::Open, cause: None, at: None, forced: None };
        self.told(case(number), minute, vec![CaseEvent::Work(WorkEvent::Assigned(assigned))]);
    }

    /// Who is to be given what, at a minute.
    pub(super) fn proposals(&self, minute: i64) -> Vec<(u128, String)> {
        let proposals = self.board.proposals(&self.policy, at(minute), &HashMap::new());
        proposals.iter().map(|one| (one.case.uuid().as_u128(), one.agent.to_string())).collect()
    }

    /// What an agent gets who claims, or why nothing.
    pub(super) fn next(&self, claims: &str) -> Result<u128, RejectionCode> {
        let taken = Taken { held: &HashMap::new(), lost: &HashSet::new() };
        let next = self.board.next(&name("frontline"), &agent(claims), &self.policy, at(60), &taken);
        next.map(|case| case.uuid().as_u128()).map_err(|rejection| rejection.code)
    }
}

pub(super) fn entry(case: CaseId, version: Version, at: Timestamp, events: Vec<CaseEvent>) -> CaseEntry {
    CaseEntry {
        v: FORMAT_VERSION,
        id: CommandId::parse("c-1").unwrap(),
        verb: "note".to_owned(),
        kind: EntryKind::Case,
        of: case.to_string(),
        at,
        backdated: None,
        by: PrincipalName::parse("desk").unwrap(),
        on_behalf_of: None,
        via: None,
        policy: PolicyVersion(1),
        version,
        request: Digest::of(&[]),
        message: None,
        sent_to: None,
        prev: None,
        wake_at: None,
        salt: Salt::new([0; 16]),
        key: None,
        events,
    }
}
