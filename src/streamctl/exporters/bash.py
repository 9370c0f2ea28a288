"""`export bash`: one script that deploys with the aws CLI, and one that takes it all down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamctl.engine.references import references
from streamctl.exporters import bash_functions as functions
from streamctl.exporters.aws_cli import command
from streamctl.exporters.holes import pieces
from streamctl.exporters.recording import ANSWER, Call, creation, deletion
from streamctl.exporters.shell_text import Variable, word

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamctl.engine.question import Question
    from streamctl.engine.resource import Resource
    from streamctl.pipeline.design import Design

DEPLOY, TEARDOWN = "deploy.sh", "teardown.sh"
VARIABLES = {
    ("pipeline", "name"): "NAME",
    ("aws", "account"): "ACCOUNT",
    ("aws", "partition"): "PARTITION",
    ("aws", "region"): "REGION",
}


class Bash:
    """Two bash scripts of aws CLI commands: the calls that `up` and `down` make, in their order."""

    def export(self, design: Design) -> dict[str, str]:
        return {DEPLOY: _deploy(design), TEARDOWN: _teardown(design), "README.md": _readme(design)}


def _deploy(design: Design) -> str:
    script = _Script(design)
    needed = {hole for each in design.resources for hole in references(_sent(each))}
    blocks = ["\n".join(_making(script, resource, needed)) for resource in design.resources]
    head = [_usage(design, DEPLOY, "Deploys the pipeline"), functions.WHERE, functions.RETRY, functions.DEPLOYING]
    return "".join(head) + "\n" + "\n\n".join(blocks) + '\n\nsay "Deployed $NAME."\n'


def _teardown(design: Design) -> str:
    script = _Script(design)
    blocks = ["\n".join(_removing(script, resource)) for resource in reversed(design.resources)]
    empty = (
        functions.EMPTYING if any(each.startswith("empty ") for block in blocks for each in block.split("\n")) else ""
    )
    usage = _usage(design, TEARDOWN, "Deletes the pipeline and all its data", yes=True)
    head = [usage, functions.WHERE, _ASK, functions.RETRY, functions.DELETING, empty]
    return "".join(head) + "\n" + "\n\n".join(blocks) + '\n\nsay "Deleted $NAME."\n'


class _Script:
    """Writes calls and questions, their holes as variables."""

    def __init__(self, design: Design) -> None:
        self._design = design

    def resolve(self, text: str) -> Iterator[str | Variable]:
        for piece in pieces(self._design, text, self._told, "A bash script"):
            yield piece if isinstance(piece, str) else Variable(VARIABLES.get(piece, _variable(*piece)))

    def call(self, call: Call) -> str:
        made = command(call.service, call.operation, call.parameters, self.resolve)
        if not call.taken:
            return made.text("send ")
        ((attribute, path),) = call.taken.items()
        made.lines.extend([f"--query {word([path])}", "--output text)"])
        return made.text(f"{attribute}=$(retry ")

    def question(self, question: Question) -> str:
        made = command(question.service, question.operation, question.parameters, self.resolve)
        return " ".join([*made.lines, f"--query {word(self.resolve(question.path))} --output text"])

    def _told(self, name: str, attribute: str) -> bool:
        if (name, attribute) in VARIABLES or name == ANSWER:
            return True
        resource = self._design.graph.resources.get(name)
        return resource is not None and attribute in resource.questions()


def _variable(name: str, attribute: str) -> str:
    return attribute if name == ANSWER else f"{name}_{attribute}"


def _sent(resource: Resource) -> list[object]:
    """All that a deployment says of it, questions included."""
    ready = resource.readiness()
    return [*(call.parameters for step in creation(resource) for call in step), ready.parameters if ready else None]


def _making(script: _Script, resource: Resource, needed: set[tuple[str, str]]) -> Iterator[str]:
    title = _title(script, resource)
    yield f"# {resource.id}: {resource.kind.replace('_', ' ')}\nsay {title}"
    ready, questions = resource.readiness(), resource.questions()
    for number, step in enumerate(creation(resource)):
        yield from map(script.call, step)
        if number == 0:
            for attribute in sorted(attribute for name, attribute in needed if name == resource.id):
                if attribute in questions:
                    yield f"{resource.id}_{attribute}=$(retry {script.question(questions[attribute])})"
        if ready:
            yield f"ready {word([ready.wanted])} {resource.timeout_seconds:.0f} {script.question(ready)}"


def _removing(script: _Script, resource: Resource) -> Iterator[str]:
    calls, questions, ready = deletion(resource), resource.questions(), resource.readiness()
    yield f"# {resource.id}: {resource.kind.replace('_', ' ')}\nsay {_title(script, resource)}"
    own = sorted(
        {attribute for name, attribute in references([call.parameters for call in calls]) if name == resource.id}
    )
    asked = [attribute for attribute in own if attribute in questions]
    for attribute in asked:
        yield f"{resource.id}_{attribute}=$(ask {script.question(questions[attribute])})"
    lines = [line for call in calls for line in _deleting(script, call)]
    if ready:
        lines.append(f"gone {resource.timeout_seconds:.0f} {script.question(ready)}")
    if asked:
        yield f"if [[ ${resource.id}_{asked[0]} ]]; then"
        yield from (f"  {line}".replace("\n", "\n  ") for line in lines)
        yield "fi"
    else:
        yield from lines


def _deleting(script: _Script, call: Call) -> Iterator[str]:
    if (call.service, call.operation) == ("s3", "delete_bucket"):
        yield f"empty {word(script.resolve(call.parameters['Bucket']))}"
    yield script.call(call)


def _title(script: _Script, resource: Resource) -> str:
    return word(script.resolve(resource.name))


def _usage(design: Design, script: str, does: str, *, yes: bool = False) -> str:
    name = f"[NAME]    NAME is {design.name} unless another is given." if design.name else "NAME"
    default = f"NAME={design.name or ''}"
    options = " [--yes]" if yes else ""
    asks = "\nAsks before it deletes, unless --yes is given." if yes else ""
    case = "    --yes) YES=yes ;;\n" if yes else ""
    return f"""\
