"""What the owner's processor imports: downloaded once by pip, pure Python only, and kept under `.streamctl`.

What is kept is found again by the text of the requirements and the function's Python, so that the same text is the same
code for as long as this folder has it, pinned or not. Only what lies on this machine, a folder or a wheel that a line
names by its path, is asked for each time: it may have changed. Another machine asks pip anew: what is not pinned may be
of another version there, and `up` would then change the function. pip reads markers such as `python_version < "3.12"`
for the Python it runs in, not for the function's.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from email.parser import HeaderParser
from pathlib import Path
from typing import TYPE_CHECKING

from streamctl.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

COMPILED = frozenset({".so", ".pyd", ".dylib", ".dll"})
UNWANTED = frozenset({"RECORD", "INSTALLER", "REQUESTED", "direct_url.json"})
"""Of a `.dist-info`: what tells of this machine, or of pip."""
PURE = ("--only-binary", ":all:", "--implementation", "py", "--abi", "none", "--platform", "any")
QUIETLY = (
    "--quiet",
    "--no-input",
    "--no-user",
    "--no-compile",
    "--disable-pip-version-check",
    "--no-warn-script-location",
)
_NESTED = re.compile(r"^\s*(?:-r|-c|--requirement|--constraint)[\s=]*([^\s#]+)", re.MULTILINE)
_PINNED = re.compile(r"^\s*([A-Za-z0-9._-]+)\s*(?:\[[^\]]*\])?\s*===?\s*([^\s;#\\]+)", re.MULTILINE)
_MISSING = re.compile(r"(?:satisfies the requirement|No matching distribution found for) ([A-Za-z0-9._-]+)")


@dataclass(frozen=True)
class Requirements:
    """Files by their place in the zip, and what they are of: name to version. `unpinned` are those that pip chose."""

    files: Mapping[str, bytes]
    resolved: Mapping[str, str]
    unpinned: tuple[str, ...]

    @property
    def remark(self) -> str:
        """What is shipped, for people."""
        shipped = ", ".join(f"{name} {version}" for name, version in self.resolved.items())
        loose = f" Not pinned, and perhaps of another version elsewhere: {', '.join(self.unpinned)}."
        return f"Shipped with the processor: {shipped or 'nothing'}.{loose if self.unpinned else ''}"


def pip(file: Path, runtime: str, into: Path) -> None:
    """Download what the file asks for, and put it into a folder. Raises ConfigError."""
    version = ("--python-version", runtime.removeprefix("python"))
    command = [sys.executable, "-m", "pip", "install", *QUIETLY, *PURE, *version, "--target", str(into)]
    done = subprocess.run(
        [*command, "--requirement", str(file.resolve())],
        cwd=file.resolve().parent,  # a path in the file begins there
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="backslashreplace",
        check=False,
    )
    if done.returncode:
        raise _refusal(file, runtime, done.stderr)


def requirements(
    file: Path, runtime: str, cache: Path, taken: frozenset[str], install: Callable[[Path, str, Path], None] = pip
) -> Requirements:
    """What a file of requirements asks for, for a runtime such as `python3.12`; kept below `cache`. No module may be
    called like one that is `taken`. `install` is for tests that need no pip.

    Raises ConfigError where it cannot be had, is not pure Python, or would hide another module.
    """
    text = _text(file, set())
    kept = cache / hashlib.sha256(f"{runtime}\n{text}".encode()).hexdigest()[:16]
    if not kept.is_dir() or _is_from_here(kept):
        _download(kept, lambda into: install(file, runtime, into))
    files = {place: path.read_bytes() for place, path in _shipped(file, kept)}
    _refuse_hiding(file, files, taken)
    resolved = _resolved(kept)
    pinned = {(_normal(name), version) for name, version in _PINNED.findall(text)}
    unpinned = tuple(name for name, version in resolved.items() if (_normal(name), version) not in pinned)
    return Requirements(files, resolved, unpinned)


def _text(file: Path, read: set[Path]) -> str:
    """The file, and the others that it names."""
    read.add(file.resolve())
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"processor.requirements: {file} cannot be read: {error}.") from error
    others = [file.parent / name for name in _NESTED.findall(text)]
    return "\n".join([text, *(_text(other, read) for other in others if other.resolve() not in read)])


def _download(kept: Path, install: Callable[[Path], None]) -> None:
    """Have everything put into `kept`, which is there as a whole or not at all."""
    kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    (kept.parent / ".gitignore").write_text("*\n", encoding="utf-8")
    with tempfile.TemporaryDirectory(dir=kept.parent, prefix=".", ignore_cleanup_errors=True) as folder:
        made = Path(folder) / "made"
        made.mkdir()
        install(made)
        try:
            if kept.is_dir():
                kept.rename(Path(folder) / "before")
            made.rename(kept)
        except OSError:
            if not kept.is_dir():  # another streamctl was faster, with the same
                raise


def _is_from_here(kept: Path) -> bool:
    """Some of it came from a path on this machine."""
    origins = (json.loads(path.read_text(encoding="utf-8")) for path in kept.glob("*.dist-info/direct_url.json"))
    return any(str(origin["url"]).startswith("file:") for origin in origins)


def _refusal(file: Path, runtime: str, said: str) -> ConfigError:
    if "No module named pip" in said:
        return ConfigError(
            f"The requirements in {file} need pip, and {sys.executable} has none.",
            f"Install it: {sys.executable} -m ensurepip",
        )
    missing = _MISSING.search(said)
    if missing:
        return ConfigError(
            f"{file}: pip finds no pure-Python wheel of {missing[1]} for {runtime}.",
            "Only Python code can be shipped beside the processor: what is compiled is not there for every machine. "
            "Where the name and the version are right, do without it.",
        )
    errors = [line.removeprefix("ERROR: ") for line in said.splitlines() if line.startswith("ERROR: ")]
    return ConfigError(f"{file}: pip failed: {' '.join(errors) or said.strip()[-500:]}")


def _refuse_compiled(file: Path, made: Path) -> None:
    for path in sorted(made.rglob("*")):
        if path.suffix in COMPILED or path.is_symlink():
            place = path.relative_to(made)
            raise ConfigError(
                f"{file}: {_owner(made, place)} has compiled code or a link in it, {place}, though its wheel says that "
                "it is pure Python.",
                "Only Python code can be shipped beside the processor. Do without it.",
            )


def _owner(made: Path, place: Path) -> str:
    """The distribution that brought a file."""
    for record in made.glob("*.dist-info/RECORD"):
        if f"\n{place.as_posix()}," in f"\n{record.read_text(encoding='utf-8')}":
            return record.parent.name.partition("-")[0]
    return place.parts[0]


def _shipped(file: Path, kept: Path) -> Iterator[tuple[str, Path]]:
    """What is needed at run time, with its place in the zip: no scripts, nothing compiled, nothing of pip's."""
    _refuse_compiled(file, kept)
    for path in sorted(kept.rglob("*")):
        place = path.relative_to(kept)
        unwanted = path.parent.suffix == ".dist-info" and path.name in UNWANTED
        if path.is_file() and not unwanted and place.parts[0] != "bin" and "__pycache__" not in place.parts:
            yield place.as_posix(), path


def _refuse_hiding(file: Path, files: Mapping[str, bytes], taken: frozenset[str]) -> None:
    for name in sorted({place.partition("/")[0].removesuffix(".py") for place in files}):
        if name in taken | sys.stdlib_module_names:
            raise ConfigError(
                f"{file}: it brings a module called {name}, which would hide another one of that name.",
                "Do without what brings it.",
            )


def _resolved(kept: Path) -> dict[str, str]:
    metadata = (HeaderParser().parsestr(path.read_text(encoding="utf-8")) for path in kept.glob("*.dist-info/METADATA"))
    return dict(sorted((str(each["Name"]), str(each["Version"])) for each in metadata))


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
