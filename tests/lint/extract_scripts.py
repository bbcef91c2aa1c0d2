"""Write each shell script inside the SSM documents of templates to a file of its own, for the linters of scripts."""

import shutil

from samtranslator.yaml_helper import yaml_parse


def shell_scripts(template):
    """Yield (name, text) of every aws:runShellScript step."""
    for logical_id, resource in template["Resources"].items():
        if resource["Type"] != "AWS::SSM::Document":
            continue
        for step in resource["Properties"]["Content"]["mainSteps"]:
            if step["action"] == "aws:runShellScript":
                yield f"{logical_id}.{step['name']}.sh", "\n".join(step["inputs"]["runCommand"])


def write_scripts(templates, folder):
    """Write the scripts of all templates into a fresh folder; their paths."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    paths = []
    for template in templates:
        found = list(shell_scripts(yaml_parse(template.read_text())))
        if not found:
            raise SystemExit(f"{template} has no shell script in an SSM document")
        for name, text in found:
            paths.append(folder / name)
            paths[-1].write_text(text)
    return paths
