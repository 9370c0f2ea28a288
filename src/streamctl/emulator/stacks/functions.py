"""AWS::Lambda::Function."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ministack.services.cloudformation import provisioners

from streamctl.emulator.stacks.requests import dropped, send
from streamctl.emulator.stacks.resource_type import ResourceType, retagging

if TYPE_CHECKING:
    from streamctl.emulator.stacks.requests import Properties
    from streamctl.emulator.stacks.resource_type import Place

DEFAULTS: dict[str, Any] = {
    "DeadLetterConfig": {},
    "Description": "",
    "Environment": {"Variables": {}},
    "EphemeralStorage": {"Size": 512},
    "KMSKeyArn": "",
    "Layers": [],
    "MemorySize": 128,
    "Timeout": 3,
    "TracingConfig": {"Mode": "PassThrough"},
}
CONFIGURATION = ("Handler", "ImageConfig", "LoggingConfig", "Role", "Runtime", "SnapStart", "VpcConfig", *DEFAULTS)
POLL = {"Delay": 0.05, "MaxAttempts": 200}


def _create(place: Place, name: str, properties: Properties) -> str:
    functions = place.client("lambda")
    send(functions, "create_function", properties, FunctionName=name, Code=_code(properties))
    functions.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig=POLL)
    return name


def _code(properties: Properties) -> dict[str, Any]:
    """A template has the text of a module where the API has a zip file."""
    code: dict[str, Any] = properties["Code"]
    if "ZipFile" not in code:
        return code
    inline = provisioners._zip_inline(code["ZipFile"], properties["Handler"], properties["Runtime"])
    return code | {"ZipFile": inline}


def _change_code(place: Place, name: str, _old: Properties, new: Properties) -> None:
    functions = place.client("lambda")
    code = {"Architectures": new.get("Architectures", ["x86_64"]), **_code(new)}
    send(functions, "update_function_code", code, FunctionName=name)
    functions.get_waiter("function_updated_v2").wait(FunctionName=name, WaiterConfig=POLL)


def _change_configuration(place: Place, name: str, old: Properties, new: Properties) -> None:
    functions = place.client("lambda")
    wanted = {key: new[key] for key in CONFIGURATION if key in new}
    send(functions, "update_function_configuration", wanted | dropped(DEFAULTS, old, new), FunctionName=name)
    functions.get_waiter("function_updated_v2").wait(FunctionName=name, WaiterConfig=POLL)


def _change_reserved(place: Place, name: str, _old: Properties, new: Properties) -> None:
    functions, key = place.client("lambda"), "ReservedConcurrentExecutions"
    if key in new:
        send(functions, "put_function_concurrency", new, FunctionName=name)
    else:
        functions.delete_function_concurrency(FunctionName=name)


def _delete(place: Place, name: str, _properties: Properties) -> None:
    place.client("lambda").delete_function(FunctionName=name)


def _arn(place: Place, name: str) -> str:
    return place.arn("lambda", f"function:{name}")


FUNCTION = ResourceType(
    name="AWS::Lambda::Function",
    named_by="FunctionName",
    longest_name=64,
    create=_create,
    created_with=frozenset({"Architectures", "Code", "Tags", *CONFIGURATION}),
    fixed=frozenset({"PackageType"}),
    changes={
        ("Code", "Architectures"): _change_code,
        CONFIGURATION: _change_configuration,
        ("ReservedConcurrentExecutions",): _change_reserved,
        ("Tags",): retagging("lambda", "Resource", _arn),
    },
    delete=_delete,
    attributes=lambda place, name: {"Arn": _arn(place, name)},
)
