//! `docket evidence keygen`: keys, and the policy by which an auditor trusts them.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::ValueEnum;
use docket_evidence::note::VerifierKey;
use docket_sealing::Keys;

use crate::error::AnyError;
use crate::output;
use crate::roles::sealer;
use crate::witness;

/// Arguments of `docket evidence keygen`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  docket evidence keygen --name docket.example.com/desk/3f2a9c01b7de --out keys
  docket evidence keygen --name witness.example.org --for witness --out keys
  docket evidence keygen --rotate keys/docket.example.com_desk_3f2a9c01b7de.key --out new-keys

The secret keys go into a file in DIR, for its owner only. What is printed may be known to everybody: the verifier keys, and a
policy (c2sp.org/tlog-policy) that trusts them, which also goes into DIR.

The name of a sealer's key is the name of the log: it ends with a word that no other log has. A sealer that is given a key of
another log says which word that is.

`--rotate` makes new keys for the same log. The new file has the old keys, too, so that both sign for a while; the note
beside it (`.rotation`) is signed by the old key and names the new ones. When everybody who verifies has the new policy, replace the
last three secret keys of the file by the verifier key of the old one.")]
pub struct Args {
    /// The name of the keys: for a sealer, that of the log
    #[arg(long, value_name = "NAME", required_unless_present = "rotate")]
    name: Option<String>,
    /// The key file of a sealer, whose keys are to be replaced by new ones
    #[arg(long, value_name = "FILE", conflicts_with_all = ["name", "holder"])]
    rotate: Option<PathBuf>,
    /// Who will sign with them
    #[arg(long = "for", value_enum, default_value_t = Holder::Sealer, value_name = "WHO")]
    holder: Holder,
    /// The folder for the files
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Holder {
    Sealer,
    Witness,
}

/// What was made.
struct Made {
    /// What the keys are called.
    name: String,
    /// The secret keys, a line each.
    secrets: String,
    verifiers: Vec<String>,
    policy: String,
    /// What the old key says of the new ones.
    rotation: Option<String>,
}

/// Makes them.
pub fn run(args: &Args) -> Result<ExitCode, AnyError> {
    let name = args.name.as_deref().unwrap_or_default();
    let made = match (&args.rotate, args.holder) {
        (Some(old), _) => rotated(old)?,
        (None, Holder::Sealer) => of_sealer(name)?,
        (None, Holder::Witness) => of_witness(name)?,
    };
    let Made { name, secrets, verifiers, policy, rotation } = made;
    let file_name = name.replace(|c: char| !c.is_ascii_alphanumeric() && c != '.' && c != '-', "_");
    let [key, policy_file, note] =
        ["key", "policy", "rotation"].map(|kind| args.out.join(format!("{file_name}.{kind}")));
    sealer::write(&key, &secrets)?;
    sealer::write_public(&policy_file, &policy)?;
    output::say(&format!("the secret keys are in {}: whoever has it signs as you", key.display()));
    output::say("\nverifier keys:");
    verifiers.iter().for_each(|verifier| output::say(verifier));
    output::say(&format!("\na policy that trusts them, in {}:\n{}", policy_file.display(), policy.trim_end()));
    if let Some(rotation) = rotation {
        sealer::write_public(&note, &rotation)?;
        output::say(&format!(
            "\nwhat the old key says of the new ones, in {}:\n{}",
            note.display(),
            rotation.trim_end()
        ));
    }
    Ok(ExitCode::SUCCESS)
}

/// New keys beside the old ones.
fn rotated(old: &Path) -> Result<Made, AnyError> {
    let (keys, note) = sealer::read(old)?.rotate(&rand::random())?;
    Ok(Made { rotation: Some(note.to_string()), ..told(&keys) })
}

/// The policy trusts the log, and asks for no witness yet.
fn of_sealer(name: &str) -> Result<Made, AnyError> {
    Ok(told(&Keys::new(name, &rand::random())?))
}

fn told(keys: &Keys) -> Made {
    Made {
        name: keys.origin().to_string(),
        secrets: keys.to_secret_text(),
        verifiers: keys.verifiers().map(VerifierKey::to_string).into(),
        policy: keys.policy(None),
        rotation: None,
    }
}

/// One signature of the two will do.
fn of_witness(name: &str) -> Result<Made, AnyError> {
    let keys = witness::keys(name)?;
    let [first, second] = [&keys[0], &keys[1]].map(|key| key.verifier().to_string());
    let policy = format!("witness w1 {first}\nwitness w2 {second}\ngroup witness any w1 w2\nquorum witness\n");
    let secrets = keys.map(|key| key.to_secret_text() + "\n").concat();
    let (name, verifiers) = (name.to_owned(), vec![first, second]);
    Ok(Made { name, secrets, verifiers, policy, rotation: None })
}
