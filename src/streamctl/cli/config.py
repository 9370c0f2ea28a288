"""`streamctl config show` and `streamctl config schema`."""

import json
from typing import TYPE_CHECKING, Any

import typer

from streamctl.cli.options import Session, command, group

if TYPE_CHECKING:
    from streamctl.plugins import Broken


def register(app: typer.Typer) -> None:
    commands = group(app, "config", "The settings in force, and all there are.")
    command(commands, "show")(show)
    command(commands, "schema")(schema)


def show(session: Session) -> None:
    """Print the settings in force: streamctl.toml, then the defaults."""
    from streamctl.config import current_folder, load
    from streamctl.plugins import Catalogue

    overrides = {
        "name": session.name,
        "profile": session.profile,
        "region": session.region,
        "endpoint_url": session.endpoint_url,
    }
    project = load(current_folder(), overrides)
    features = Catalogue().features(project.config, project.source, session.go_without)
    document = project.config.model_dump(mode="json")
    document["features"] = {name: settings.model_dump(mode="json") for name, (_, settings) in features.items()}
    rows = [[key, "" if value is None else json.dumps(value)] for key, value in _flat(document)]

    def table() -> None:
        session.terminal.say(
            f"From {project.file}" if project.file else "No streamctl.toml: the recipe's defaults hold."
        )
        session.terminal.table(["setting", "value"], rows)

    session.terminal.result(document, table)


def schema(session: Session) -> None:
    """Print the JSON Schema of streamctl.toml: every setting, its limits and its default."""
    document = schema_of(session.go_without)
    session.terminal.result(document, lambda: session.terminal.show(json.dumps(document, indent=2)))


def schema_of(broken: "Broken") -> dict[str, Any]:
    """The schema of the file with the settings of every feature that is installed and not broken."""
    from pydantic import ConfigDict, Field, create_model

    from streamctl.config import Config
    from streamctl.errors import PluginError
    from streamctl.plugins import Catalogue

    catalogue, sections = Catalogue(), dict[str, Any]()
    for name in catalogue.names(catalogue.FEATURES):
        try:
            sections[name] = (catalogue.feature(name, "installed").settings, {})
        except PluginError as error:
            broken(error)
    features = create_model("Features", __config__=ConfigDict(extra="allow"), **sections)
    field = Config.model_fields["features"]
    whole = create_model("Config", __base__=Config, features=(features, Field({}, description=field.description)))
    return whole.model_json_schema()


def _flat(document: dict[str, object], prefix: str = "") -> list[tuple[str, object]]:
    found: list[tuple[str, object]] = []
    for key, value in document.items():
        if isinstance(value, dict) and value:
            found += _flat(value, f"{prefix}{key}.")
        else:
            found.append((prefix + key, value))
    return found
