//! The pen that writes the steps of one case and keeps the time.

use std::time::Duration;

use docket_messages::{CaseCommand, CaseId, CommandId, InvalidId, InvalidText, Line, Name, Text, Timestamp};
use rand::rngs::Xoshiro256PlusPlus;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};

use super::plan::{self, MINUTE_MS, Plan};
use docket_import::{Step, Story};

/// Why a word of a story cannot be written.
#[derive(Debug, thiserror::Error)]
pub(super) enum Illegal {
    /// Not an id or a name.
    #[error("a story has an illegal name")]
    Id(#[from] InvalidId),
    /// Not a text.
    #[error("a story has an illegal text")]
    Text(#[from] InvalidText),
}

/// The longest wait for anything, in seconds: 45 days.
const WAIT_MAX_S: f64 = 45.0 * 86_400.0;
/// Looking for staff goes on in steps of a quarter of an hour; no weekend has more of them.
const QUARTERS_MAX: u32 = 96 * 4;

/// The story of one case in the making. What would happen at the end or after it is not written, and neither is
/// anything that would follow.
pub(super) struct Script {
    pub case_id: CaseId,
    pub until: Timestamp,
    /// The time in the story.
    pub at: Timestamp,
    /// Whether staff work on this case at night and on weekends.
    pub is_round_the_clock: bool,
    number: usize,
    rng: Xoshiro256PlusPlus,
    steps: Vec<Step>,
    is_over: bool,
}

impl Script {
    pub(super) fn new(plan: &Plan, number: usize) -> Self {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(plan.seed);
        let case_id = CaseId::new(uuid::Builder::from_custom_bytes(rng.random()).into_uuid());
        Self {
            case_id,
            until: plan.until,
            at: plan.opened_at,
            is_round_the_clock: false,
            number,
            rng,
            steps: Vec::new(),
            is_over: false,
        }
    }

    pub(super) fn into_story(self) -> Story {
        Story { case_id: self.case_id, steps: self.steps }
    }

    /// Writes what happens now.
    pub(super) fn write(&mut self, command: CaseCommand) -> Result<(), Illegal> {
        self.is_over |= self.at >= self.until;
        if !self.is_over {
            let id = CommandId::parse(&format!("demo-{}-{}", self.number, self.steps.len() + 1))?;
            self.steps.push(Step { at: self.at, id, command, once: None, line: None });
        }
        Ok(())
    }

    /// Lets time pass: half of all such waits are shorter than `median_s`; `spread` says how long the long ones are.
    pub(super) fn wait(&mut self, median_s: f64, spread: f64) {
        let wait = Duration::try_from_secs_f64(self.log_normal(median_s, spread)).unwrap_or_default();
        self.at = self.at.plus_millis(i64::try_from(wait.as_millis()).unwrap_or(i64::MAX));
    }

    /// The same for something that staff do: it happens when there are some.
    pub(super) fn wait_for_staff(&mut self, median_s: f64, spread: f64) {
        self.wait(median_s, spread);
        if self.is_round_the_clock || plan::is_staffed(self.at) {
            return;
        }
        for _ in 0..QUARTERS_MAX {
            self.at = self.at.plus_millis(15 * MINUTE_MS);
            if plan::is_staffed(self.at) {
                break;
            }
        }
        // The pile of the night is worked off over the morning.
        self.wait(1_800.0, 0.8);
    }

    fn log_normal(&mut self, median: f64, spread: f64) -> f64 {
        // Box and Muller's way from two even draws to a normal one.
        let (radius, angle): (f64, f64) = (1.0 - self.rng.random::<f64>(), self.rng.random());
        let normal = (-2.0 * radius.ln()).sqrt() * (std::f64::consts::TAU * angle).cos();
        (median * (spread * normal).exp()).clamp(1.0, WAIT_MAX_S)
    }

    /// True in so many of a thousand cases.
    pub(super) fn chance(&mut self, per_mille: u32) -> bool {
        self.rng.random_range(0..1_000) < per_mille
    }

    /// A number from 1 to `most`.
    pub(super) fn number_to(&mut self, most: u32) -> u32 {
        self.rng.random_range(1..=most.max(1))
    }

    /// One of several, by weight.
    pub(super) fn pick<T: Copy + Default>(&mut self, options: &[(u32, T)]) -> T {
        let total: u32 = options.iter().map(|(weight, _)| weight).sum();
        let mut roll = self.rng.random_range(0..total.max(1));
        for (weight, option) in options {
            if roll < *weight {
                return *option;
            }
            roll -= weight;
        }
        T::default()
    }

    /// One of several texts.
    pub(super) fn one_of(&mut self, options: &[&'static str]) -> &'static str {
        options.choose(&mut self.rng).copied().unwrap_or_default()
    }

    /// One of several texts, as a message.
    pub(super) fn text(&mut self, options: &[&'static str]) -> Result<Text, Illegal> {
        Ok(Text::parse(self.one_of(options))?)
    }
}

/// A word of the policy.
pub(super) fn name(text: &str) -> Result<Name, Illegal> {
    Ok(Name::parse(text)?)
}

/// A subject.
pub(super) fn line(text: &str) -> Result<Line, Illegal> {
    Ok(Line::parse(text)?)
}