#!/usr/bin/env bash
# {does}, with the AWS CLI. Usage: ./{script} --help
{functions.HEAD}
{default}
{"YES=" + chr(10) if yes else ""}for argument; do
  case $argument in
    -h | --help)
      cat <<'USAGE'
Usage: ./{script}{options} {name}

{does}, in the account that the AWS CLI is signed in to and the region of
AWS_REGION, AWS_DEFAULT_REGION or its profile.{asks}
USAGE
      exit
      ;;
{case}    -*) fail "There is no option $argument. See: ./{script} --help" ;;
    *) NAME=$argument ;;
  esac
done
"""


_ASK = """
if [[ ! $YES ]]; then
  read -r -p "Delete $NAME in $REGION of account $ACCOUNT, with all its data? Type the name: " answer
  [[ $answer == "$NAME" ]] || fail "Nothing was deleted."
fi
"""


def _readme(design: Design) -> str:
    name = design.name or "NAME"
    return f"""\
# The pipeline as bash scripts

They need bash and the AWS CLI, version 1 or 2, signed in, and a region (`AWS_REGION`). The commands are the very calls
that `streamctl up` and `down` make. Not tried on AWS itself, nor with version 2 of the CLI: on the emulator, what
`{DEPLOY}` makes is in every setting what `streamctl up` makes.

```console
./{DEPLOY} {name}
./{TEARDOWN} {name}
```

`{DEPLOY}` makes a new pipeline and changes none: where the pipeline is there, it stops with AWS's refusal. One that broke
off is taken down with `{TEARDOWN}`, and deployed anew; `{TEARDOWN}` can be run as often as you like. SQS takes up to a
minute to delete a queue, and refuses its name for a minute after that; `{DEPLOY}` waits so long.

`{TEARDOWN}` asks first, as it deletes the data, too. A KMS key is not deleted at once: it waits 7 days, in which it can
be saved. A role to which somebody attached more policies, or a table with deletion protection, stays, and the script
says so. `code/` holds the zips and, beside each, its source; `sha256sum -c SHA256SUMS` tells whether they are whole.
"""
