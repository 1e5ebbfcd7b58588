//! `docket send`: one command, and its reply.

use std::io::Read as _;
use std::process::ExitCode;

use docket_jetstream::bus::Outgoing;
use docket_messages::{CommandId, OnBehalfOf, PrincipalName, Reply, Timestamp, Version};

use crate::endpoints::Find;
use crate::error::{AnyError, plain};
use crate::{bodies, cli, environment, output};

/// Arguments of `docket send`.
#[derive(Debug, clap::Args)]
#[command(
    disable_help_flag = true,
    after_help = "Examples:\n  docket send case intake --help\n  docket send case intake '{\"type\":\"question\",\"subject\":\"Hello\",\"channel\":\"web\",\"impact\":\"low\",\"urgency\":\"low\"}'\n  docket send case assign '{\"caseId\":\"…\",\"agent\":\"ana\"}' --as desk --on-behalf-of ana\n  docket send agent presence '{\"agent\":\"ana\",\"presence\":\"online\"}'\n  docket send case claim '{\"queue\":\"frontline\",\"agent\":\"ana\"}'\n  docket send case close - < close.json --durable\n\nExits with 0 when the command is accepted, with 1 when it is not. Sending it again with the same --id does no harm.\n`docket send case --help` lists the commands, `docket send case intake --help` shows the body of one."
)]
pub struct Args {
    /// What the command is for: case, agent or policy.
    #[arg(required_unless_present = "help")]
    kind: Option<String>,
    /// The verb, such as intake.
    #[arg(required_unless_present = "help")]
    verb: Option<String>,
    /// The body as JSON; `-` reads it from standard input.
    #[arg(value_name = "JSON|-", default_value = "{}")]
    body: String,
    /// Who asks [default: desk, and admin for the policy].
    #[arg(long = "as", value_name = "PRINCIPAL")]
    principal: Option<PrincipalName>,
    /// On whose behalf.
    #[arg(long, value_name = "WHO")]
    on_behalf_of: Option<OnBehalfOf>,
    /// The id of the command [default: a fresh one].
    #[arg(long, value_name = "ID")]
    id: Option<CommandId>,
    /// The version that the case must have.
    #[arg(long, value_name = "VERSION")]
    expect_version: Option<u32>,
    /// When it happened (needs the grant `backdate`).
    #[arg(long, value_name = "TIME")]
    occurred_at: Option<Timestamp>,
    /// Submit it: it is on disk at once, and decided when a command service is up. Prints the outcome.
    #[arg(long)]
    durable: bool,
    /// Print help; after a kind and a verb, what their body takes, with an example.
    #[arg(short, long)]
    help: bool,
    #[command(flatten)]
    find: Find,
}

/// Publishes the command and prints the reply.
pub async fn run(args: Args) -> Result<ExitCode, AnyError> {
    let (kind, verb) = match (args.kind, args.verb) {
        (Some(kind), verb) if args.help => {
            output::say(&bodies::lesson(&kind, verb.as_deref())?);
            return Ok(ExitCode::SUCCESS);
        }
        (Some(kind), Some(verb)) => (kind, verb),
        // Asked for help, or clap would have refused.
        (_, _) => {
            output::say(&cli::help_of("send"));
            return Ok(ExitCode::SUCCESS);
        }
    };
    let is_token =
        |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    if !is_token(&kind) || !is_token(&verb) {
        return Err(plain("a kind and a verb are words, such as `case intake` or `policy publish`"));
    }
    let principal = match args.principal {
        Some(principal) => principal,
        None => PrincipalName::parse(if kind == "policy" { "admin" } else { "desk" })?,
    };
    let body = if args.body == "-" {
        let mut body = Vec::new();
        std::io::stdin().read_to_end(&mut body)?;
        body
    } else {
        args.body.into_bytes()
    };
    let outgoing = Outgoing {
        kind,
        verb,
        id: args.id.unwrap_or_else(environment::fresh_command_id),
        body: body.into(),
        on_behalf_of: args.on_behalf_of,
        expect_version: args.expect_version.map(Version),
        occurred_at: args.occurred_at,
    };
    let bus = args.find.bus(&principal).await?;
    let ask = async {
        if !args.durable {
            return Ok(bus.send(&outgoing).await?);
        }
        bus.submit(&outgoing).await?;
        output::note(&format!("submitted as {}; waiting for the outcome", outgoing.id));
        Ok::<_, AnyError>(bus.outcome(&outgoing.id).await?)
    };
    let reply = bus.connection().unless_refused(ask).await?;
    output::json(&reply)?;
    Ok(match reply {
        Reply::Accepted { .. } => ExitCode::SUCCESS,
        Reply::Rejected { .. } | Reply::Failed { .. } => ExitCode::FAILURE,
    })
}
