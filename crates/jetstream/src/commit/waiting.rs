//! The appends that wait for a batch, in turns: one of each principal after the other, so that one who has much to
//! write keeps nobody else waiting.

use std::collections::{HashMap, HashSet, VecDeque};
use std::time::Duration;

use docket_messages::PrincipalName;
use tokio::time::Instant;

use super::append::{Append, BATCH_ENTRIES};

/// Where somebody writes few beside somebody who writes many, the few wait for the whole batch of the many that is
/// under way. So batches are smaller.
const BESIDE_FEW: Share = Share { most: 128, rest: 0 };
/// And so many that wait are a flood: its batches are as small as is worth a batch, and it has an eleventh of the log's
/// time.
const FLOOD: usize = 1_024;
const OF_FLOOD: Share = Share { most: 32, rest: 10 };
/// Up to so many entries of a batch of others are few.
const FEW: usize = 16;
/// How long that holds after somebody wrote few.
const REMEMBERED: Duration = Duration::from_millis(500);

/// A batch counts as having taken no longer than this: a server that stood still says nothing of what a batch takes.
const LONGEST: Duration = Duration::from_millis(10);

/// The appends of one principal, or of nobody in particular.
type Lane = Option<PrincipalName>;

/// How much of the log batches may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Share {
    /// The most entries of a batch.
    pub(super) most: usize,
    /// So many times what a batch took passes before the next.
    pub(super) rest: u32,
}

impl Share {
    /// How long passes after a batch that took so long.
    pub(super) fn rest_after(self, took: Duration) -> Duration {
        took.min(LONGEST) * self.rest
    }
}

#[derive(Debug, Default)]
pub(super) struct Waiting {
    lanes: HashMap<Lane, VecDeque<Append>>,
    /// The lanes that have something waiting, in the order of their turns.
    turns: VecDeque<Lane>,
    len: usize,
    /// Who had many entries in the last batch.
    many: HashSet<Lane>,
    /// When somebody last wrote few beside somebody who wrote many.
    few_at: Option<Instant>,
}

impl Waiting {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub(super) fn push(&mut self, append: Append) {
        let lane = self.lanes.entry(append.by.clone()).or_default();
        if lane.is_empty() {
            self.turns.push_back(append.by.clone());
        }
        lane.push_back(append);
        self.len += 1;
    }

    /// Puts back what was taken and is not used yet; of several the last one first.
    pub(super) fn put_back(&mut self, append: Append) {
        let lane = self.lanes.entry(append.by.clone()).or_default();
        if lane.is_empty() {
            self.turns.push_front(append.by.clone());
        }
        lane.push_front(append);
        self.len += 1;
    }

    /// The next one: the oldest of whose turn it is.
    pub(super) fn pop(&mut self) -> Option<Append> {
        let lane = self.turns.pop_front()?;
        let waiting = self.lanes.get_mut(&lane)?;
        let append = waiting.pop_front()?;
        self.len -= 1;
        if waiting.is_empty() {
            self.lanes.remove(&lane);
        } else {
            self.turns.push_back(lane);
        }
        Some(append)
    }

    /// Learns from what a batch has.
    pub(super) fn learn(&mut self, batch: &[Append], now: Instant) {
        let mut counts = HashMap::<_, usize>::new();
        batch.iter().for_each(|append| *counts.entry(&append.by).or_default() += 1);
        let of_many = counts.iter().filter(|(_, count)| **count > FEW);
        self.many = of_many.map(|(lane, _)| (*lane).clone()).collect();
        if !self.many.is_empty() && self.many.len() < counts.len() {
            self.few_at = Some(now);
        }
    }

    /// Whether an append is one of few beside many of somebody else. It need not wait for a batch with those.
    pub(super) fn is_of_few(&mut self, append: &Append, now: Instant) -> bool {
        let is_of_few =
            !self.many.is_empty() && !self.many.contains(&append.by) && !self.lanes.contains_key(&append.by);
        if is_of_few {
            self.few_at = Some(now);
        }
        is_of_few
    }

