use docket_messages::{Binary, KeyId, Salt, Version};
use proptest::prelude::*;

use super::*;

const JSON: &[u8] = br#"{"text":"Call me at noon."}"#;

fn key(of: u8) -> DataKey {
    DataKey::new(KeyId::new([of; 16]), Secret::new([of; 32]))
}

fn place(subject: &str, version: u32) -> Place<'_> {
    Place { subject, version: Version(version) }
}

fn text(opened: &Opened) -> &str {
    std::str::from_utf8(opened).unwrap().trim_end()
}

#[test]
fn what_is_sealed_opens_in_its_place_with_its_key_and_nowhere_else() {
    let at = place("case.a", 3);
    let sealed = key(1).seal(at, [7; 24], JSON).unwrap();
    assert_eq!(text(&key(1).open(at, &sealed).unwrap()).as_bytes(), JSON);
    assert_eq!(key(1).event_key(at, &[7; 24]).open(at, &sealed).unwrap(), key(1).open(at, &sealed).unwrap());
    for (other, at) in [(2, at), (1, place("case.b", 3)), (1, place("case.a", 4))] {
        assert_eq!(key(other).open(at, &sealed), Err(NotOpened::OtherKey));
    }
    // The id of a key that has the same bytes is another key.
    let renamed = docket_messages::Sealed { key: KeyId::new([9; 16]), ..sealed };
    assert!(key(1).open(at, &renamed).is_err());
}

#[test]
fn the_key_of_an_event_opens_no_other_event() {
    let (first, second) = (place("case.a", 1), place("case.a", 2));
    let sealed = key(1).seal(second, [8; 24], JSON).unwrap();
    let disclosed = key(1).event_key(first, &[7; 24]);
    assert_eq!(disclosed.open(second, &sealed), Err(NotOpened::OtherKey));
}

#[test]
fn the_length_of_a_text_shows_in_steps_only() {
    let length = |text: &str| key(1).seal(place("case.a", 1), [7; 24], text.as_bytes()).unwrap().boxed.as_bytes().len();
    assert_eq!((length("x"), length(&"x".repeat(64)), length(&"x".repeat(65))), (112, 112, 176));
}

fn block(of: u8) -> Block {
    let mut next = of;
    Block::new(BlockId::new([of; 16]), || {
        next = next.wrapping_add(1);
        Secret::new([next; 32])
    })
}

fn opens(one: &DataKey, other: &DataKey) -> bool {
    let at = place("case.a", 1);
    one.open(at, &other.seal(at, [7; 24], JSON).unwrap()).is_ok()
}

#[test]
fn a_wrapped_block_opens_under_its_epoch_and_its_id() {
    let (first, second) = (EpochKey::new(1, Secret::new([1; 32])), EpochKey::new(2, Secret::new([1; 32])));
    let wrapped = first.wrap(&block(5), [3; 24]).unwrap();
    let unwrapped = first.unwrap(block(5).id(), &[], &wrapped).ok().unwrap();
    let (before, after): (Vec<_>, Vec<_>) = (block(5).keys().collect(), unwrapped.keys().collect());
    assert_eq!((before.len(), after.len()), (Block::KEYS, Block::KEYS));
    assert!(before.iter().zip(&after).all(|(before, after)| before.id() == after.id() && opens(after, before)));
    assert!(second.unwrap(block(5).id(), &[], &wrapped).is_err());
    assert!(first.unwrap(block(6).id(), &[], &wrapped).is_err());
    assert!(first.unwrap(block(5).id(), &[3], &wrapped).is_err(), "what was destroyed is part of it");
    assert!(first.unwrap(block(5).id(), &[], &[]).is_err());
}

#[test]
fn a_key_that_is_destroyed_is_in_no_block_any_more_and_the_others_are() {
    let (epoch, mut less) = (EpochKey::new(1, Secret::new([1; 32])), block(5));
    let (gone, kept) = (less.key(3).unwrap(), less.key(4).unwrap());
    assert!(less.destroy(3) && !less.destroy(3));
    assert_eq!(less.destroyed(), [3]);
    let wrapped = epoch.wrap(&less, [3; 24]).unwrap();
    let again = epoch.unwrap(less.id(), &[3], &wrapped).ok().unwrap();
    assert!(again.key(3).is_none() && again.keys().count() == Block::KEYS - 1);
    assert!(opens(&again.key(4).unwrap(), &kept) && !again.keys().any(|key| opens(&key, &gone)));
}

#[test]
fn the_id_of_a_key_says_where_it_is() {
    for (index, key) in block(9).keys().enumerate() {
        assert_eq!(BlockId::of(key.id()), Some((block(9).id().as_str(), index)));
    }
    for nowhere in ["A", "AQEBAQEBAQEBAQEBAQEBAQ"] {
        let key = KeyId::parse(nowhere).unwrap();
        assert!(BlockId::of(&key).is_none_or(|(block, _)| block.len() == 21), "{nowhere}");
    }
}

#[test]
fn the_key_of_an_epoch_opens_for_its_epoch_only() {
    let (master, key) = (Secret::new([1; 32]), Secret::new([2; 32]));
    let wrapped = wrap_epoch(&master, 4, &key, [3; 24]).unwrap();
    assert_eq!(unwrap_epoch(&master, 4, &wrapped).unwrap().expose(), key.expose());
    assert!(unwrap_epoch(&master, 5, &wrapped).is_err() && unwrap_epoch(&key, 4, &wrapped).is_err());
}

#[test]
fn the_salt_of_a_request_is_another_under_each_key() {
    let salt = Salt::new([4; 16]);
    assert_eq!(key(1).keyed(&salt), key(1).keyed(&salt));
    assert_ne!(key(1).keyed(&salt), key(2).keyed(&salt));
    assert_ne!(key(1).keyed(&salt), salt);
}

/// What was written once must open for ever. These bytes were made by another implementation (of HKDF and HChaCha20 in Python).
#[test]
fn what_the_first_version_sealed_opens() {
    let sealed = key(1).seal(place("case.a", 3), [7; 24], JSON).unwrap();
    let written = serde_json::to_string(&sealed).unwrap();
    assert_eq!(written, include_str!("../golden/sealed.json").trim_end());
}

proptest! {
    #[test]
    fn a_box_of_which_any_byte_was_changed_does_not_open(at in 0_usize..112, flip in 1_u8..=255) {
        let here = place("case.a", 1);
        let mut sealed = key(1).seal(here, [7; 24], JSON).unwrap();
        let mut boxed = sealed.boxed.as_bytes().to_vec();
        boxed[at] ^= flip;
        sealed.boxed = Binary::from(boxed);
        prop_assert!(key(1).open(here, &sealed).is_err());
    }

    #[test]
    fn what_is_no_box_is_refused(nonce in prop::collection::vec(any::<u8>(), 0..40), boxed in prop::collection::vec(any::<u8>(), 0..200)) {
        let sealed = docket_messages::Sealed { key: KeyId::new([1; 16]), nonce: nonce.into(), boxed: boxed.into() };
        prop_assert!(key(1).open(place("case.a", 1), &sealed).is_err());
    }
}
