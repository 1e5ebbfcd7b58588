//! `docket evidence keygen`: keys, and the policy by which an auditor trusts them.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::ValueEnum;
use docket_evidence::note::VerifierKey;
use docket_sealing::Keys;

use crate::error::{AnyError, plain};
use crate::output;
use crate::roles::sealer;
use crate::witness;

/// Arguments of `docket evidence keygen`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  docket evidence keygen --name docket.example.com/desk/3f2a9c01b7de --out keys
  docket evidence keygen --name witness.example.org --for witness --out keys

The secret keys go into a file in DIR, for its owner only. What is printed may be known to everybody: the verifier keys, and a
policy (c2sp.org/tlog-policy) that trusts them, which also goes into DIR.

The name of a sealer's key is the name of the log: it ends with a word that no other log has. A sealer that is given a key of
another log says which word that is.")]
pub struct Args {
    /// The name of the keys: for a sealer, that of the log
    #[arg(long, value_name = "NAME")]
    name: String,
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
    /// The secret keys, a line each.
    secrets: String,
    verifiers: Vec<String>,
    policy: String,
}

/// Makes them.
pub fn run(args: &Args) -> Result<ExitCode, AnyError> {
    let Made { secrets, verifiers, policy } = match args.holder {
        Holder::Sealer => of_sealer(&args.name)?,
        Holder::Witness => of_witness(&args.name)?,
    };
    let file_name = args.name.replace(|c: char| !c.is_ascii_alphanumeric() && c != '.' && c != '-', "_");
    let [key, policy_file] = ["key", "policy"].map(|kind| args.out.join(format!("{file_name}.{kind}")));
    sealer::write(&key, &secrets)?;
    std::fs::write(&policy_file, &policy)
        .map_err(|error| plain(format!("could not write {}: {error}", policy_file.display())))?;
    output::say(&format!("the secret keys are in {}: whoever has it signs as you", key.display()));
    output::say("\nverifier keys:");
    verifiers.iter().for_each(|verifier| output::say(verifier));
    output::say(&format!("\na policy that trusts them, in {}:\n{}", policy_file.display(), policy.trim_end()));
    Ok(ExitCode::SUCCESS)
}

/// The policy trusts the log, and asks for no witness yet.
fn of_sealer(name: &str) -> Result<Made, AnyError> {
    let keys = Keys::new(name, &rand::random())?;
    let policy = keys.policy(None);
    let verifiers = keys.verifiers().map(VerifierKey::to_string).into();
    Ok(Made { secrets: keys.to_secret_text(), verifiers, policy })
}

/// One signature of the two will do.
fn of_witness(name: &str) -> Result<Made, AnyError> {
    let keys = witness::keys(name)?;
    let [first, second] = [&keys[0], &keys[1]].map(|key| key.verifier().to_string());
    let policy = format!("witness w1 {first}\nwitness w2 {second}\ngroup witness any w1 w2\nquorum witness\n");
    let secrets = keys.map(|key| key.to_secret_text() + "\n").concat();
    Ok(Made { secrets, verifiers: vec![first, second], policy })
}
