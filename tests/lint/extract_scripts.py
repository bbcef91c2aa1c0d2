"""Write each shell script inside the SSM documents of a template to a file of its own, for shellcheck.

Usage: extract_scripts.py TEMPLATE FOLDER
"""

import sys
from pathlib import Path

from samtranslator.yaml_helper import yaml_parse


def shell_scripts(template):
    """Yield (name, text) of every aws:runShellScript step."""
    for logical_id, resource in template["Resources"].items():
        if resource["Type"] != "AWS::SSM::Document":
            continue
        for step in resource["Properties"]["Content"]["mainSteps"]:
            if step["action"] == "aws:runShellScript":
                yield f"{logical_id}.{step['name']}.sh", "\n".join(step["inputs"]["runCommand"])


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    folder = Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    scripts = list(shell_scripts(yaml_parse(Path(sys.argv[1]).read_text())))
    if not scripts:
        sys.exit(f"{sys.argv[1]} has no shell script in an SSM document")
    for name, text in scripts:
        (folder / name).write_text(text)


if __name__ == "__main__":
    main()
