"""What CloudFormation knows of a resource type, and how it makes, changes and deletes a resource of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from streamctl.emulator.stacks.requests import retag

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from streamctl.emulator.driver.clients import Clients
    from streamctl.emulator.stacks.requests import Properties

    Change = Callable[["Place", str, Properties, Properties], None]
    """Called with a resource's id, the properties it has and those it is to have."""


@dataclass(frozen=True)
class Place:
    """Where a stack is: an account and a region."""

    account: str
    region: str
    clients: Clients

    def client(self, service: str) -> Any:
        return self.clients.of_account(service, self.account, self.region)

    def arn(self, service: str, rest: str) -> str:
        return f"arn:aws:{service}:{self.region}:{self.account}:{rest}"


@dataclass(frozen=True, kw_only=True, eq=False)
class ResourceType:
    """A type by its properties: each is carried out by the call that makes a resource, by a change, or by both.

    Any other is refused: a setting that is dropped in silence would be there on AWS and not here.
    """

    name: str
    create: Callable[[Place, str, Properties], str]
    """Make one, of the name that the template or CloudFormation gives it; returns its id, which `Ref` answers."""
    delete: Callable[[Place, str, Properties], None]
    attributes: Callable[[Place, str], dict[str, str]]
    """What `Fn::GetAtt` answers."""
    named_by: str = ""
    """The property that is its name, if it has one."""
    longest_name: int = 255
    created_with: frozenset[str] = frozenset()
    """What the call that makes it carries out."""
    fixed: frozenset[str] = frozenset()
    """What only a new one can have otherwise, beside the name."""
    changes: Mapping[tuple[str, ...], Change]
    """Properties that change together, and how, in this order."""

    @property
    def replacing(self) -> frozenset[str]:
        return self.fixed | ({self.named_by} if self.named_by else frozenset())

    @property
    def known(self) -> frozenset[str]:
        return self.created_with | self.replacing | {each for names in self.changes for each in names}

    def make(self, place: Place, name: str, properties: Properties) -> tuple[str, dict[str, str]]:
        """Make one with all its settings, or leave nothing behind."""
        if unknown := properties.keys() - self.known:
            raise ValueError(f"The emulator does not carry out {', '.join(sorted(unknown))} of {self.name}.")
        so_far = {key: value for key, value in properties.items() if key in self.created_with | self.replacing}
        made = self.create(place, name, so_far)
        try:
            return made, self.change(place, made, so_far, properties)
        except Exception:
            self.delete(place, made, properties)
            raise

    def change(self, place: Place, identifier: str, old: Properties, new: Properties) -> dict[str, str]:
        differing = {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}
        changeable = {each for names in self.changes for each in names}
        if beyond := differing - changeable:
            raise ValueError(f"The emulator does not change {', '.join(sorted(beyond))} of {self.name}.")
        for names, change in self.changes.items():
            if differing & set(names):
                change(place, identifier, old, new)
        return self.attributes(place, identifier)


def already(name: str) -> ValueError:
    """Where the API would take a second creation for the first one, or overwrite what is there."""
    return ValueError(f"{name} already exists")


def retagging(
    service: str,
    argument: str,
    told: Callable[[Place, str], str] = lambda _place, identifier: identifier,
    calls: tuple[str, str] = ("tag_resource", "untag_resource"),
) -> Change:
    """A change of the tags, where the service's two calls name the resource by `argument`."""

    def change(place: Place, identifier: str, old: Properties, new: Properties) -> None:
        retag(place.client(service), old.get("Tags"), new.get("Tags"), *calls, **{argument: told(place, identifier)})

    return change


def no_attributes(_place: Place, _identifier: str) -> dict[str, str]:
    return {}
