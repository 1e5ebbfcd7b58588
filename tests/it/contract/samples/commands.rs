//! Commands, and steps of Docket's own.

use docket_messages::{
    Absorb, AcceptLink, AcceptOffer, AcceptParent, AnswerSurvey, Assign, Attach, Cancel, CaseCommand, CaseEvent,
    CaseStep, Cause, Claim, Classify, Close, Confirm, CustomerId, DeclineOffer, Deescalate, Detach, Escalate, Inherit,
    Intake, Link, LogEffort, Merge, Note, Pend, Push, RebaseClocks, Receive, Relation, Release, Reopen, RequestSurvey,
    Resolve, Respond, Resume, Resumed, Route, SettleLink, SettleMerge, SettlePassing, Split, Status, StepVerb, Survey,
    Tick, Unassign, Unmerge, Verb, Version,
};

use super::{Extent, agent, case_id, line, name, other_case_id, text, time};

/// A command of that verb.
pub(in crate::contract) fn command(verb: Verb, extent: Extent) -> CaseCommand {
    let case_id = case_id();
    match verb {
        Verb::Intake => CaseCommand::Intake(intake(extent)),
        Verb::Classify => CaseCommand::Classify(classify(extent)),
        Verb::Route => CaseCommand::Route(Route {
            case_id,
            queue: name("billing"),
            reason: extent.maybe(text("It is about an invoice.")),
        }),
        Verb::Assign => {
            CaseCommand::Assign(Assign { case_id, agent: agent("ana"), queue: extent.maybe(name("technical")) })
        }
        Verb::Unassign => CaseCommand::Unassign(Unassign { case_id, reason: extent.maybe(text("End of shift.")) }),
        Verb::Receive => CaseCommand::Receive(Receive {
            case_id,
            text: text("Is there any news?"),
            channel: extent.maybe(name("phone")),
            ack: extent.maybe(false),
        }),
        Verb::Respond => CaseCommand::Respond(Respond {
            case_id,
            text: text("We are looking into it."),
            channel: extent.maybe(name("chat")),
            automatic: extent.maybe(true),
        }),
        Verb::Note => CaseCommand::Note(Note { case_id, text: text("Called twice.\nNobody answered.") }),
        Verb::Pend => CaseCommand::Pend(Pend {
            case_id,
            reason: name("awaiting_customer"),
            until: extent.maybe(time("2026-11-29T08:00:00Z")),
        }),
        Verb::Resume => CaseCommand::Resume(Resume { case_id }),
        Verb::Escalate => CaseCommand::Escalate(Escalate {
            case_id,
            reason: text("The customer is a hospital."),
            level: extent.maybe(2),
            queue: extent.maybe(name("complaints")),
        }),
        Verb::Deescalate => CaseCommand::Deescalate(Deescalate { case_id, reason: text("It is out.") }),
        Verb::RebaseClocks => CaseCommand::RebaseClocks(RebaseClocks { case_id }),
        Verb::Confirm => CaseCommand::Confirm(Confirm {
            case_id,
            accepted: false,
            comment: extent.maybe(text("It still flickers.")),
        }),
        Verb::LogEffort => {
            CaseCommand::LogEffort(LogEffort { case_id, seconds: 600, activity: extent.maybe(name("call")) })
        }
        Verb::Claim => CaseCommand::Claim(Claim {
            case_id: extent.maybe(case_id),
            queue: extent.maybe(name("billing")),
            agent: agent("ana"),
            force: extent.maybe(true),
        }),
        Verb::AcceptOffer => CaseCommand::AcceptOffer(AcceptOffer { case_id, agent: agent("ana") }),
        Verb::DeclineOffer => CaseCommand::DeclineOffer(DeclineOffer {
            case_id,
            agent: agent("ana"),
            reason: extent.maybe(text("End of shift.")),
        }),
        Verb::Attach => CaseCommand::Attach(Attach {
            case_id,
            article_id: extent.maybe(name("KB-42")),
            search: extent.maybe(text("lamp flickers")),
        }),
        Verb::Detach => CaseCommand::Detach(Detach { case_id, article_id: name("KB-42") }),
        Verb::AcceptParent => CaseCommand::AcceptParent(AcceptParent { case_id }),
        Verb::Split => CaseCommand::Split(Split {
            case_id,
            subject: line("The invoice is wrong, too"),
            description: extent.maybe(text("It lists the lamp twice.")),
            case_type: extent.maybe(name("question")),
            category: extent.maybe(name("billing")),
            subcategory: extent.maybe(name("invoice")),
            impact: extent.maybe(name("low")),
            urgency: extent.maybe(name("low")),
        }),
        Verb::Link => CaseCommand::Link(Link { case_id, to: other_case_id(), relation: Relation::Related }),
        Verb::Merge => CaseCommand::Merge(Merge { case_id, into: other_case_id() }),
        Verb::Unmerge => CaseCommand::Unmerge(Unmerge { case_id, reason: text("Two customers after all.") }),
        Verb::Resolve => CaseCommand::Resolve(Resolve {
            case_id,
            code: name("solved"),
            steps: text("Sent a new one."),
            article_id: extent.maybe(name("KB-42")),
        }),
        Verb::Close => CaseCommand::Close(Close {
            case_id,
            code: name("completed"),
            comment: extent.maybe(text("Confirmed by phone.")),
        }),
        Verb::Reopen => CaseCommand::Reopen(Reopen { case_id, reason: text("It broke again.") }),
        Verb::Cancel => CaseCommand::Cancel(Cancel { case_id, reason: text("Sent by mistake.") }),
        Verb::RequestSurvey => CaseCommand::RequestSurvey(RequestSurvey { case_id, survey: Survey::Ces }),
        Verb::AnswerSurvey => CaseCommand::AnswerSurvey(AnswerSurvey {
            case_id,
            survey: Survey::Nps,
            score: 0,
            comment: extent.maybe(text("Too slow.")),
        }),
        Verb::Tick => CaseCommand::Tick(Tick { case_id }),
    }
}

