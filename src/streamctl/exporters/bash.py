"""`export bash`: one script that deploys with the aws CLI, and one that takes it all down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamctl.engine.references import references
from streamctl.errors import PluginError
from streamctl.exporters import bash_functions as functions
from streamctl.exporters.aws_cli import command
from streamctl.exporters.bash_functions import head
from streamctl.exporters.holes import pieces
from streamctl.exporters.recording import ANSWER, Call, creation, deletion
from streamctl.exporters.shell_text import Variable, word
from streamctl.resources.dynamodb_table import DynamodbTable
from streamctl.resources.s3_bucket import S3Bucket

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from streamctl.engine.question import Question
    from streamctl.engine.resource import Resource
    from streamctl.pipeline.design import Design

DEPLOY, TEARDOWN = "deploy.sh", "teardown.sh"
MARGIN = "  "
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
    steps = {resource.id: list(creation(resource)) for resource in design.resources}
    told = [resource.readiness() for resource in design.resources]
    sent = [call.parameters for each in steps.values() for step in each for call in step]
    needed = set(references([*sent, *(question.parameters for question in told if question)]))
    blocks = (_making(script, resource, steps[resource.id], needed) for resource in design.resources)
    opening = head(DEPLOY, "Deploys the pipeline", design.name) + functions.WHERE + functions.RETRY
    return _whole(opening + functions.DEPLOYING, blocks, "Deployed")


def _teardown(design: Design) -> str:
    script = _Script(design)
    blocks = (_removing(script, resource) for resource in reversed(design.resources))
    opening = head(TEARDOWN, "Deletes the pipeline and all its data", design.name, asks=True) + functions.WHERE
    emptying = functions.EMPTYING if any(isinstance(each, S3Bucket) for each in design.resources) else ""
    protected = [
        f"refuse_protected {word(script.resolve(each.name))}\n"
        for each in design.resources
        if isinstance(each, DynamodbTable)
    ]
    looking = functions.RETRY + functions.OWNED + functions.PROTECTED + "".join(protected) + functions.ASK
    return _whole(opening + looking + functions.DELETING + emptying, blocks, "Deleted")


def _whole(opening: str, blocks: Iterable[Iterable[str]], done: str) -> str:
    return "\n".join([opening, *("\n".join(block) + "\n" for block in blocks), f'say "{done} $NAME."\n'])


class _Script:
    """Writes calls and questions, their holes as variables."""

    def __init__(self, design: Design) -> None:
        self._design = design
        self._variables: dict[str, tuple[str, str]] = {}

    def resolve(self, text: str) -> Iterator[str | Variable]:
        for piece in pieces(self._design, text, self._told, "A bash script"):
            yield piece if isinstance(piece, str) else Variable(VARIABLES.get(piece) or self.variable(*piece))

    def variable(self, name: str, attribute: str) -> str:
        """Raises PluginError where two things would be in the same."""
        variable = attribute if name == ANSWER else f"{name}_{attribute}"
        if self._variables.setdefault(variable, (name, attribute)) != (name, attribute):
            raise PluginError(
                f"A bash script cannot tell {name}.{attribute} from {'.'.join(self._variables[variable])}.",
                "Choose another id for one of these resources.",
            )
        return variable

    def call(self, call: Call, margin: str = "") -> tuple[list[str], list[str]]:
        """The documents that it sends, and the command."""
        made = command(call.service, call.operation, call.parameters, self.resolve)
        if not call.taken:
            return made.documents, [made.text("send ", margin)]
        names = [self.variable(ANSWER, attribute) for attribute in call.taken]
        path = ", ".join(call.taken.values())
        made.lines.extend([f"--query {word([f'[{path}]' if len(names) > 1 else path])}", "--output text)"])
        if len(names) == 1:
            return made.documents, [made.text(f"{names[0]}=$(retry ", margin)]
        told = f"IFS=$'\\t' read -r {' '.join(names)} <<<\"$told\""
        return made.documents, [made.text("told=$(retry ", margin), margin + told]

    def question(self, question: Question) -> str:
        made = command(question.service, question.operation, question.parameters, self.resolve)
        return " ".join([*made.lines, f"--query {word(self.resolve(question.path))} --output text"])

    def title(self, resource: Resource) -> str:
        kind = resource.kind.replace("_", " ")
        return f"# {resource.id}: {kind}\nsay {word(self.resolve(resource.name))}"

    def _told(self, name: str, attribute: str) -> bool:
        if (name, attribute) in VARIABLES or name == ANSWER:
            return True
        resource = self._design.graph.resources.get(name)
        return resource is not None and attribute in resource.questions()


def _making(
    script: _Script, resource: Resource, steps: Sequence[Sequence[Call]], needed: set[tuple[str, str]]
) -> Iterator[str]:
    """The calls, and between them what others need of the answers, and what AWS has to be ready with."""
    questions, ready = resource.questions(), resource.readiness()
    wait = []
    if ready:
        wait = [f"ready {word([ready.wanted])} {resource.timeout_seconds:.0f} {script.question(ready)}"]
    yield script.title(resource)
    for number, step in enumerate(steps):
        for call in step:
            documents, lines = script.call(call)
            yield from [*documents, *lines]
        if number == 0:
            for attribute, question in questions.items():
                if (resource.id, attribute) in needed:
                    yield f"{script.variable(resource.id, attribute)}=$(learn {script.question(question)})"
        yield from wait


def _removing(script: _Script, resource: Resource) -> Iterator[str]:
    """The calls, where the thing is there: AWS knows it by what it tells, or by its name."""
    calls, questions, ready = deletion(resource), resource.questions(), resource.readiness()
    own = {attribute for name, attribute in references([call.parameters for call in calls]) if name == resource.id}
    asked = [attribute for attribute in questions if attribute in own]
    margin = MARGIN if asked else ""
    documents, lines = [], []
    for call in calls:
        if (call.service, call.operation) == ("s3", "delete_bucket"):
            lines.append(f"{margin}empty {word(script.resolve(call.parameters['Bucket']))}")
        more, command_lines = script.call(call, margin)
        documents += more
        lines += command_lines
    if ready:
        lines.append(f"{margin}gone {resource.timeout_seconds:.0f} {script.question(ready)}")
    yield script.title(resource)
    for attribute in asked:
        yield f"{script.variable(resource.id, attribute)}=$(ask {script.question(questions[attribute])})"
    yield from documents
    if asked:
        lines = [f"if [[ ${script.variable(resource.id, asked[0])} ]]; then", *lines, "fi"]
    yield from lines


def _readme(design: Design) -> str:
    name = design.name or "NAME"
    return f"""\
