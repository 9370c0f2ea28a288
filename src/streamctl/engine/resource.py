"""The contract of one kind of AWS resource: what we want, and how to look at it, make, change and delete it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

from streamctl.engine.block import CLOUD_CONTROL, Block, json_document
from streamctl.errors import PluginError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamctl.aws import Aws
    from streamctl.engine.declaration import Declaration
    from streamctl.engine.question import Question

OWNER_TAG = "streamctl:pipeline"
"""Every resource that can be tagged carries it; its value is the pipeline's name."""
EXPORT_TAG = "streamctl:export"
"""What carries it instead was made by an export: it is another tool's, until `import` takes it over."""


@dataclass(frozen=True, kw_only=True)
class Live:
    """What AWS holds."""

    attributes: Mapping[str, str]
    """What others may refer to: `${id.attribute}`."""
    settings: Mapping[str, Any]
    """Under our field names, comparable with our fields. A field that is not here is never compared."""
    tags: Mapping[str, str] = field(default_factory=dict)
    state: str = "ACTIVE"
    """AWS's own word for it, for people."""
    ready: bool = True
    """False while AWS is still creating, changing or deleting it, or cannot tell its tags yet."""
    failure: str = ""
    """Why AWS gave up making or changing it: it is as ready as it gets, and does not work as wanted."""
    protection: str = ""
    """What to do before AWS lets it be deleted; empty where nothing stands in the way."""
    expires: str = ""
    """Why AWS deletes it by itself and not when asked: nothing is sent then, and nothing waited for."""
    elsewhere: bool = False
    """It only has the name, and is in another region: never ours, whatever it carries."""

    @property
    def is_leaving(self) -> bool:
        """AWS is deleting it."""
        return self.state.upper().startswith("DELET")


