//! A copy of the workspace below `target/`, with bugs planted in it. It shares the target directory: no dependency is
//! built again.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::bugs::Bug;

/// What the copy's crates ask whether a bug is switched on.
const SWITCH: &str = "
/// Whether this bug is switched on.
pub(crate) fn planted(name: &str) -> bool {
    std::env::var(\"ADSTEWARD_PLANTED\").is_ok_and(|switched_on| switched_on == name)
}
";

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn target() -> PathBuf {
    std::env::current_exe().unwrap().ancestors().nth(3).unwrap().to_owned()
}

pub(crate) fn root() -> PathBuf {
    target().join("planted/workspace")
}

/// Replaces a piece of source; `PLANTED` in the replacement becomes the switch.
pub(crate) fn plant(source: &str, piece: &str, with: &str, name: &str) -> Result<String, String> {
    match source.matches(piece).count() {
        1 => Ok(source.replace(piece, &with.replace("PLANTED", &format!("crate::planted({name:?})")))),
        count => Err(format!("{name}: the piece is there {count} times, not once: {piece}")),
    }
}

/// Copies, plants and builds; the copy's test binary of each package.
pub(crate) fn build(bugs: &[&Bug]) -> BTreeMap<String, PathBuf> {
    let planted = planted_sources(bugs);
    if root().exists() {
        fs::remove_dir_all(root()).unwrap();
    }
    for file in ["Cargo.toml", "Cargo.lock", "README.md", "RUNBOOK.md", "template.yaml", "tests/Cargo.toml"] {
        write(Path::new(file), &fs::read(workspace().join(file)).unwrap());
    }
    for folder in ["crates", "stacks", "tests/it", "tests/fixtures"] {
        copy_folder(Path::new(folder));
    }
    for (file, source) in planted {
        write(Path::new(&file), source.as_bytes());
    }
    compile(&bugs.iter().map(|bug| bug.noticed_by().0).collect())
}

fn planted_sources(bugs: &[&Bug]) -> BTreeMap<String, String> {
    let mut sources: BTreeMap<String, String> = BTreeMap::new();
    let read = |file: &str| fs::read_to_string(workspace().join(file)).unwrap();
    for bug in bugs {
        let file = format!("crates/{}/src/{}", bug.package, bug.file);
        let source = sources.entry(file.clone()).or_insert_with(|| read(&file));
        *source = plant(source, bug.piece, bug.with, bug.name).unwrap();
        let lib = format!("crates/{}/src/lib.rs", bug.package);
        sources.entry(lib.clone()).or_insert_with(|| read(&lib) + SWITCH);
    }
    sources
}

fn copy_folder(folder: &Path) {
    for entry in fs::read_dir(workspace().join(folder)).unwrap() {
        let entry = entry.unwrap();
        let path = folder.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&path);
        } else {
            write(&path, &fs::read(entry.path()).unwrap());
        }
    }
}

fn write(file: &Path, content: &[u8]) {
    let path = root().join(file);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

/// A bug that does not compile proves nothing, so that is an error.
fn compile(packages: &BTreeSet<&str>) -> BTreeMap<String, PathBuf> {
    let output = Command::new(env!("CARGO"))
        .args(["test", "--locked", "--lib", "--no-run", "--message-format=json"])
        .args(packages.iter().map(|package| format!("--package={package}")))
        .env("CARGO_TARGET_DIR", target())
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "the copy does not compile: {}", problems(&output.stdout));
    let messages = String::from_utf8_lossy(&output.stdout).into_owned();
    let built = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let tests = built.filter_map(|message| {
        let library = message["target"]["name"].as_str()?.replace('_', "-");
        Some((library, PathBuf::from(message["executable"].as_str()?)))
    });
    tests.collect()
}

fn problems(messages: &[u8]) -> String {
    let messages = String::from_utf8_lossy(messages).into_owned();
    let messages = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    messages.filter_map(|message| message["message"]["rendered"].as_str().map(str::to_owned)).collect()
}
