use proptest::prelude::*;

use super::{Algorithm, KeyError, Note, NoteError, SIGNATURES_LIMIT, Signature, SigningKey, VerifierKey};
use crate::example::{key, name};

/// The example of the specification.
const VKEY: &str = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
const NOTE: &str = "This is an example message.\n\n\
    \u{2014} example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";

fn line(text: &str) -> Vec<u8> {
    format!("text\n\n{text}\n").into_bytes()
}

#[test]
fn the_example_of_the_specification_verifies() {
    let (key, note) = (VerifierKey::parse(VKEY), Note::parse(NOTE.as_bytes()));
    let (Ok(key), Ok(note)) = (key, note) else { panic!("the example can be read") };
    assert_eq!(note.text(), "This is an example message.\n");
    assert_eq!((key.to_string().as_str(), note.to_string().as_str()), (VKEY, NOTE));
    let signature = note.signatures_of(&key).next().map(|signature| signature.bytes.clone()).unwrap_or_default();
    assert!(key.verifies(note.text().as_bytes(), &signature));
    assert!(!key.verifies(b"This is another message.\n", &signature));
}

#[test]
fn keys_are_the_same_in_every_release() {
    // What is written here is on auditors' disks: it may not change.
    let known = [
        (
            Algorithm::Ed25519,
            ("L3j/gZnNeJhURiXoXIpHxipebqplJOTkAKQkJfV8SqQ=", "s2NFSaIvutsfjZJCM2QoN2bl8tid8ohe41p3h3vtqEI="),
        ),
        (
            Algorithm::Ed25519Cosignature,
            ("shmfEGYP5Scq5cXQgSjplztPLLsltT5BcpF8BvTnyZA=", "s2NFSaIvutsfjZJCM2QoN2bl8tid8ohe41p3h3vtqEI="),
        ),
        (
            Algorithm::MlDsa44,
            ("kEcH5sKYiQyNzkoIVEtls8he2T9M3tZ24koeRPCgVAY=", "TG5EWbAPurML8QEh4LeU43fE/qSWgKvWS7bSjK98uMU="),
        ),
    ];
    for (algorithm, expected) in known {
        let key = key("docket.example/log", algorithm, 7);
        let vkey = key.verifier().to_string();
        let read = SigningKey::parse(&key.to_secret_text()).map(|key| key.verifier().to_string());
        assert_eq!(read.as_deref(), Ok(vkey.as_str()));
        assert_eq!(VerifierKey::parse(&vkey).map(|key| key.to_string()), Ok(vkey.clone()));
        let digest = crate::hash::Hash::of_leaf(format!("{vkey}\n{}", key.to_secret_text()).as_bytes()).to_string();
        let signed = crate::hash::Hash::of_leaf(&key.sign(b"text\n")).to_string();
        assert_eq!((digest.as_str(), signed.as_str()), expected, "{algorithm:?}");
    }
}

#[test]
fn another_implementation_reads_keys_and_notes() {
    use signed_note::{StandardVerifier, Verifier as _, VerifierList};

    let key = key("docket.example/log", Algorithm::Ed25519, 9);
    let Ok(mut note) = Note::new("Zwei Zeilen\n\nund eine leere.\n".to_owned()) else { panic!("a text is a note") };
    let bytes = key.sign(note.text().as_bytes());
    note.add(Signature { name: key.verifier().name().clone(), id: key.verifier().id(), bytes });
    let theirs = StandardVerifier::new(&key.verifier().to_string());
    let Ok(theirs) = theirs else { panic!("the key can be read") };
    assert_eq!(theirs.key_id(), key.verifier().id());
    let read = signed_note::Note::from_bytes(note.to_string().as_bytes());
    let Ok(read) = read else { panic!("the note can be read") };
    let verified = read.verify(&VerifierList::new(vec![Box::new(theirs)]));
    assert!(verified.is_ok_and(|(verified, others)| verified.len() == 1 && others.is_empty()));
}

#[test]
fn what_is_no_note_is_refused() {
    let many = line(&vec!["\u{2014} a AAAAAAA="; SIGNATURES_LIMIT + 1].join("\n"));
    let cases: Vec<(Vec<u8>, NoteError)> = vec![
        (b"".to_vec(), NoteError::Shape),
        (b"text\n".to_vec(), NoteError::Shape),
        (b"text\n\n".to_vec(), NoteError::Shape),
        (b"text\n\n\xe2\x80\x94 a AAAAAAA=".to_vec(), NoteError::Shape),
        (b"te\rxt\n\n\xe2\x80\x94 a AAAAAAA=\n".to_vec(), NoteError::NotText),
        (b"te\xffxt\n\n\xe2\x80\x94 a AAAAAAA=\n".to_vec(), NoteError::NotText),
        (line("- a AAAAAAA="), NoteError::Signature(1)),
        (line("\u{2014} a AAAAAAA"), NoteError::Signature(1)),
        (line("\u{2014} a AAAAAA=="), NoteError::Signature(1)),
        (line("\u{2014} a+b AAAAAAA="), NoteError::Signature(1)),
        (line("\u{2014}  AAAAAAA="), NoteError::Signature(1)),
        (line("\u{2014} a AAAAAAA= "), NoteError::Signature(1)),
        (line("\u{2014} a AAAAAAA=\n\u{2014} a AAAAAAB="), NoteError::Signature(2)),
        (many, NoteError::TooManySignatures),
        (vec![b'a'; 100_000], NoteError::TooLong(100_000)),
    ];
    for (bytes, expected) in cases {
        let read = Note::parse(&bytes);
        assert_eq!(read, Err(expected), "{:?}", String::from_utf8_lossy(&bytes));
    }
}

#[test]
fn what_is_no_key_is_refused() {
    let weak = "a+00000000+AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let cases = [
        ("", KeyError::NotAVerifierKey),
        ("a+530d903a", KeyError::NotAVerifierKey),
        ("a+530D903A+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", KeyError::NotAVerifierKey),
        ("a+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", KeyError::Id),
        ("example.com/foo+530d903a+AukyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", KeyError::Algorithm(2)),
        ("example.com/foo+530d903a+Aeky", KeyError::Bytes),
        (weak, KeyError::Bytes),
    ];
    for (text, expected) in cases {
        assert_eq!(VerifierKey::parse(text).err(), Some(expected), "{text}");
    }
    assert_eq!(SigningKey::parse(VKEY).err(), Some(KeyError::NotASigningKey));
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        if let Ok(note) = Note::parse(&bytes) {
            prop_assert_eq!(note.to_string().into_bytes(), bytes);
        }
    }

    #[test]
    fn what_is_read_is_written_again(text in "(\\PC{0,20}\n){1,4}", names in prop::collection::vec("[a-z/.]{1,9}", 1..4)) {
        let mut note = Note::new(text).map_err(|error| TestCaseError::fail(error.to_string()))?;
        for (id, text) in names.iter().enumerate() {
            note.add(Signature { name: name(text), id: u32::try_from(id).unwrap_or(0), bytes: vec![1, 2, 3] });
        }
        prop_assert_eq!(Note::parse(note.to_string().as_bytes()), Ok(note));
    }
}
