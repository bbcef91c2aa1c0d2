//! A host that is a folder: the script runs in it with stubs for the distribution's tools, which note how they are called.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use regex::Regex;
use serde_json::Value;

use super::document::{Document, Values};
use crate::template::{read, root};

pub(crate) const DISTRIBUTIONS: [&str; 8] = [
    "amazon-linux-2",
    "amazon-linux-2023",
    "rhel-9",
    "rocky-8",
    "debian-12",
    "ubuntu-24.04",
    "sles-15",
    "opensuse-leap-15",
];

/// What the script uses of every Linux host, taken from this one.
const REAL: [&str; 26] = [
    "awk", "base64", "bash", "cat", "chmod", "cp", "cut", "flock", "grep", "ln", "mkdir", "mv", "openssl",
    "readlink", "rm", "sed", "sh", "shred", "sleep", "sort", "tail", "timeout", "touch", "tr", "true", "env",
];
/// Stubs that every host has.
const COMMON: [&str; 4] = ["chown", "id", "stat", "uname"];

#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) answer: Value,
    pub(crate) stderr: String,
}

impl Ended {
    pub(crate) fn word(&self) -> &str {
        let name = if self.answer["outcome"] == "failed" { "reason" } else { "outcome" };
        self.answer[name].as_str().unwrap_or_else(|| panic!("{self:?}"))
    }
}

pub(crate) struct Sandbox {
    pub(crate) root: PathBuf,
    document: Document,
}

impl Sandbox {
    /// A fresh host of a distribution.
    pub(crate) fn new(test: &str, distribution: &str) -> Self {
        let root = root().join("target/join").join(format!("{test}-{distribution}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&root);
        let sandbox = Self { root, document: Document::read() };
        for folder in ["bin", "state/active", "etc/pam.d", "etc/cloud/cloud.cfg.d", "run/systemd/system"] {
            fs::create_dir_all(sandbox.root.join(folder)).unwrap();
        }
        sandbox.write("state/name", "ip-10-0-0-7\n");
        sandbox.write("etc/hostname", "ip-10-0-0-7\n");
        sandbox.write("etc/hosts", "127.0.0.1 localhost\n");
        sandbox.write("etc/resolv.conf", "nameserver 10.0.0.2\nsearch eu-west-1.compute.internal\n");
        sandbox.write(
            "etc/nsswitch.conf",
            "passwd:     files systemd\ngroup:      files systemd\nhosts: files dns\n",
        );
        sandbox.write("etc/os-release", &section(distribution, "os-release"));
        sandbox.write("state/packages", &section(distribution, "packages"));
        sandbox.write("state/tools.sh", &read("tests/fixtures/join_document/tools.sh"));
        fs::set_permissions(
            sandbox.root.join("state/tools.sh"),
            std::os::unix::fs::PermissionsExt::from_mode(0o755),
        )
        .unwrap();
        for tool in REAL {
            symlink(which(tool), sandbox.root.join("bin").join(tool)).unwrap();
        }
        for tool in section(distribution, "image").split_whitespace().chain(COMMON) {
            sandbox.stub(tool);
        }
        sandbox
    }

    /// Runs the script with the values as Systems Manager would put them in.
    pub(crate) fn run(&self, given: &[(&str, &str)]) -> Ended {
        self.run_with(&self.document.values(given))
    }

    pub(crate) fn run_with(&self, values: &Values) -> Ended {
        let script = self.localized(&self.document.script);
        self.write("state/script.sh", &Document::interpolated(&script, values));
        let output = Command::new("bash")
            .arg(self.root.join("state/script.sh"))
            .current_dir(self.root.join("state"))
            .env_clear()
            .env("SANDBOX", &self.root)
            .output()
            .unwrap();
        let stdout = String::from_utf8(output.stdout).unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        let code = output.status.code().unwrap();
        assert_eq!(stdout.lines().count(), usize::from(code != 194), "{code}: {stdout:?} {stderr}");
        Ended { code, answer: serde_json::from_str(&stdout).unwrap_or_default(), stderr }
    }

    /// The script with this folder as the root.
    fn localized(&self, script: &str) -> String {
        let root = self.root.to_str().unwrap();
        let path = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
        assert_eq!(script.matches(path).count(), 1);
        let script = script.replace(path, &format!("PATH={root}/bin"));
        let absolute = Regex::new(r#"([\s"'(<>=])/(etc|run|var|usr|lib|proc)\b"#).unwrap();
        absolute.replace_all(&script, format!("${{1}}{root}/${{2}}")).into_owned()
    }

    pub(crate) fn stub(&self, tool: &str) {
        let _ = fs::remove_file(self.root.join("bin").join(tool));
        symlink(self.root.join("state/tools.sh"), self.root.join("bin").join(tool)).unwrap();
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// A file's text; nothing where there is none.
    pub(crate) fn text(&self, path: &str) -> String {
        fs::read_to_string(self.root.join(path)).unwrap_or_default()
    }

    /// How the stubs were called since this was asked last.
    pub(crate) fn calls(&self) -> Vec<String> {
        let calls = self.text("state/calls");
        self.write("state/calls", "");
        let shown = calls
            .lines()
            .filter(|call| !["chown", "stat", "uname"].contains(&call.split(' ').next().unwrap()));
        shown.map(str::to_owned).collect()
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let _ = fs::remove_dir_all(&self.root);
        }
    }
}

/// A section of a distribution's file.
pub(crate) fn section(distribution: &str, name: &str) -> String {
    let text = read(format!("tests/fixtures/join_document/{distribution}.txt"));
    let (_, rest) = text.split_once(&format!("[{name}]\n")).unwrap();
    rest.split_inclusive('\n').take_while(|line| !line.starts_with('[')).collect()
}

fn which(tool: &str) -> PathBuf {
    let folders = ["/usr/bin", "/bin", "/usr/sbin", "/sbin"];
    let found = folders.iter().map(|folder| Path::new(folder).join(tool)).find(|path| path.exists());
    found.unwrap_or_else(|| panic!("this host has no {tool}"))
}
