//! `docket nats-config`: the accounts of a server that is not ours.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use docket_jetstream::access::{SystemUser, is_free};
use docket_messages::PrincipalName;

use crate::credentials::Credentials;
use crate::desk::{SAMPLE_POLICY, principals_of};
use crate::error::{AnyError, plain};
use crate::output;

/// Arguments of `docket nats-config`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  docket nats-config --users users.json > docket.conf\n  docket nats-config --users users.json --policy desk.toml --principal crm > docket.conf\n  docket nats-config --users users.json --url nats://nats:4222\n\nLet nats-server.conf include docket.conf beside its own `jetstream { … }` block. The configuration holds hashes of\npasswords only; the passwords are in the file of users, which is its owner's. Users who are in it keep theirs."
)]
pub struct Args {
    /// The file of passwords; it is made when it is absent.
    #[arg(long, value_name = "FILE")]
    users: PathBuf,
    /// The policy whose principals get users [default: the sample policy].
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Another principal that gets a user.
    #[arg(long = "principal", value_name = "NAME")]
    principals: Vec<PrincipalName>,
    /// Print, as JSON, the address of this server with the credentials of each user instead.
    #[arg(long, value_name = "URL")]
    url: Option<String>,
}

/// Writes the configuration.
pub fn run(args: &Args) -> Result<ExitCode, AnyError> {
    if let Some(taken) = args.principals.iter().find(|principal| !is_free(principal)) {
        return Err(plain(format!("`{taken}` is a name that Docket keeps for its own users; choose another")));
    }
    let mut principals = match &args.policy {
        None => principals_of(SAMPLE_POLICY)?,
        Some(file) => {
            let text = std::fs::read_to_string(file);
            principals_of(&text.map_err(|error| plain(format!("could not read {}: {error}", file.display())))?)?
        }
    };
    principals.extend(args.principals.iter().cloned());
    let mut credentials = Credentials::open(&args.users)?;
    credentials.provide(&principals, &[])?;
    match &args.url {
        None => output::say(&credentials.accounts(&[])),
        Some(server) => {
            let own = SystemUser::ALL.iter().map(|system_user| system_user.user().to_owned());
            let principals = credentials.principals().into_iter().map(|principal| principal.to_string());
            let url = |user: String| (user.clone(), credentials.url(server, &user));
            let urls: BTreeMap<String, String> = own.chain(principals).map(url).collect();
            output::json(&urls)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
