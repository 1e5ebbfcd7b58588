//! Events and clocks in one line each, as tests expect them.

use docket_messages::{
    ArticleEvent, CaseEvent, Cause, ClockState, ClockView, EndingEvent, FamilyEvent, IntakeEvent, MergeEvent, Name,
    OfferEvent, Status, SurveyEvent, WorkEvent,
};

use super::moment::tell;

/// An event: its name, its main fact, what caused it when no command did, and its own instant if it has one.
pub fn line(event: &CaseEvent) -> String {
    let (fact, cause) = fact(event);
    let fact = if fact.is_empty() { fact } else { format!(" {fact}") };
    let cause = cause.map_or("", by);
    let at = event.at().map_or_else(String::new, |at| format!(", {}", tell(at)));
    format!("{}{fact}{cause}{at}", event.name())
}

fn by(cause: Cause) -> &'static str {
    match cause {
        Cause::Retarget => " by retarget",
        Cause::Message => " by message",
        Cause::Time => " by time",
        Cause::Reopen => " by reopen",
        Cause::Resolve => " by resolve",
        Cause::Close => " by close",
        Cause::Transfer => " by transfer",
        Cause::Warning => " by warning",
        Cause::Breach => " by breach",
        Cause::Rebase => " by rebase",
        Cause::Rejection => " by rejection",
        Cause::Merge => " by merge",
        Cause::Confirmation => " by confirmation",
        Cause::Parent => " by parent",
        Cause::Push => " by push",
        Cause::NoTarget => " by no target",
    }
}

fn fact(event: &CaseEvent) -> (String, Option<Cause>) {
    match event {
        CaseEvent::Intake(IntakeEvent::Classified(classified)) => (classified.priority.to_string(), None),
        CaseEvent::Intake(IntakeEvent::Routed(routed)) => {
            let rule = routed.rule.map_or_else(String::new, |rule| format!(" by rule {rule}"));
            (format!("{}{rule}", routed.queue), routed.cause)
        }
        CaseEvent::Work(WorkEvent::Assigned(assigned)) => (assigned.agent.to_string(), assigned.cause),
        CaseEvent::Work(WorkEvent::Unassigned(unassigned)) => (unassigned.agent.to_string(), unassigned.cause),
        CaseEvent::Work(WorkEvent::Pended(pended)) => (pended.reason.to_string(), None),
        CaseEvent::Work(WorkEvent::Resumed(resumed)) => (String::new(), resumed.cause),
        CaseEvent::Ending(EndingEvent::Reopened(reopened)) => (String::new(), reopened.cause),
        CaseEvent::Family(FamilyEvent::SplitRequested(asked)) => (String::new(), asked.cause),
        CaseEvent::Work(WorkEvent::Escalated(escalated)) => (escalated.level.to_string(), escalated.cause),
        CaseEvent::Work(WorkEvent::Deescalated(deescalated)) => (deescalated.level.to_string(), None),
        CaseEvent::Work(WorkEvent::Notified(notified)) => {
            let to: Vec<&str> = notified.to.iter().map(Name::as_str).collect();
            (format!("{} of {}/{}", to.join(" "), notified.clock, notified.instance), Some(notified.cause))
        }
        CaseEvent::Work(WorkEvent::EffortLogged(logged)) => (format!("{} s", logged.seconds), None),
        CaseEvent::Family(FamilyEvent::Linked(linked)) => (linked.relation.as_str().to_owned(), None),
        CaseEvent::Family(FamilyEvent::LinkRequested(asked)) => (asked.relation.as_str().to_owned(), None),
        CaseEvent::Family(FamilyEvent::LinkRefused(refused)) => {
            (format!("{} {}", refused.relation.as_str(), refused.code), None)
        }
        CaseEvent::Family(FamilyEvent::ParentAccepted(accepted)) => (format!("of {}", accepted.children), None),
        CaseEvent::Family(FamilyEvent::PassingOn(passing)) => (format!("{} to {}", passing.of, passing.children), None),
        CaseEvent::Family(FamilyEvent::PassedOn(passed)) => {
            (format!("{}: {} and {} not", passed.of, passed.taken, passed.refused), None)
        }
        CaseEvent::Article(ArticleEvent::ArticleAttached(attached)) => (attached.article_id.to_string(), None),
        CaseEvent::Article(ArticleEvent::ArticleDetached(detached)) => (detached.article_id.to_string(), None),
        CaseEvent::Offer(OfferEvent::Offered(offered)) => {
            (format!("{} until {}", offered.agent, tell(offered.expires_at)), None)
        }
        CaseEvent::Offer(OfferEvent::OfferDeclined(declined)) => (declined.agent.to_string(), None),
        CaseEvent::Offer(OfferEvent::OfferExpired(expired)) => (expired.agent.to_string(), None),
        CaseEvent::Merge(MergeEvent::MergeRefused(refused)) => (refused.code.to_string(), None),
        CaseEvent::Ending(EndingEvent::Closed(closed)) => (closed.code.to_string(), closed.cause),
        CaseEvent::Survey(SurveyEvent::SurveyRequested(asked)) => (format!("{}/{}", asked.survey, asked.cycle), None),
        CaseEvent::Survey(SurveyEvent::SurveyAnswered(answered)) => {
            (format!("{}/{}", answered.survey, answered.cycle), None)
        }
        CaseEvent::Survey(SurveyEvent::SurveyExpired(expired)) => {
            (format!("{}/{}", expired.survey, expired.cycle), None)
        }
        CaseEvent::Clock(_, reading) => (format!("{}/{}", reading.clock, reading.instance), reading.cause),
        CaseEvent::Intake(IntakeEvent::Opened(_))
        | CaseEvent::Work(
            WorkEvent::MessageReceived(_) | WorkEvent::Responded(_) | WorkEvent::Noted(_) | WorkEvent::FollowUpDue(_),
        )
        | CaseEvent::Ending(
            EndingEvent::Resolved(_)
            | EndingEvent::ResolutionConfirmed(_)
            | EndingEvent::ResolutionRejected(_)
            | EndingEvent::Cancelled(_),
        )
        | CaseEvent::Article(ArticleEvent::ArticleNotFound(_))
        | CaseEvent::Merge(
            MergeEvent::MergeRequested(_)
            | MergeEvent::Absorbed(_)
            | MergeEvent::Merged(_)
            | MergeEvent::UnmergeRequested(_)
            | MergeEvent::Released(_)
            | MergeEvent::Unmerged(_),
        ) => (String::new(), None),
    }
}

