"""Something that happens to a command at one moment: when it imports a module, or sends something for the n-th time."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..shell import TIMEOUT_SECONDS, Said

if TYPE_CHECKING:
    from ..shell import Shell

# Runs in the command's own process before anything of streamctl; Python tells the hook what happens.
PRELUDE = """
import json, os, runpy, signal, sys

sys.dont_write_bytecode = True  # a full disk leaves half a file, and other commands read it
signal.signal(signal.SIGINT, signal.default_int_handler)
event, name, count, what = json.loads(sys.argv[1])
sys.argv[:] = ["streamctl", *sys.argv[2:]]

def happen():
    if what == "Ctrl-C":
        os.kill(os.getpid(), signal.SIGINT)
    else:
        import resource
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))

def hook(found, arguments):
    global count
    if found == event and (name is None or arguments[0] == name):
        count -= 1
        if count == 0:
            happen()

sys.addaudithook(hook)
runpy.run_module("streamctl", run_name="__main__", alter_sys=True)
"""


@dataclass(frozen=True)
class Moment:
    """The `count`-th time that the interpreter reports `event`, of `name` where one is given."""

    event: str
    name: str | None = None
    count: int = 1

    def __str__(self) -> str:
        return f"import of {self.name}" if self.name else f"send {self.count}"


def importing(module: str) -> Moment:
    return Moment("import", module)


def sending(number: int) -> Moment:
    """Most requests are sent in two pieces: what stands in front, and the body."""
    return Moment("http.client.send", None, number)


def run(shell: Shell, what: str, moment: Moment, *arguments: str) -> Said:
    """Type a command that meets "Ctrl-C" or "full disk" at that moment."""
    told = json.dumps([moment.event, moment.name, moment.count, what])
    done = subprocess.run(
        [sys.executable, "-c", PRELUDE, told, *arguments],
        cwd=shell.folder,
        env=shell.variables(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=TIMEOUT_SECONDS,
        check=False,
    )
    said = Said(done.returncode, done.stdout, done.stderr)
    assert "Traceback" not in said.out + said.err, said.err
    return said
