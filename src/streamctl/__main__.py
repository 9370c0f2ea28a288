"""The program from the outside: `streamctl` and `python -m streamctl` begin here, and Ctrl-C ends here.

Next to nothing is imported before somebody listens for Ctrl-C. A lone `--version` is answered here, before the command
line is imported, which would take four times as long; anywhere else the option is the command line's own.
"""

import signal
import sys

from streamctl import __version__
from streamctl.errors import INTERRUPTED


def main() -> None:
    """Run the command line and exit."""
    try:
        code = _answer(sys.argv[1:])
    except KeyboardInterrupt:  # while importing, or while the end was being told
        sys.stderr.write("\nInterrupted.\n")
        code = INTERRUPTED
    if code == INTERRUPTED:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # a second one ends what is still waited for, without a word
        # CPython remembers a Ctrl-C in any text it executes, such as the making of a dataclass, and would end with a
        # signal instead of the code; the next text makes it forget.
        eval("None")  # noqa: S307
    sys.exit(code)


def _answer(arguments: list[str]) -> int:
    if arguments == ["--version"]:
        print(f"streamctl {__version__}")  # noqa: T201
        return 0
    from streamctl.cli.app import run

    return run(arguments)


if __name__ == "__main__":
    main()
