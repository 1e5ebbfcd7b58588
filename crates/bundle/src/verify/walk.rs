//! A bundle, member by member and record by record.

use std::io::Read;

use super::{Finding, Kind, Stop};
use crate::archive::ArchiveReader;
use crate::claim::Claim;
use crate::record::{Disclosed, Glance, Record};
use crate::write::{CHECKPOINT, CLAIM, REPORT, STRETCH, STRETCHES, stretch_name};

/// What a bundle consists of, in this order.
pub(super) enum Item {
    Claim(Claim),
    Checkpoint(Vec<u8>),
    Record(Record),
    Report(Vec<u8>),
}

/// Reads a bundle to its end, and takes each item of it.
pub(super) fn walk<R: Read>(input: R, mut take: impl FnMut(Item) -> Result<(), Finding>) -> Result<(), Stop> {
    let mut archive = ArchiveReader::new(input);
    let damaged = |message: &str| Finding::new(Kind::Integrity, None, message);
    let mut member = |due: &str| {
        let member = archive.next()?;
        let found = member.as_ref().map_or("its end", |member| member.name.as_str());
        if !due.is_empty() && found != due {
            return Err(damaged(&format!("the bundle has `{}` where `{due}` is due", shown(found))).into());
        }
        Ok::<_, Stop>(member)
    };
    let claim = member(CLAIM)?.and_then(|member| Claim::parse(&member.bytes));
    take(Item::Claim(claim.ok_or_else(|| damaged("`bundle.json` does not say what the bundle is of"))?))?;
    take(Item::Checkpoint(member(CHECKPOINT)?.map(|member| member.bytes).unwrap_or_default()))?;
    let mut number = 0;
    let mut is_last = false;
    let report = loop {
        let Some(next) = member("")? else { return Err(damaged("the bundle ends without its report").into()) };
        if next.name == REPORT {
            break next.bytes;
        }
        if next.name != stretch_name(number) || is_last || next.bytes.is_empty() {
            return Err(damaged(&format!("`{}` is no member that is due here", shown(&next.name))).into());
        }
        number += 1;
        is_last = next.bytes.len() < STRETCH;
        let mut rest = next.bytes.as_slice();
        while !rest.is_empty() {
            if next.bytes.len() - rest.len() >= STRETCH {
                return Err(damaged(&format!("`{}` is longer than it has to be", next.name)).into());
            }
            let record = Record::take(&mut rest);
            take(Item::Record(record.ok_or_else(|| damaged(&format!("`{}` cannot be read", next.name)))?))?;
        }
    };
    take(Item::Report(report))?;
    match archive.next()? {
        None => Ok(()),
        Some(more) => Err(damaged(&format!("`{}` stands behind the report", shown(&more.name))).into()),
    }
}

/// Reads the entries of a bundle once more, after [`walk`] has found it whole, and takes each disclosed one whose subject is
/// wanted, with its position.
pub(super) fn each_disclosed<R: Read>(
    input: R,
    is_wanted: impl Fn(&str) -> bool,
    take: &mut dyn FnMut(u64, &Disclosed),
) -> Result<(), Stop> {
    let mut archive = ArchiveReader::again(input);
    let mut position = 0;
    while let Some(member) = archive.next()? {
        let mut rest = if member.name.starts_with(STRETCHES) { member.bytes.as_slice() } else { &[] };
        while !rest.is_empty() {
            match Glance::take(&mut rest) {
                Some(Glance::Others(count)) => position += count,
                Some(Glance::Disclosed(subject, mut whole)) => {
                    position += 1;
                    if is_wanted(subject)
                        && let Some(Record::Disclosed(entry)) = Record::take(&mut whole)
                    {
                        take(position, &entry);
                    }
                }
                None => {
                    return Err(Finding::new(Kind::Integrity, None, "the bundle was changed while it was read").into());
                }
            }
        }
    }
    Ok(())
}

/// A name from a file that nobody trusts.
fn shown(name: &str) -> String {
    name.chars().take(64).map(|c| if c.is_control() { '_' } else { c }).collect()
}
