"""Whose mistake it is: what the code of a plugin raises becomes a PluginError that names the plugin and the line.

Stands below everything that runs such code; who the plugin is, the caller says.
"""

from __future__ import annotations

import traceback
from importlib.metadata import distributions

from streamctl.errors import PluginError


def blame(error: BaseException, who: str, module: str, doing: str, hint: str) -> PluginError:
    """`error` as its user should read it. `who` and `doing` make the sentence: "The plugin x failed while …"; the line
    that is named is the last one in the package of `module`.
    """
    if isinstance(error, PluginError):  # it was told already what is wrong
        said, hint = error.message, error.hint or hint
    else:
        said = f"{described(error)}{'' if isinstance(error, SyntaxError) else _place(error, module)}."
    return PluginError(f"{who} {doing}: {said}", hint)


def described(error: BaseException) -> str:
    """Its type and, on one line, what it says."""
    said = " ".join(str(error).split()).removesuffix(".")
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


def origin(module: str) -> str:
    """The distribution that registers plugins of the module's package, with its version; else the module."""
    for each in distributions():
        entries = [entry for entry in each.entry_points if entry.group.startswith("streamctl.")]
        if any(package_of(entry.module) == package_of(module) for entry in entries):
            return f"{each.name} {each.version}"
    return f"the module {module}"


def package_of(module: str) -> str:
    """The outermost package: what a distribution installs."""
    return module.partition(".")[0]


def _place(error: BaseException, module: str) -> str:
    """Where it was raised, or called what raised, in the plugin's own code; nothing where it was not run."""
    lines = [
        f" ({frame.f_code.co_filename}:{line})"
        for frame, line in traceback.walk_tb(error.__traceback__)
        if package_of(frame.f_globals.get("__name__", "")) == package_of(module)
    ]
    return lines[-1] if lines else ""


def packages_in(error: BaseException) -> set[str]:
    """Whose code was at work."""
    frames = (frame for frame, _ in traceback.walk_tb(error.__traceback__))
    return {package_of(frame.f_globals.get("__name__", "")) for frame in frames}
