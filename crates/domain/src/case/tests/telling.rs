//! Events and clocks in one line each, as tests expect them.

use docket_messages::{Cause, ClockState, ClockView, Event, Name, Status};

use super::moment::tell;

/// An event: its name, its main fact, what caused it when no command did, and its own instant if it has one.
pub fn line(event: &Event) -> String {
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

fn fact(event: &Event) -> (String, Option<Cause>) {
    match event {
        Event::Classified(classified) => (classified.priority.to_string(), None),
        Event::Routed(routed) => {
            let rule = routed.rule.map_or_else(String::new, |rule| format!(" by rule {rule}"));
            (format!("{}{rule}", routed.queue), routed.cause)
        }
        Event::Assigned(assigned) => (assigned.agent.to_string(), assigned.cause),
        Event::Unassigned(unassigned) => (unassigned.agent.to_string(), unassigned.cause),
        Event::Pended(pended) => (pended.reason.to_string(), None),
        Event::Resumed(resumed) => (String::new(), resumed.cause),
        Event::Reopened(reopened) => (String::new(), reopened.cause),
        Event::SplitRequested(asked) => (String::new(), asked.cause),
        Event::Escalated(escalated) => (escalated.level.to_string(), escalated.cause),
        Event::Deescalated(deescalated) => (deescalated.level.to_string(), None),
        Event::Notified(notified) => {
            let to: Vec<&str> = notified.to.iter().map(Name::as_str).collect();
            (format!("{} of {}/{}", to.join(" "), notified.clock, notified.instance), Some(notified.cause))
        }
        Event::EffortLogged(logged) => (format!("{} s", logged.seconds), None),
        Event::Linked(linked) => (linked.relation.as_str().to_owned(), None),
        Event::LinkRequested(asked) => (asked.relation.as_str().to_owned(), None),
        Event::LinkRefused(refused) => (format!("{} {}", refused.relation.as_str(), refused.code), None),
        Event::ParentAccepted(accepted) => (format!("of {}", accepted.children), None),
        Event::PassingOn(passing) => (format!("{} to {}", passing.of, passing.children), None),
        Event::PassedOn(passed) => (format!("{}: {} and {} not", passed.of, passed.taken, passed.refused), None),
        Event::ArticleAttached(attached) => (attached.article_id.to_string(), None),
        Event::ArticleDetached(detached) => (detached.article_id.to_string(), None),
        Event::Offered(offered) => (format!("{} until {}", offered.agent, tell(offered.expires_at)), None),
        Event::OfferDeclined(declined) => (declined.agent.to_string(), None),
        Event::OfferExpired(expired) => (expired.agent.to_string(), None),
        Event::PresenceChanged(changed) => (changed.presence.as_str().to_owned(), None),
        Event::CaseProposed(proposed) => (proposed.queue.to_string(), None),
        Event::SurveyReserved(reserved) => (format!("{}/{}", reserved.survey, reserved.cycle), None),
        Event::MergeRefused(refused) => (refused.code.to_string(), None),
        Event::Closed(closed) => (closed.code.to_string(), closed.cause),
        Event::SurveyRequested(asked) => (format!("{}/{}", asked.survey, asked.cycle), None),
        Event::SurveyAnswered(answered) => (format!("{}/{}", answered.survey, answered.cycle), None),
        Event::SurveyExpired(expired) => (format!("{}/{}", expired.survey, expired.cycle), None),
        Event::ClockStarted(reading)
        | Event::ClockPaused(reading)
        | Event::ClockResumed(reading)
        | Event::ClockRetargeted(reading)
        | Event::ClockWarned(reading)
        | Event::ClockBreached(reading)
        | Event::ClockMet(reading)
        | Event::ClockCancelled(reading) => (format!("{}/{}", reading.clock, reading.instance), reading.cause),
        Event::Opened(_)
        | Event::MessageReceived(_)
        | Event::Responded(_)
        | Event::Noted(_)
        | Event::Resolved(_)
        | Event::ResolutionConfirmed(_)
        | Event::ResolutionRejected(_)
        | Event::ArticleNotFound(_)
        | Event::MergeRequested(_)
        | Event::Absorbed(_)
        | Event::Merged(_)
        | Event::UnmergeRequested(_)
        | Event::Released(_)
        | Event::Unmerged(_)
        | Event::Cancelled(_)
        | Event::FollowUpDue(_)
        | Event::PolicyPublished(_) => (String::new(), None),
    }
}

/// The status that an event says the case has now.
pub fn status_of(event: &Event) -> Option<Status> {
    match event {
        Event::Opened(opened) => Some(opened.status),
        Event::Assigned(assigned) => Some(assigned.status),
        Event::Responded(responded) => Some(responded.status),
        Event::Pended(pended) => Some(pended.status),
        Event::Resumed(resumed) => Some(resumed.status),
        Event::Resolved(resolved) => Some(resolved.status),
        Event::Closed(closed) => Some(closed.status),
        Event::Reopened(reopened) => Some(reopened.status),
        Event::Cancelled(cancelled) => Some(cancelled.status),
        Event::Merged(merged) => Some(merged.status),
        Event::Unmerged(unmerged) => Some(unmerged.status),
        Event::Classified(_)
        | Event::Routed(_)
        | Event::Unassigned(_)
        | Event::MessageReceived(_)
        | Event::Noted(_)
        | Event::Escalated(_)
        | Event::Deescalated(_)
        | Event::Notified(_)
        | Event::ResolutionConfirmed(_)
        | Event::ResolutionRejected(_)
        | Event::EffortLogged(_)
        | Event::Linked(_)
        | Event::ArticleAttached(_)
        | Event::ArticleDetached(_)
        | Event::ArticleNotFound(_)
        | Event::LinkRequested(_)
        | Event::LinkRefused(_)
        | Event::ParentAccepted(_)
        | Event::PassingOn(_)
        | Event::PassedOn(_)
        | Event::SplitRequested(_)
        | Event::Offered(_)
        | Event::OfferDeclined(_)
        | Event::OfferExpired(_)
        | Event::PresenceChanged(_)
        | Event::CaseProposed(_)
        | Event::SurveyReserved(_)
        | Event::MergeRequested(_)
        | Event::MergeRefused(_)
        | Event::Absorbed(_)
        | Event::UnmergeRequested(_)
        | Event::Released(_)
        | Event::SurveyRequested(_)
        | Event::SurveyAnswered(_)
        | Event::SurveyExpired(_)
        | Event::FollowUpDue(_)
        | Event::ClockStarted(_)
        | Event::ClockPaused(_)
        | Event::ClockResumed(_)
        | Event::ClockRetargeted(_)
        | Event::ClockWarned(_)
        | Event::ClockBreached(_)
        | Event::ClockMet(_)
        | Event::ClockCancelled(_)
        | Event::PolicyPublished(_) => None,
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