    /// What the next batch may take.
    pub(super) fn share(&self, now: Instant) -> Share {
        let is_beside_few = self.few_at.is_some_and(|at| now.saturating_duration_since(at) < REMEMBERED);
        match (is_beside_few, self.len > FLOOD) {
            (false, _) => Share { most: BATCH_ENTRIES, rest: 0 },
            (true, false) => BESIDE_FEW,
            (true, true) => OF_FLOOD,
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::publish::Message;

    fn append(by: &str, number: usize) -> Append {
        let (done, _) = tokio::sync::oneshot::channel();
        let message = Message { subject: number.to_string(), expect: None, payload: Bytes::new(), trace: None };
        Append { message, by: PrincipalName::parse(by).ok(), done }
    }

    fn waiting(appends: &[(&str, usize)]) -> Waiting {
        let mut waiting = Waiting::default();
        appends.iter().for_each(|(by, number)| waiting.push(append(by, *number)));
        waiting
    }

    fn all(waiting: &mut Waiting) -> Vec<String> {
        std::iter::from_fn(|| waiting.pop()).map(|append| append.message.subject).collect()
    }

    #[test]
    fn each_principal_has_its_turn_and_its_own_in_order() {
        let mut waiting =
            waiting(&[("webshop", 1), ("webshop", 2), ("webshop", 3), ("desk", 4), ("crm", 5), ("desk", 6)]);
        assert_eq!(waiting.len(), 6);
        assert_eq!(all(&mut waiting), ["1", "4", "5", "2", "6", "3"]);
        assert!(waiting.is_empty() && waiting.lanes.is_empty());
    }

    #[test]
    fn what_is_put_back_comes_first_again() {
        let mut waiting = waiting(&[("webshop", 1), ("webshop", 2), ("desk", 3)]);
        let taken: Vec<_> = (0..2).filter_map(|_| waiting.pop()).collect();
        taken.into_iter().rev().for_each(|append| waiting.put_back(append));
        assert_eq!(all(&mut waiting), ["3", "1", "2"]);
    }

    #[test]
    fn batches_are_smaller_while_somebody_writes_few() {
        const WHOLE: Share = Share { most: BATCH_ENTRIES, rest: 0 };
        let now = Instant::now();
        let batch = |few: usize, many: usize| -> Vec<_> {
            let few = (0..few).map(|number| append("desk", number));
            few.chain((0..many).map(|number| append("webshop", number))).collect()
        };
        let share = |batch: &[Append], waiting: usize, passed: Duration| {
            let mut queue = Waiting::default();
            (0..waiting).for_each(|number| queue.push(append("webshop", number)));
            queue.learn(batch, now);
            queue.share(now + passed)
        };
        assert_eq!(share(&batch(1, 900), 10, Duration::ZERO), BESIDE_FEW);
        assert_eq!(share(&batch(1, 900), FLOOD + 1, Duration::ZERO), OF_FLOOD);
        assert_eq!(share(&batch(1, 900), FLOOD + 1, REMEMBERED), WHOLE);
        assert_eq!(share(&batch(0, 900), FLOOD + 1, Duration::ZERO), WHOLE, "one alone");
        assert_eq!(share(&batch(400, 500), 10, Duration::ZERO), WHOLE, "both many");
        assert_eq!(share(&batch(3, 4), 10, Duration::ZERO), WHOLE, "both few");
    }

    #[test]
    fn a_flood_rests_ten_times_as_long_as_its_batch_took_but_for_no_stall() {
        let millis = Duration::from_millis;
        assert_eq!(OF_FLOOD.rest_after(millis(2)), millis(20));
        assert_eq!(OF_FLOOD.rest_after(millis(3_000)), millis(100));
        assert_eq!(BESIDE_FEW.rest_after(millis(2)), Duration::ZERO);
    }

    #[test]
    fn who_writes_few_beside_many_of_another_need_not_wait_for_a_batch() {
        let now = Instant::now();
        let of_few = |batch: &[(&str, usize)], waiting: &[(&str, usize)], by: &str| {
            let mut queue = self::waiting(waiting);
            let batch: Vec<_> =
                batch.iter().flat_map(|(by, count)| (0..*count).map(|number| append(by, number))).collect();
            queue.learn(&batch, now);
            queue.is_of_few(&append(by, 0), now)
        };
        assert!(of_few(&[("webshop", 100)], &[("webshop", 1)], "desk"));
        assert!(of_few(&[("webshop", 100), ("desk", 2)], &[], "desk"));
        assert!(!of_few(&[("webshop", 100)], &[], "webshop"), "it is of the many");
        assert!(!of_few(&[("webshop", 100), ("desk", 100)], &[], "desk"), "so is this");
        assert!(!of_few(&[("webshop", 10)], &[], "desk"), "there are no many");
        assert!(!of_few(&[("webshop", 100)], &[("desk", 1)], "desk"), "one waits already, and they go in order");
    }
}
