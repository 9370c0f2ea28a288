"""The folder `.streamctl` of a project."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamctl.config.load import HOME
from streamctl.engine.state import StateFile
from streamctl.files import write_atomically

if TYPE_CHECKING:
    from pathlib import Path

OWNER_ONLY = 0o700


class Home:
    """The folder `.streamctl` of a project: state, runs and the local emulator. It keeps itself out of git."""

    def __init__(self, project_folder: Path) -> None:
        self.folder = project_folder / HOME
        self.emulator = self.folder / "emulator"
        self.unsent = self.folder / "unsent"
        self._pipelines = self.folder / "pipelines"

    def pipelines(self) -> list[str]:
        """The names of the pipelines made from here; of those only planned, where there is no other."""
        names = sorted(path.parent.name for path in self._pipelines.glob("*/state.json"))
        made = [name for name in names if StateFile.load(self.state_file(name)).state.resources]
        return made or names

    def has_local_pipelines(self) -> bool:
        """One that was made lives on this machine's emulator."""
        states = [StateFile.load(path).state for path in self._pipelines.glob("*/state.json")]
        return any(state.target.is_local and state.resources for state in states)

    def pipeline(self, name: str) -> Path:
        return self._pipelines / name

    def state_file(self, name: str) -> Path:
        return self.pipeline(name) / "state.json"

    def prepare(self) -> None:
        """Make the folder, closed to everybody else: what lies in it need not be closed one by one."""
        self.folder.mkdir(mode=OWNER_ONLY, parents=True, exist_ok=True)
        self.folder.chmod(OWNER_ONLY)  # it may have been made more open
        ignore = self.folder / ".gitignore"
        if not ignore.exists():
            write_atomically(ignore, "*\n")