/// A step of that verb.
pub(in crate::contract) fn step(verb: StepVerb, extent: Extent) -> CaseStep {
    let case_id = case_id();
    match verb {
        StepVerb::Push => CaseStep::Push(Push { case_id, queue: name("billing"), agent: agent("ana") }),
        StepVerb::AcceptLink => {
            CaseStep::AcceptLink(AcceptLink { case_id, from: other_case_id(), relation: Relation::Parent })
        }
        StepVerb::SettleLink => CaseStep::SettleLink(SettleLink {
            case_id,
            with: other_case_id(),
            refused: extent.maybe(name("has_parent")),
        }),
        StepVerb::Inherit => CaseStep::Inherit(Inherit {
            case_id,
            from: other_case_id(),
            event: Box::new(CaseEvent::Resumed(Resumed { status: Status::Open, cause: extent.maybe(Cause::Message) })),
        }),
        StepVerb::SettlePassing => {
            CaseStep::SettlePassing(SettlePassing { case_id, of: Version(7), taken: 3, refused: 0 })
        }
        StepVerb::Absorb => CaseStep::Absorb(Absorb {
            case_id,
            from: other_case_id(),
            waiting_since: extent.maybe(time("2026-11-22T08:00:00Z")),
        }),
        StepVerb::Release => CaseStep::Release(Release { case_id, from: other_case_id() }),
        StepVerb::SettleMerge => CaseStep::SettleMerge(SettleMerge {
            case_id,
            with: other_case_id(),
            refused: extent.maybe(name("merge_pending")),
            answered_at: extent.maybe(time("2026-11-22T08:30:00Z")),
        }),
    }
}

fn intake(extent: Extent) -> Intake {
    Intake {
        case_id: extent.maybe(case_id()),
        case_type: name("incident"),
        subject: line("The café's lamp “Söl” flickers"),
        description: extent.maybe(text("Since Monday.\nIt came with order A-17.")),
        channel: name("email"),
        customer_id: extent.maybe(CustomerId::parse("C-1001").expect("a customer")),
        category: extent.maybe(name("product")),
        subcategory: extent.maybe(name("defect")),
        impact: name("high"),
        urgency: name("medium"),
        language: extent.maybe(name("nl-NL")),
        tier: extent.maybe(name("gold")),
        entitlement: extent.maybe(name("on site")),
        parent_id: extent.maybe(other_case_id()),
        follow_up_of: extent.maybe(other_case_id()),
        fields: extent.fields(),
        responses_unknown: extent.maybe(true),
    }
}

fn classify(extent: Extent) -> Classify {
    Classify {
        case_id: case_id(),
        case_type: extent.maybe(name("complaint")),
        category: extent.maybe(name("delivery")),
        subcategory: extent.maybe(name("late")),
        impact: extent.maybe(name("low")),
        urgency: extent.maybe(name("high")),
        fields: extent.fields(),
    }
}
