use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};

use docket_cipher::Place;
use docket_messages::Version;

use super::*;
use crate::memory::MemoryKeys;
use crate::provider::MasterKeys;

/// Not random, and never the same twice.
fn counting(bytes: &mut [u8]) {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let number = NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes();
    bytes.iter_mut().zip(number.iter().cycle()).for_each(|(to, from)| *to = *from);
}

fn ring_of(store: &Arc<MemoryKeys>, master: &str, settings: Settings) -> Arc<KeyRing> {
    let provider = Arc::new(MasterKeys::parse(master, counting).unwrap());
    let store: Arc<dyn KeyStore> = Arc::clone(store) as Arc<dyn KeyStore>;
    Arc::new(KeyRing::new(store, provider, counting, settings))
}

#[tokio::test]
async fn no_two_get_the_same_key_and_every_other_ring_of_the_store_opens_what_was_sealed() {
    let (store, master) = (Arc::new(MemoryKeys::default()), MasterKeys::generate(counting));
    let (here, there) = (ring_of(&store, &master, Settings::default()), ring_of(&store, &master, Settings::default()));
    let mut seen = HashSet::new();
    for _ in 0..2_000 {
        assert!(seen.insert(here.fresh().await.unwrap().id().clone()));
    }
    let key = here.fresh().await.unwrap();
    let place = Place { subject: "case.a", version: Version(1) };
    let sealed = key.seal(place, [1; 24], b"{}").unwrap();
    let found = there.get(&sealed.key).await.unwrap().unwrap();
    assert!(found.open(place, &sealed).is_ok());
}

#[tokio::test]
async fn a_key_that_was_destroyed_is_none_and_one_that_is_missing_is_an_error() {
    let (store, master) = (Arc::new(MemoryKeys::default()), MasterKeys::generate(counting));
    let ring = ring_of(&store, &master, Settings::default());
    let (one, other) = (ring.fresh().await.unwrap(), ring.fresh().await.unwrap());
    let far = ring_of(&store, &master, Settings::default());
    far.destroy(&[one.id().clone()]).await.unwrap();
    far.destroy(&[one.id().clone()]).await.unwrap();
    ring.forget(&[one.id().clone()]);
    assert!(ring.get(one.id()).await.unwrap().is_none());
    assert!(ring.get(other.id()).await.unwrap().is_some());
    store.lose();
    ring.forget(&[other.id().clone()]);
    let missing = ring.get(other.id()).await.err().unwrap();
    assert!(matches!(&missing, KeyError::Missing(id) if id == other.id()) && !missing.is_passing());
}

#[tokio::test(start_paused = true)]
async fn a_key_is_at_hand_for_its_lifetime_only() {
    let (store, master) = (Arc::new(MemoryKeys::default()), MasterKeys::generate(counting));
    let ring = ring_of(&store, &master, Settings::default());
    let key = ring.fresh().await.unwrap();
    ring_of(&store, &master, Settings::default()).destroy(&[key.id().clone()]).await.unwrap();
    assert!(ring.get(key.id()).await.unwrap().is_some(), "nobody has told it");
    tokio::time::advance(Settings::default().lifetime + Duration::from_secs(1)).await;
    assert!(ring.get(key.id()).await.unwrap().is_none());
}

#[tokio::test]
async fn no_more_keys_are_at_hand_than_there_is_room_for() {
    let (store, master) = (Arc::new(MemoryKeys::default()), MasterKeys::generate(counting));
    let settings = Settings { at_hand: NonZeroUsize::new(3).unwrap(), ..Settings::default() };
    let ring = ring_of(&store, &master, settings);
    let mut ids = Vec::new();
    for _ in 0..640 {
        ids.push(ring.fresh().await.unwrap().id().clone());
    }
    assert_eq!(ring.at_hand().len(), 3);
    let found = ring.bring(ids).await.unwrap();
    assert!(found.len() == 640 && found.iter().all(|(_, key)| key.is_some()));
    assert_eq!(ring.at_hand().len(), 3);
}

#[tokio::test]
async fn keys_of_one_block_that_are_destroyed_at_once_are_all_destroyed() {
    let (store, master) = (Arc::new(MemoryKeys::default()), MasterKeys::generate(counting));
    let ring = ring_of(&store, &master, Settings::default());
    let mut ids = Vec::new();
    for _ in 0..60 {
        ids.push(ring.fresh().await.unwrap().id().clone());
    }
    let rings: Vec<_> = (0..3).map(|_| ring_of(&store, &master, Settings::default())).collect();
    let destroying = rings.iter().zip(ids.chunks(20)).map(|(ring, ids)| ring.destroy(ids));
    futures::future::try_join_all(destroying).await.unwrap();
    ring.forget(&ids);
    let found = ring.bring(ids).await.unwrap();
    assert!(found.len() == 60 && found.values().all(Option::is_none));
}

#[tokio::test]
async fn another_master_key_opens_nothing_and_says_so() {
    let (store, master) = (Arc::new(MemoryKeys::default()), MasterKeys::generate(counting));
    let key = ring_of(&store, &master, Settings::default()).fresh().await.unwrap();
    let other = ring_of(&store, &MasterKeys::generate(counting), Settings::default());
    let error = other.get(key.id()).await.err().unwrap();
    assert!(matches!(error, KeyError::Provider { epoch: 1, .. }) && error.is_passing());
}
