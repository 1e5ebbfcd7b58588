//! How many commands may be in flight at once, and how many of one principal: memory is bounded, and a flood from one
//! does not starve the others.
//!
//! A principal may hold as much as [`SHARE`] of what nobody holds (dynamic thresholds, Choudhury and Hahne 1998). One
//! that is alone gets a quarter of all there is; however many push, some remains for the next who comes; and what waits
//! before a command of somebody else is never more than that quarter for each who pushes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use docket_messages::PrincipalName;

/// A principal may hold one part in so many of what is free.
const SHARE: usize = 3;

/// The most that may be in flight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Commands.
    pub commands: usize,
    /// Bytes of their bodies.
    pub bytes: usize,
}

impl Default for Bounds {
    /// A principal that is alone may have 4,096 commands in flight, or 64 MiB of them.
    fn default() -> Self {
        Self { commands: 16_384, bytes: 256 * 1024 * 1024 }
    }
}

/// What is held, by one or by all.
#[derive(Debug, Clone, Copy, Default)]
struct InFlight {
    commands: usize,
    bytes: usize,
}

impl InFlight {
    fn add(&mut self, bytes: usize) {
        self.commands += 1;
        self.bytes += bytes;
    }

    fn remove(&mut self, bytes: usize) {
        self.commands -= 1;
        self.bytes -= bytes;
    }
}

#[derive(Debug, Default)]
struct State {
    all: InFlight,
    /// Of those who hold anything.
    by: HashMap<PrincipalName, InFlight>,
}

/// Admits commands while there is room. Clones share the count.
#[derive(Debug, Clone)]
pub(crate) struct Admission {
    bounds: Bounds,
    state: Arc<Mutex<State>>,
}

/// Room for one command, given back when this is dropped.
#[derive(Debug)]
pub(crate) struct Permit {
    admission: Admission,
    by: PrincipalName,
    bytes: usize,
}

impl Admission {
    pub(crate) fn new(bounds: Bounds) -> Self {
        Self { bounds, state: Arc::default() }
    }

    /// A permit for a command of a principal, with a body of so many bytes; none while it has its share.
    pub(crate) fn permit(&self, by: &PrincipalName, bytes: usize) -> Option<Permit> {
        let mut state = self.state();
        let own = state.by.get(by).copied().unwrap_or_default();
        let free = |bound: usize, held: usize| bound.saturating_sub(held);
        let has_room = own.commands < free(self.bounds.commands, state.all.commands).div_ceil(SHARE);
        // A large body comes through as long as it is the only one of its principal.
        let free_bytes = free(self.bounds.bytes, state.all.bytes);
        let fits = bytes <= free_bytes && (own.commands == 0 || own.bytes + bytes <= free_bytes.div_ceil(SHARE));
        if !has_room || !fits {
            return None;
        }
        state.all.add(bytes);
        state.by.entry(by.clone()).or_default().add(bytes);
        Some(Permit { admission: self.clone(), by: by.clone(), bytes })
    }

    /// Commands in flight.
    pub(crate) fn held(&self) -> usize {
        self.state().all.commands
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut state = self.admission.state();
        state.all.remove(self.bytes);
        if let Some(own) = state.by.get_mut(&self.by) {
            own.remove(self.bytes);
            if own.commands == 0 {
                state.by.remove(&self.by);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn principal(name: &str) -> PrincipalName {
        PrincipalName::parse(name).unwrap()
    }

    /// As many permits as there are for a principal.
    fn all_of(admission: &Admission, by: &str, bytes: usize) -> Vec<Permit> {
        let by = principal(by);
        std::iter::from_fn(|| admission.permit(&by, bytes)).collect()
    }

    #[test]
    fn one_that_is_alone_gets_a_quarter_and_leaves_the_rest_to_others() {
        let admission = Admission::new(Bounds::default());
        let flood = all_of(&admission, "webshop", 100);
        assert_eq!(flood.len(), 4_096);
        let second = all_of(&admission, "crm", 100);
        assert!(second.len() > 2_000, "{}", second.len());
        // However many push, the next one gets in.
        let others: Vec<_> = (0..20).map(|number| all_of(&admission, &format!("p{number}"), 100)).collect();
        assert!(others.iter().all(|other| !other.is_empty()));
        assert!(admission.permit(&principal("desk"), 100).is_some());
        drop((flood, second, others));
        assert_eq!(admission.held(), 0);
        assert!(admission.state().by.is_empty());
    }

    #[test]
    fn bodies_are_bounded_by_their_bytes() {
        let admission = Admission::new(Bounds { commands: 1_000, bytes: 4_000_000 });
        let flood = all_of(&admission, "webshop", 250_000);
        assert_eq!(flood.len(), 4, "a quarter of the bytes");
        assert!(admission.permit(&principal("desk"), 250_000).is_some());
        assert!(admission.permit(&principal("crm"), 5_000_000).is_none(), "more than there is");
    }
}
