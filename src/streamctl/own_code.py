"""Python files of the user's own: a function in one of them, loaded, and what it raises, told with its line.

Repairs of `replay` and generators of `produce` run here; a processor does not: it is shipped, and tried in a process of
its own.
"""

from __future__ import annotations

import sys
import traceback
from contextlib import contextmanager, redirect_stdout
from types import ModuleType
from typing import TYPE_CHECKING, Any

from streamctl.errors import PluginError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


def load(path: Path, name: str, *, signature: str, named_by: str) -> Callable[..., Any]:
    """The function `name` of a file; nothing is left beside it. What the file prints goes to stderr.

    Raises UsageError where there is no such file, PluginError for what is in it.
    """
    hint = f"It needs: {signature}"
    if not path.is_file():
        raise UsageError(f"There is no file {path}.", f"{named_by} takes a Python file. {hint}")
    module = ModuleType(f"streamctl_{name}")
    module.__file__ = str(path)
    sys.modules[module.__name__] = module  # dataclasses, for one, look there
    try:
        with aside():
            exec(compile(path.read_bytes(), path, "exec"), module.__dict__)  # noqa: S102  what the file is named for
    except (Exception, SystemExit) as error:
        raise PluginError(f"{path} cannot be loaded: {told(error, path)}.", "Mend it and try again.") from error
    function = getattr(module, name, None)
    if not callable(function):
        raise PluginError(f"{path} has no function `{name}`.", hint)
    return function  # type: ignore[no-any-return]


@contextmanager
def aside() -> Iterator[None]:
    """What is printed meanwhile goes to stderr: stdout is for the result."""
    with redirect_stdout(sys.stderr):
        yield


def told(error: BaseException, path: Path) -> str:
    """The error in a line, with the place in the user's file where it came up."""
    words = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    if isinstance(error, SyntaxError):
        return f"{words.partition(' (')[0]} ({path.name}:{error.lineno})"
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
    return f"{words} ({path.name}:{frames[-1].lineno})" if frames else words
