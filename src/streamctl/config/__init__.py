"""The configuration: what can be set (`model`), where it comes from (`load`), and a file to begin with (`starter`)."""

from streamctl.config.load import FILE_NAME, Project, current_folder, load
from streamctl.config.model import Config

__all__ = ["FILE_NAME", "Config", "Project", "current_folder", "load"]