@dataclass(frozen=True, kw_only=True)
class Resource(ABC):
    """One resource as it should be. A subclass's fields are its settings.

    `read` only reads; `create`, `update` and `delete` only write and do not wait: the engine looks, waits until the
    resource is ready (or gone), and updates what a create could not set. Each raises what the SDK raises.
    """

    kind: ClassVar[str]
    """As AWS names it, in the singular: `kinesis_stream`."""
    stage: ClassVar[Literal["provision", "deploy"]]
    """Which command makes it: what holds data and rights, or the code and what hangs on it."""
    fixed: ClassVar[frozenset[str]] = frozenset()
    """Fields AWS cannot change in place: a change replaces the resource."""
    attributes: ClassVar[frozenset[str]]
    """What `read` tells in `Live.attributes`, as far as the settings provide it."""
    renews: ClassVar[Mapping[str, frozenset[str]]] = {}
    """Attributes that are others once a setting has changed: whoever refers to them is compared with a hole."""
    permissions: ClassVar[Mapping[str, tuple[str, ...]]]
    """IAM actions that `read`, `create`, `update` and `delete` need; those of `read` need not be said again."""
    unscoped: ClassVar[frozenset[str]] = frozenset()
    """Those of the actions that AWS ties to no resource, so that a policy can grant them only on everything."""
    tagging: ClassVar[frozenset[str]] = frozenset()
    """Those whose every request carries the tags, so that a policy can insist on the owner's."""
    arn_format: ClassVar[str] = ""
    """The ARN without its first two parts, where the name decides it: `kinesis:${aws.region}:…:stream/{name}`."""
    timeout_seconds: ClassVar[float] = 180
    """How long AWS may take to make or delete it."""
    holds_data: ClassVar[bool] = False
    """Deleting or replacing it loses what the user sent."""
    found_by: ClassVar[frozenset[str]] = frozenset()
    """Fields that `read` looks it up with, beside its name. No other may be used: what they refer to may be unknown.

    Where one of these refers to what is not there, it is absent without a look.
    """
    together: ClassVar[int] = 1
    """How many of its kind `read_many` looks at with the same calls."""
    cloudformation_attributes: ClassVar[Mapping[str, str]] = {}
    """Which of the attributes CloudFormation tells, and by what: `Ref`, or the name that `GetAtt` takes. The others are
    written out, as far as the name decides them."""
    terraform_attributes: ClassVar[Mapping[str, str]] = {}
    """Which of the attributes Terraform tells, and by what attribute of the first block."""
    created: ClassVar[Mapping[str, Any]] = {}
    """What `create` leaves to `update`, as it is until then, in the order in which it is set: setting, or `tags`, to
    value."""
    can_be_tagged: ClassVar[bool] = True
    """Where AWS cannot, `Live.tags` are those of the resource it hangs on: it is whose that one is."""

    id: str
    """Its name within the pipeline."""
    name: str
    """Its name in AWS."""
    after: tuple[str, ...] = ()
    """Ids it must wait for without referring to them."""
    tags: Mapping[str, str] = field(default_factory=dict)

    def check(self) -> None:  # noqa: B027 - most kinds have nothing to check
        """Raise PluginError where AWS would take it, and it could never work. Called before the first AWS call."""

    @abstractmethod
    def read(self, aws: Aws) -> Live | None:
        """What AWS holds under this name, or None."""

    @classmethod
    def read_many(cls, aws: Aws, resources: Sequence[Self]) -> list[Live | None]:
        """`read` of several, `together` at most, in their order.

        It may tell tags that are seconds old: whatever seems to need a change, or is to be deleted, is read alone.
        """
        return [resource.read(aws) for resource in resources]

    @abstractmethod
    def create(self, aws: Aws) -> None:
        """Ask AWS to make it, tagged; sent once (`aws.once`)."""

    @abstractmethod
    def update(self, aws: Aws, live: Live) -> None:
        """Bring what differs from `live`, tags included, to what is wanted; called again while something differs.

        Where AWS takes only one change at a time, one is enough.
        """

    @abstractmethod
    def delete(self, aws: Aws, live: Live) -> None:
        """Ask AWS to delete it, and whatever AWS would leave behind."""

    @property
    def provided(self) -> frozenset[str]:
        """Those of the attributes that it has with these settings: nobody can refer to others."""
        return self.attributes

    def cloudformation(self) -> Sequence[Declaration]:
        """The same in CloudFormation's language: the thing itself first, then what goes with it.

        Raises PluginError where it cannot be said.
        """
        raise PluginError(
            f"CloudFormation cannot express {self.id}: the resource kind {self.kind} does not say how.",
            f"Write {type(self).__name__}.cloudformation(), or turn the feature off that adds it.",
        )

    def terraform(self) -> Sequence[Block]:
        """The same in Terraform's language: the thing itself first, then what goes with it.

        A kind that says nothing of its own is made by AWS's Cloud Control API, in CloudFormation's words. Raises
        PluginError where there are none either.
        """
        if type(self).cloudformation is Resource.cloudformation:
            raise PluginError(
                f"Terraform cannot express {self.id}: the resource kind {self.kind} does not say how.",
                f"Write {type(self).__name__}.cloudformation() or terraform(), or turn the feature off that adds it.",
            )
        return tuple(
            Block(CLOUD_CONTROL, {"type_name": each.type, "desired_state": json_document(each.properties)}, each.part)
            for each in self.cloudformation()
        )

    def questions(self) -> Mapping[str, Question]:
        """How a script asks for those of the attributes that no name decides."""
        return {}

    def readiness(self) -> Question | None:
        """What a script asks until the answer is the one wanted, and until it fails once the thing is deleted; None:
        AWS makes, changes and deletes it at once, or minds nobody who goes on."""
        return None

    def as_deployed(self) -> Mapping[str, Any]:
        """What the reads within `create`, `update` and `delete` answer where it is as a deployment left it, by
        operation: scripts are made of these calls, without a look at AWS."""
        return {}

    def has_data(self, aws: Aws) -> bool:
        """Deleting it now loses what the user sent: a kind that can tell whether it is empty looks."""
        return self.holds_data

    @property
    def arn(self) -> str:
        """Its ARN, known before it exists: for policies, which need not wait for what they name. May be empty."""
        return f"arn:${{aws.partition}}:{self.arn_format.replace('{name}', self.name)}" if self.arn_format else ""

    def scope(self, action: str) -> tuple[str, ...]:
        """The ARNs on which a policy has to grant one of the actions; holes in them are filled later."""
        return ("*",) if action in self.unscoped else (self.arn,)

    def condition(self, action: str) -> Mapping[str, Mapping[str, str]]:
        """What a policy can insist on where it grants one of the actions, as IAM writes it."""
        if action not in self.tagging:
            return {}
        return {"StringEquals": {f"aws:RequestTag/{OWNER_TAG}": self.tags[OWNER_TAG]}}

    def ref(self, attribute: str) -> str:
        """A hole that the engine fills with this resource's attribute, once it exists: whoever uses it, waits."""
        if attribute not in self.attributes:
            raise ValueError(f"{self.kind} has no attribute {attribute}; it has {', '.join(sorted(self.attributes))}")
        return f"${{{self.id}.{attribute}}}"

    def differing(self, live: Live) -> dict[str, tuple[Any, Any]]:
        """Settings that are not as wanted: field name to (what is there, what is wanted)."""
        differences = {
            name: (there, getattr(self, name))
            for name, there in live.settings.items()
            if plain(there) != plain(getattr(self, name))
        }
        if self.missing_tags(live):
            differences["tags"] = (dict(live.tags), dict(self.tags))
        return differences

    def is_as_wanted(self, live: Live) -> bool:
        """Nothing is left to do, or to wait for."""
        return live.ready and not live.failure and not self.differing(live)

    def missing_tags(self, live: Live) -> dict[str, str]:
        """Tags that are not there, or there with another value; the owner's beside them, which policies insist on."""
        if not self.can_be_tagged:
            return {}
        missing = {key: value for key, value in self.tags.items() if live.tags.get(key) != value}
        return missing and {key: self.tags[key] for key in self.tags if key in missing or key == OWNER_TAG}


def plain(value: Any) -> Any:
    """The value as JSON would hold it, so that tuples and lists, and any order of keys, compare equal."""
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    if isinstance(value, set | frozenset):
        return sorted(plain(inner) for inner in value)
    return value
