//! The database cluster: made once, in one step, with our role and database in it.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::error::{EngineError, file};
use crate::home::Home;
use crate::run;
use crate::secret::{self, Secret};
use crate::version::Version;

/// How long making the cluster may take on a slow disk.
const INIT_LIMIT: Duration = Duration::from_mins(5);
/// The first version with a locale provider that depends on nothing outside.
const BUILTIN_LOCALES: u32 = 17;

/// How the folder is called in which a cluster is being made.
const MAKING: &str = "making-";

/// Who only reads makes nothing that takes room: no large objects, which need no right to write anything else, and
/// nothing in other databases. (Temporary tables are the owner's of the database to forbid, when analysts get their
/// login.)
const NOTHING_OF_THEIR_OWN: [&str; 5] = [
    "REVOKE CONNECT ON DATABASE postgres FROM PUBLIC",
    "REVOKE CONNECT ON DATABASE template1 FROM PUBLIC",
    "REVOKE EXECUTE ON FUNCTION lo_create(oid) FROM PUBLIC",
    "REVOKE EXECUTE ON FUNCTION lo_creat(integer) FROM PUBLIC",
    "REVOKE EXECUTE ON FUNCTION lo_from_bytea(oid, bytea) FROM PUBLIC",
];

/// The owner of the read models ends what readers have run for too long, and so sees since when they do.
const RIGHTS: &str = "GRANT pg_signal_backend, pg_read_all_stats TO docket";
/// A file beside a cluster whose role `docket` has these rights.
const GRANTED: &str = "docket.rights";

/// What is needed to make, look into and run a cluster.
pub(crate) struct Cluster<'a> {
    pub(crate) bin: &'a Path,
    pub(crate) version: Version,
    pub(crate) home: &'a Home,
}

impl Cluster<'_> {
    /// `PostgreSQL`'s own folder.
    pub(crate) fn dir(&self) -> PathBuf {
        self.home.dir.join("cluster")
    }

    /// Makes the cluster if there is none, and returns the password of the role
    /// `docket`, which is kept in the data folder.
    pub(crate) async fn ensure(&self, data: &Path) -> Result<String, EngineError> {
        let role = secret::keep(&data.join("docket.password"))?;
        let made_by = self.dir().join("PG_VERSION");
        match fs::read_to_string(&made_by) {
            Ok(found) => self.check_version(found.trim())?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let superuser = secret::keep(&data.join("postgres.password"))?;
                self.make(&superuser, &role).await?;
                self.grant().await?;
                return Ok(role.text);
            }
            Err(error) => return Err(file("read", &made_by)(error)),
        }
        if role.fresh {
            // Its file was lost, so the role gets a new one.
            let change = format!("ALTER ROLE docket PASSWORD '{}'", role.text);
            self.sql(&self.dir(), "postgres", &[&change]).await?;
        }
        self.grant().await?;
        Ok(role.text)
    }

    /// Gives the role `docket` its rights, also in a cluster that was made before it had them.
    async fn grant(&self) -> Result<(), EngineError> {
        let granted = self.home.dir.join(GRANTED);
        if fs::read(&granted).is_ok_and(|rights| rights == RIGHTS.as_bytes()) {
            return Ok(());
        }
        self.sql(&self.dir(), "postgres", &[RIGHTS]).await?;
        fs::write(&granted, RIGHTS).map_err(file("write", &granted))
    }

    fn check_version(&self, made_by: &str) -> Result<(), EngineError> {
        if made_by == self.version.0.to_string() {
            return Ok(());
        }
        Err(EngineError::DataVersion {
            cluster: self.dir(),
            made_by: made_by.to_owned(),
            program: self.bin.join("postgres"),
            binary: self.version.0,
        })
    }

    /// Works on a folder aside and moves it into place when it is complete, so
    /// that a crash at any point means starting over, never half a cluster.
    async fn make(&self, superuser: &Secret, role: &Secret) -> Result<(), EngineError> {
        let home = &self.home.dir;
        sweep(home);
        // A new name each time: an initdb whose owner was killed may still be busy.
        let making = tempfile::Builder::new().prefix(MAKING).tempdir_in(home);
        let making = making.map_err(file("create a folder in", home))?;
        let aside = making.path().join("cluster");
        self.initdb(making.path(), &aside, superuser).await?;
        let config = aside.join("postgresql.conf");
        let mut appended = fs::OpenOptions::new().append(true).open(&config).map_err(file("open", &config))?;
        writeln!(appended, "\ninclude_if_exists = 'docket.conf'").map_err(file("write", &config))?;
        drop(appended);
        let role = format!("CREATE ROLE docket LOGIN CREATEROLE CREATEDB PASSWORD '{}'", role.text);
        self.sql(&aside, "postgres", &[&role, "CREATE DATABASE docket OWNER docket"]).await?;
        self.sql(&aside, "docket", &NOTHING_OF_THEIR_OWN).await?;
        fs::rename(&aside, self.dir()).map_err(file("move into place", &aside))?;
        let synced = fs::File::open(home).and_then(|dir| dir.sync_all());
        synced.map_err(file("sync", home))
    }

    async fn initdb(&self, making: &Path, aside: &Path, superuser: &Secret) -> Result<(), EngineError> {
        // A file, because the command line is public; it goes with its folder.
        let password = making.join("password");
        fs::write(&password, &superuser.text).map_err(file("write", &password))?;
        let user = self.home.user.as_ref();
        if let Some(user) = user {
            user.give(making)?;
            user.give(&password)?;
        }
        let mut initdb = run::command(self.bin.join("initdb"), user);
        initdb.arg("-D").arg(aside).arg("--pwfile").arg(&password);
        initdb.args(["--username=postgres", "--auth=scram-sha-256", "--data-checksums"]);
        initdb.args(["--encoding=UTF8", "--locale=C"]);
        if self.version.0 >= BUILTIN_LOCALES {
            initdb.args(["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]);
        }
        run::output(&mut initdb, None, INIT_LIMIT).await.map(drop)
    }

    /// Runs statements in a database without a server: no port, no password, nobody else in.
    async fn sql(&self, cluster: &Path, database: &str, statements: &[&str]) -> Result<(), EngineError> {
        let mut single = run::command(self.bin.join("postgres"), self.home.user.as_ref());
        single.args(["--single", "-j", "-D"]).arg(cluster);
        // Without this, it would report success. The statement may hold a
        // password, so it is not shown when it fails.
        single.args(["-c", "exit_on_error=on", "-c", "log_min_error_statement=panic", database]);
        // In this mode a statement ends with a semicolon and an empty line.
        let input = format!("{};\n\n", statements.join(";\n\n"));
        run::output(&mut single, Some(&input), INIT_LIMIT).await.map(drop)
    }
}

/// Removes what an interrupted attempt left behind, as far as it can.
fn sweep(home: &Path) {
    let Ok(entries) = fs::read_dir(home) else { return };
    for entry in entries.flatten() {
        if entry.file_name().to_string_lossy().starts_with(MAKING) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}
