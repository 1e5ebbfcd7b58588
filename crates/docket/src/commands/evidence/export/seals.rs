//! Which checkpoints stand between the entries of a bundle.

use bytes::Bytes;
use docket_evidence::note::KeyName;
use docket_jetstream::seals::{Seal, Seals};
use docket_messages::Timestamp;

use crate::error::AnyError;

/// A checkpoint that is no further than this from its neighbours is left out: whoever compares times allows as much.
const APART_MS: i64 = 60_000;

/// A checkpoint that goes into a bundle.
#[derive(Debug, Clone)]
pub(super) struct Between {
    /// How many entries it is of.
    pub size: u64,
    /// When it was written.
    at: Timestamp,
    /// The signed note.
    pub note: Bytes,
}

/// Of the checkpoints of a log, those around what is disclosed: the last before, and the first behind.
pub(super) async fn around(
    seals: &Seals,
    origin: &KeyName,
    size: u64,
    disclosed: &[(u64, u64)],
) -> Result<Vec<Between>, AnyError> {
    let Some(&(first, _)) = disclosed.first() else { return Ok(Vec::new()) };
    let Some(last) = seals.last().await? else { return Ok(Vec::new()) };
    let last = last.number;
    // The first that covers what is disclosed; those of the log that this one was restored from come before.
    let (mut low, mut high) = (1, last);
    while low < high {
        let middle = low + (high - low) / 2;
        // Between them stands what else is said of the log.
        let (page, _) = seals.page(middle - 1).await?;
        let next = page.iter().find_map(|seal| read(seal, origin));
        let covers = next.map_or(page.is_empty(), |next| next.size >= first);
        if covers { high = middle } else { low = middle + 1 }
    }
    let mut chosen = Chosen { disclosed, before: None, kept: Vec::new() };
    // One before, if there is one.
    let mut after = low.saturating_sub(2);
    loop {
        let (page, is_all) = seals.page(after).await?;
        for seal in &page {
            after = seal.number;
            if let Some(between) = read(seal, origin).filter(|between| between.size <= size) {
                chosen.take(between);
            }
        }
        if is_all || page.is_empty() {
            return Ok(chosen.kept);
        }
    }
}

/// A checkpoint of the log. None for one of the log that it was restored from, and for what is none.
fn read(seal: &Seal, origin: &KeyName) -> Option<Between> {
    let signed = docket_sealing::read_seal(seal).ok()?;
    let checkpoint = signed.checkpoint();
    let is_own = checkpoint.origin == *origin;
    is_own.then(|| Between { size: checkpoint.size, at: seal.at, note: seal.note.clone() })
}

struct Chosen<'a> {
    disclosed: &'a [(u64, u64)],
    before: Option<Between>,
    kept: Vec<Between>,
}

impl Chosen<'_> {
    fn take(&mut self, next: Between) {
        let before = self.before.replace(next.clone());
        let after = before.as_ref().map_or(0, |before| before.size);
        if !self.is_disclosed(after, next.size) {
            return;
        }
        if let Some(before) = before {
            self.keep(before);
        }
        self.keep(next);
    }

    /// Whether something behind a position and up to another is disclosed.
    fn is_disclosed(&self, after: u64, last: u64) -> bool {
        let from = self.disclosed.partition_point(|(_, to)| *to <= after);
        self.disclosed.get(from).is_some_and(|(from, _)| *from <= last)
    }

    fn keep(&mut self, next: Between) {
        match self.kept.as_mut_slice() {
            [.., last] if last.size == next.size && last.at == next.at => {}
            [.., before, last] if next.at.millis_since(before.at) < APART_MS => *last = next,
            [..] => self.kept.push(next),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_around_what_is_disclosed_are_kept_unless_they_are_close() {
        let at = |size: u64, second: i64| Between {
            size,
            at: Timestamp::EPOCH.plus_millis(second * 1_000),
            note: Bytes::new(),
        };
        let all = [at(10, 0), at(10, 900), at(20, 1_000), at(30, 2_000), at(40, 3_000), at(50, 3_010), at(60, 3_020)];
        let kept = |disclosed: &[(u64, u64)]| {
            let mut chosen = Chosen { disclosed, before: None, kept: Vec::new() };
            all.iter().cloned().for_each(|between| chosen.take(between));
            chosen.kept.iter().map(|between| (between.size, between.at.as_millis() / 1_000)).collect::<Vec<_>>()
        };
        assert_eq!(kept(&[(15, 15)]), [(10, 900), (20, 1_000)]);
        assert_eq!(kept(&[(5, 5), (30, 30)]), [(10, 0), (20, 1_000), (30, 2_000)]);
        assert_eq!(kept(&[(35, 60)]), [(30, 2_000), (40, 3_000), (60, 3_020)]);
        assert_eq!(kept(&[(61, 70)]), []);
    }
}
