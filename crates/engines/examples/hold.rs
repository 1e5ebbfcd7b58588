//! Starts both engines on a data folder and holds them until Ctrl-C.
//!
//! `cargo run -p docket-engines --example hold -- <data> [<cache>]`

use std::error::Error;
use std::io::Write;
use std::time::Instant;

use docket_engines::{EngineOptions, Engines};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let mut options = EngineOptions::new(arguments.next().ok_or("which data folder?")?);
    options.cache = arguments.next().map(Into::into);
    let began = Instant::now();
    let mut engines = Engines::start(&options, &|line| say(line)).await?;
    say(&format!("ready after {} ms", began.elapsed().as_millis()));
    say(&format!("{} (pid {:?})", engines.nats.url(), engines.nats.pid()));
    say(&format!("{} (pid {:?})", engines.postgres.url(), engines.postgres.pid()));
    tokio::select! {
        ended = engines.exited() => {
            let (engine, status) = ended?;
            say(&format!("{engine} ended by itself ({status})"));
        }
        asked = tokio::signal::ctrl_c() => asked?,
    }
    let began = Instant::now();
    engines.stop().await?;
    say(&format!("stopped after {} ms", began.elapsed().as_millis()));
    Ok(())
}

fn say(line: &str) {
    // Nobody may be reading any more.
    let _ = writeln!(std::io::stdout(), "{line}");
}
