//! What happens to a case after it was solved: rating, thanks, coming back, closing.

use docket_messages::Survey;

use super::life::Life;
use super::plan::{DAY_MS, HOUR_MS};
use super::script::Illegal;
use super::words;

type Done = Result<(), Illegal>;

const HOUR_S: f64 = 3_600.0;

/// Days of 24 hours after which the sample policy closes a solved case.
const AUTO_CLOSE_DAYS: i64 = 5;

/// Tells the end of a case that is solved now.
pub(super) fn tell(life: &mut Life) -> Done {
    if life.script.chance(11) {
        come_back(life)?;
    }
    let solved_at = life.script.at;
    let is_asked = life.script.chance(800);
    let mut also = None;
    if is_asked {
        life.script.wait(300.0, 0.6);
        also = life.script.ask_for_rating()?;
    }
    if life.script.chance(140) {
        life.script.wait(2.0 * HOUR_S, 0.8);
        life.script.receive(words::THANKS, true)?;
    }
    let now = life.script.at;
    let is_early = life.script.chance(160);
    let close_after_ms =
        if is_early { i64::from(life.script.number_to(90)) * HOUR_MS } else { AUTO_CLOSE_DAYS * DAY_MS };
    let (code, close_at) = (if is_early { "completed" } else { "auto_closed" }, solved_at.plus_millis(close_after_ms));
    if !is_asked || !life.script.chance(340) {
        life.script.at = close_at.max(now);
        return life.script.close(code);
    }
    life.script.wait(14.0 * HOUR_S, 1.0);
    let answered_at = life.script.at;
    if answered_at < close_at {
        rate(life, also)?;
        life.script.at = close_at;
        return life.script.close(code);
    }
    life.script.at = close_at.max(now);
    life.script.close(code)?;
    // Closed or not, the customer may still answer.
    life.script.at = answered_at.max(life.script.at);
    rate(life, also)
}

/// The customer answers what was asked.
fn rate(life: &mut Life, also: Option<Survey>) -> Done {
    life.script.rate()?;
    also.map_or(Ok(()), |survey| life.script.rate_also(survey))
}

/// The customer, or an agent, finds that it was not solved; then it is solved again.
fn come_back(life: &mut Life) -> Done {
    let solved_at = life.script.at;
    life.script.wait(20.0 * HOUR_S, 0.8);
    life.script.at = life.script.at.min(solved_at.plus_millis(AUTO_CLOSE_DAYS * DAY_MS - HOUR_MS));
    if life.script.chance(650) {
        life.script.receive(words::OBJECTIONS, false)?;
    } else {
        life.script.reopen()?;
    }
    life.script.wait_for_staff(0.7 * HOUR_S, 0.9);
    life.script.respond(words::NEXT_ANSWERS)?;
    life.script.wait_for_staff(5.0 * HOUR_S, 1.0);
    life.solve()
}
