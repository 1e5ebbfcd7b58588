//! What happens to a case from its arrival until somebody calls it solved.

use super::need::Need;
use super::plan::{Fate, Plan};
use super::script::{Illegal, Script};
use super::{ending, words};
use docket_import::Story;

type Done = Result<(), Illegal>;

const MINUTE_S: f64 = 60.0;
const HOUR_S: f64 = 3_600.0;

/// A case and who has it.
pub(super) struct Life {
    pub script: Script,
    pub need: Need,
    agent: u32,
}

/// Tells the story of the case of that number.
pub(super) fn tell(plan: &Plan, number: usize) -> Result<Story, Illegal> {
    let mut script = Script::new(plan, number);
    let need = Need::draw(&mut script, plan.fate);
    let mut life = Life { script, need, agent: 0 };
    life.arrive()?;
    match plan.fate {
        Fate::Fresh => {}
        Fate::AtRisk => {
            life.take_up()?;
            life.script.note()?;
        }
        Fate::Working => {
            life.take_up()?;
            life.transfer(300)?;
        }
        Fate::Waiting => {
            life.take_up()?;
            life.script.wait_for_staff(20.0 * MINUTE_S, 0.6);
            let reason =
                life.script.pick(&[(60, "awaiting_customer"), (25, "awaiting_vendor"), (15, "awaiting_internal")]);
            life.script.pend(reason)?;
        }
        Fate::Lingering => {
            life.take_up()?;
            life.transfer(500)?;
            life.script.wait(20.0 * HOUR_S, 0.5);
            life.script.receive(words::REMINDERS, false)?;
        }
        Fate::Ordinary => life.run()?,
    }
    Ok(life.script.into_story())
}

impl Life {
    /// The case comes, goes to its first queue, and a bot says so.
    fn arrive(&mut self) -> Done {
        let intake = self.need.intake(&mut self.script)?;
        self.script.write(intake)?;
        self.script.wait(4.0, 0.5);
        self.script.route(self.need.queue, &[])?;
        if self.need.channel != "phone" && self.script.chance(700) {
            self.script.wait(8.0, 0.7);
            self.script.acknowledge()?;
        }
        Ok(())
    }

    /// Somebody looks at it, finds out what it is and where it belongs, takes it, and answers.
    fn take_up(&mut self) -> Done {
        let is_urgent = self.script.is_round_the_clock;
        let until_seen_s = match self.need.channel {
            "phone" | "chat" => 2.0 * MINUTE_S,
            _ if is_urgent => 6.0 * MINUTE_S,
            _ => 25.0 * MINUTE_S,
        };
        self.script.wait_for_staff(until_seen_s, 1.1);
        if !self.need.is_classified {
            self.script.classify(&self.need)?;
        }
        if self.need.home != self.need.queue {
            self.script.wait(20.0, 0.5);
            self.move_to(self.need.home)?;
            self.script.wait_for_staff(if is_urgent { 3.0 } else { 15.0 } * MINUTE_S, 0.9);
        }
        self.take()?;
        self.script.wait(if is_urgent { 2.0 } else { 6.0 } * MINUTE_S, 0.9);
        self.script.respond(words::FIRST_ANSWERS)
    }

    /// The whole life of an ordinary case, as far as time goes.
    fn run(&mut self) -> Done {
        if self.script.chance(12) {
            self.script.wait_for_staff(40.0 * MINUTE_S, 1.0);
            return self.script.cancel();
        }
        self.take_up()?;
        self.transfer(290)?;
        for _ in 0..self.script.pick(&[(54, 0), (31, 1), (11, 2), (4, 3)]) {
            self.exchange()?;
        }
        self.escalate()?;
        if self.script.chance(90) {
            self.hand_over()?;
        }
        let is_high = self.need.impact == "high" || self.need.urgency == "high";
        let median_s = if self.script.is_round_the_clock {
            0.8
        } else if is_high {
            1.5
        } else {
            4.0
        } * HOUR_S;
        self.script.wait_for_staff(median_s, 1.45);
        if self.script.chance(15) {
            self.script.receive(words::WITHDRAWALS, true)?;
            self.script.wait_for_staff(30.0 * MINUTE_S, 0.8);
            return self.script.close("withdrawn");
        }
        if self.script.chance(8) {
            return self.script.cancel();
        }
        self.solve()?;
        ending::tell(self)
    }