# The pipeline as bash scripts

They need bash and the AWS CLI, version 1 or 2, signed in, and a region (`AWS_REGION`). The commands are the very
calls that `streamctl up` and `down` make, but for `aws s3 mb` and the emptying of a bucket. Not tried on AWS itself,
nor with version 2 of the CLI: on the emulator, what `{DEPLOY}` makes is in every setting what `streamctl up` makes.

```console
./{DEPLOY} {name}
./{TEARDOWN} {name}
```

`{DEPLOY}` makes a new pipeline and changes none: where the pipeline is there, it stops with AWS's refusal. One that
broke off is taken down with `{TEARDOWN}`, and deployed anew; `{TEARDOWN}` can be run as often as you like. It refuses a
pipeline that `streamctl up` made. SQS takes up to a minute to delete a queue, and refuses its name for a minute after
that; `{DEPLOY}` waits so long.

`{TEARDOWN}` asks first, as it deletes the data, too. A KMS key is not deleted at once: it waits 7 days, in which it
can be saved; where `{TEARDOWN}` breaks off between the key's alias and the key, only the key's tag still tells of it.
A role to which somebody attached more policies stays, and the script says so; where a table is protected against
deletion, it deletes nothing.
`code/` holds the zips and, beside each, its source; `sha256sum -c SHA256SUMS` tells whether they are whole.
"""
