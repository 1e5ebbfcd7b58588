//! Both engines at once.

use std::process::ExitStatus;

use crate::error::{Engine, EngineError};
use crate::locate::{Binaries, locate};
use crate::nats::Nats;
use crate::options::{EngineOptions, Report};
use crate::postgres::Postgres;

/// Both engines, running on one data folder.
#[derive(Debug)]
pub struct Engines {
    /// The message server.
    pub nats: Nats,
    /// The database server.
    pub postgres: Postgres,
}

impl Engines {
    /// Finds or installs the binaries and starts both engines at the same time.
    ///
    /// # Errors
    ///
    /// When either cannot be found or started; the other one is then stopped.
    pub async fn start(options: &EngineOptions, report: Report<'_>) -> Result<Self, EngineError> {
        let binaries = locate(options, report).await?;
        Self::start_with(&binaries, options, report).await
    }

    /// Starts both engines at the same time from binaries found before.
    ///
    /// # Errors
    ///
    /// When either cannot be started; the other one is then stopped.
    pub async fn start_with(
        binaries: &Binaries,
        options: &EngineOptions,
        report: Report<'_>,
    ) -> Result<Self, EngineError> {
        let (nats, postgres) = (options.nats(), options.postgres());
        match tokio::join!(Nats::start_with(binaries, &nats, report), Postgres::start_with(binaries, &postgres, report))
        {
            (Ok(nats), Ok(postgres)) => Ok(Self { nats, postgres }),
            (Ok(mut nats), Err(error)) => {
                // The error to tell is why the other one did not start.
                let _ = nats.stop().await;
                Err(error)
            }
            (Err(error), Ok(mut postgres)) => {
                let _ = postgres.stop().await;
                Err(error)
            }
            (Err(error), Err(_)) => Err(error),
        }
    }

    /// Waits until one of the engines ends by itself. May be cancelled at any time.
    ///
    /// # Errors
    ///
    /// When one was already stopped through its handle.
    pub async fn exited(&mut self) -> Result<(Engine, ExitStatus), EngineError> {
        tokio::select! {
            status = self.nats.exited() => Ok((Engine::Nats, status?)),
            status = self.postgres.exited() => Ok((Engine::Postgres, status?)),
        }
    }

    /// Starts an engine again that has ended by itself, on the same port and data.
    ///
    /// # Errors
    ///
    /// As for [`Nats::start`] and [`Postgres::start`].
    pub async fn restart(&mut self, engine: Engine) -> Result<(), EngineError> {
        match engine {
            Engine::Nats => self.nats.restart().await,
            Engine::Postgres => self.postgres.restart().await,
        }
    }

    /// Stops both engines cleanly and waits until they are gone.
    ///
    /// # Errors
    ///
    /// When one of them does not end even when killed.
    pub async fn stop(&mut self) -> Result<(), EngineError> {
        let (nats, postgres) = tokio::join!(self.nats.stop(), self.postgres.stop());
        nats.and(postgres)
    }
}