    /// Somebody solves it and tells the customer.
    pub(super) fn solve(&mut self) -> Done {
        if self.script.chance(780) {
            self.script.respond(words::LAST_ANSWERS)?;
            self.script.wait(90.0, 0.7);
        }
        if self.script.chance(300) {
            self.script.attach()?;
        }
        if self.script.chance(550) {
            self.script.log_effort()?;
        }
        self.script.resolve()
    }

    /// One way in which a case takes longer.
    fn exchange(&mut self) -> Done {
        self.script.wait_for_staff(50.0 * MINUTE_S, 1.1);
        match self.script.pick(&[(60, "customer"), (18, "vendor"), (10, "internal"), (12, "note")]) {
            "customer" => {
                self.script.respond(words::QUESTIONS)?;
                self.script.pend("awaiting_customer")?;
                self.script.wait(5.0 * HOUR_S, 1.3);
                self.script.receive(words::REPLIES, false)?;
                self.script.wait_for_staff(35.0 * MINUTE_S, 1.0);
                self.script.respond(words::NEXT_ANSWERS)
            }
            "vendor" => {
                self.script.pend("awaiting_vendor")?;
                self.script.wait_for_staff(26.0 * HOUR_S, 0.8);
                self.script.resume()
            }
            "internal" => {
                self.script.pend("awaiting_internal")?;
                self.script.wait_for_staff(6.0 * HOUR_S, 0.8);
                self.script.resume()
            }
            _ => self.script.note(),
        }
    }

    /// Moves it on, in so many of a thousand cases; now and then it comes back.
    fn transfer(&mut self, per_mille: u32) -> Done {
        while self.script.chance(per_mille) {
            let queue = match self.need.queue {
                "frontline" => self.script.pick(&[(70, "technical"), (30, "billing")]),
                "technical" => self.script.pick(&[(80, "frontline"), (20, "complaints")]),
                _ => self.script.pick(&[(60, "frontline"), (40, "technical")]),
            };
            self.script.wait_for_staff(40.0 * MINUTE_S, 1.0);
            self.move_to(queue)?;
            self.script.wait_for_staff(25.0 * MINUTE_S, 1.0);
            self.take()?;
        }
        Ok(())
    }

    fn move_to(&mut self, queue: &'static str) -> Done {
        self.need.queue = queue;
        self.script.route(queue, words::TRANSFERS)
    }

    fn escalate(&mut self) -> Done {
        let is_high = self.need.impact == "high" || self.need.urgency == "high";
        if !self.script.chance(if is_high { 180 } else { 22 }) {
            return Ok(());
        }
        self.script.wait_for_staff(30.0 * MINUTE_S, 0.8);
        let moves = self.need.queue == "frontline" && self.script.chance(400);
        if moves {
            self.need.queue = "technical";
        }
        self.script.escalate(moves.then_some("technical"))
    }

    /// Its agent gives it to a colleague, or back to the queue for one to take.
    fn hand_over(&mut self) -> Done {
        self.script.wait_for_staff(60.0 * MINUTE_S, 1.0);
        if self.script.chance(350) {
            self.script.unassign()?;
            self.script.wait_for_staff(30.0 * MINUTE_S, 1.0);
        }
        self.take()
    }

    /// An agent of the queue takes it, another one than had it.
    fn take(&mut self) -> Done {
        let (first, team) = match self.need.queue {
            "billing" => (9, 4),
            "technical" => (13, 6),
            "complaints" => (19, 3),
            _ => (1, 8),
        };
        let mut agent = first + self.script.number_to(team) - 1;
        if agent == self.agent {
            agent = if agent == first { first + 1 } else { first };
        }
        self.agent = agent;
        self.script.assign(agent)
    }
}