/// The status that an event says the case has now.
pub fn status_of(event: &CaseEvent) -> Option<Status> {
    match event {
        CaseEvent::Intake(IntakeEvent::Opened(opened)) => Some(opened.status),
        CaseEvent::Work(WorkEvent::Assigned(assigned)) => Some(assigned.status),
        CaseEvent::Work(WorkEvent::Responded(responded)) => Some(responded.status),
        CaseEvent::Work(WorkEvent::Pended(pended)) => Some(pended.status),
        CaseEvent::Work(WorkEvent::Resumed(resumed)) => Some(resumed.status),
        CaseEvent::Ending(EndingEvent::Resolved(resolved)) => Some(resolved.status),
        CaseEvent::Ending(EndingEvent::Closed(closed)) => Some(closed.status),
        CaseEvent::Ending(EndingEvent::Reopened(reopened)) => Some(reopened.status),
        CaseEvent::Ending(EndingEvent::Cancelled(cancelled)) => Some(cancelled.status),
        CaseEvent::Merge(MergeEvent::Merged(merged)) => Some(merged.status),
        CaseEvent::Merge(MergeEvent::Unmerged(unmerged)) => Some(unmerged.status),
        CaseEvent::Intake(IntakeEvent::Classified(_) | IntakeEvent::Routed(_))
        | CaseEvent::Work(
            WorkEvent::Unassigned(_)
            | WorkEvent::MessageReceived(_)
            | WorkEvent::Noted(_)
            | WorkEvent::FollowUpDue(_)
            | WorkEvent::Escalated(_)
            | WorkEvent::Deescalated(_)
            | WorkEvent::Notified(_)
            | WorkEvent::EffortLogged(_),
        )
        | CaseEvent::Ending(EndingEvent::ResolutionConfirmed(_) | EndingEvent::ResolutionRejected(_))
        | CaseEvent::Family(_)
        | CaseEvent::Article(_)
        | CaseEvent::Offer(_)
        | CaseEvent::Merge(
            MergeEvent::MergeRequested(_)
            | MergeEvent::MergeRefused(_)
            | MergeEvent::Absorbed(_)
            | MergeEvent::UnmergeRequested(_)
            | MergeEvent::Released(_),
        )
        | CaseEvent::Survey(_)
        | CaseEvent::Clock(..) => None,
    }
}

/// A clock: its state, what matters in that state, and its breach.
pub fn clock_line(clock: &ClockView) -> String {
    let state = match clock.state {
        ClockState::Running => format!("running, due {}", clock.due_at.map_or("never".to_owned(), tell)),
        ClockState::Paused => format!("paused, {} s left", clock.remaining_seconds),
        ClockState::Met => format!("met {}", clock.met_at.map_or("never".to_owned(), tell)),
        ClockState::Cancelled => "cancelled".to_owned(),
    };
    let breach = clock.breached_at.map_or_else(String::new, |at| format!(", breached {}", tell(at)));
    format!("{state}{breach}")
}
