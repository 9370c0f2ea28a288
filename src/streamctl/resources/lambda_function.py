"""A Lambda function made from a zip file."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from streamctl.aws.failures import or_none, text
from streamctl.engine.block import Block, Call, Nested
from streamctl.engine.declaration import REF, Declaration
from streamctl.engine.question import Question
from streamctl.engine.resource import Live, Resource
from streamctl.errors import AwsError
from streamctl.resources.tags import to_pairs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from streamctl.aws import Aws

_CODE = frozenset({"code_sha256", "architecture"})
_CONFIGURATION = frozenset(
    {"role", "runtime", "handler", "memory_mb", "invocation_timeout_seconds", "environment", "tracing"}
)


@dataclass(frozen=True, kw_only=True)
class LambdaFunction(Resource):
    """A function that runs `handler` of the zip file `package`.

    Lambda takes no change while another is in progress: an update sends code before configuration, one at a time.
    """

    kind: ClassVar[str] = "lambda_function"
    stage: ClassVar[Literal["provision", "deploy"]] = "deploy"
    attributes: ClassVar[frozenset[str]] = frozenset({"name", "arn"})
    arn_format: ClassVar[str] = "lambda:${aws.region}:${aws.account}:function:{name}"
    cloudformation_attributes: ClassVar[dict[str, str]] = {"name": REF, "arn": "Arn"}
    terraform_attributes: ClassVar[dict[str, str]] = {"name": "function_name", "arn": "arn"}
    permissions: ClassVar[dict[str, tuple[str, ...]]] = {
        "read": ("lambda:GetFunction", "lambda:ListTags"),
        "create": ("lambda:CreateFunction", "lambda:TagResource", "iam:PassRole"),
        "update": (
            "lambda:DeleteFunctionConcurrency",
            "lambda:PutFunctionConcurrency",
            "lambda:TagResource",
            "lambda:UpdateFunctionCode",
            "lambda:UpdateFunctionConfiguration",
            "iam:PassRole",
        ),
        "delete": ("lambda:DeleteFunction",),
    }
    created: ClassVar[dict[str, Any]] = {"reserved_concurrency": None}
    tagging: ClassVar[frozenset[str]] = frozenset({"lambda:CreateFunction", "lambda:TagResource"})

    role: str
    """ARN of the role it runs as."""
    handler: str
    package: str
    """Path of the zip file: at most 50 MB."""
    code_sha256: str
    """Of the zip file, base64: what tells whether the code has changed."""
    runtime: str = "python3.11"
    architecture: Literal["x86_64", "arm64"] = "x86_64"
    memory_mb: int = 512
    """128 to 10,240."""
    invocation_timeout_seconds: int = 300
    """1 to 900: how long one invocation may take."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """At most 4 KB."""
    reserved_concurrency: int | None = None
    """Invocations at a time, set apart from the account's; 0 stops the function, None leaves it unreserved."""
    tracing: Literal["Active", "PassThrough"] = "PassThrough"
    """Whether X-Ray traces what nobody upstream traces: one invocation a second and 5 % of the others. The role has to
    be allowed to send segments."""

    def scope(self, action: str) -> tuple[str, ...]:
        return (self.role,) if action == "iam:PassRole" else super().scope(action)

    def condition(self, action: str) -> Mapping[str, Mapping[str, str]]:
        if action == "iam:PassRole":
            return {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}
        return super().condition(action)

    def read(self, aws: Aws) -> Live | None:
        answer = or_none(aws.client("lambda").get_function, FunctionName=self.name)
        if answer is None:
            return None
        found = answer["Configuration"]
        if refused := answer.get("TagsError"):
            raise AwsError(
                f"Could not read the tags of function {self.name}: {refused['Message']} ({refused['ErrorCode']})",
                "Grant lambda:ListTags: without the tags nobody can tell whose function it is.",
            )
        return Live(
            attributes={"name": found["FunctionName"], "arn": found["FunctionArn"]},
            settings={
                "role": found["Role"],
                "handler": found["Handler"],
                "code_sha256": found["CodeSha256"],
                "runtime": found["Runtime"],
                "architecture": found.get("Architectures", ["x86_64"])[0],
                "memory_mb": found["MemorySize"],
                "invocation_timeout_seconds": found["Timeout"],
                "environment": found.get("Environment", {}).get("Variables", {}),
                "reserved_concurrency": answer.get("Concurrency", {}).get("ReservedConcurrentExecutions"),
                "tracing": found.get("TracingConfig", {}).get("Mode", "PassThrough"),
            },
            tags=answer.get("Tags", {}),
            state=found.get("State", "Active"),
            ready=found.get("State") not in {"Pending", "Deleting"} and found.get("LastUpdateStatus") != "InProgress",
            failure=_failure(found),
        )

    def create(self, aws: Aws) -> None:
        aws.once("lambda").create_function(
            FunctionName=self.name,
            Code={"ZipFile": aws.content(self.package)},
            Architectures=[self.architecture],
            Tags=dict(self.tags),
            **self._configuration(),
        )

    def update(self, aws: Aws, live: Live) -> None:
        function = aws.client("lambda")
        differences = self.differing(live).keys()
        if "tags" in differences:
            function.tag_resource(Resource=live.attributes["arn"], Tags=self.missing_tags(live))
        if "reserved_concurrency" in differences:
            self._reserve(function)
        if differences & _CODE:
            function.update_function_code(
                FunctionName=self.name, ZipFile=aws.content(self.package), Architectures=[self.architecture]
            )
        elif differences & _CONFIGURATION:
            function.update_function_configuration(FunctionName=self.name, **self._configuration())

    def delete(self, aws: Aws, live: Live) -> None:
        aws.client("lambda").delete_function(FunctionName=self.name)

    def cloudformation(self) -> Sequence[Declaration]:
        """CloudFormation sees that code has changed only by another key."""
        reserved = self.reserved_concurrency
        properties = {
            "FunctionName": self.name,
            "Code": {"S3Bucket": "${code.bucket}", "S3Key": self.code_key},
            "Architectures": [self.architecture],
            **self._configuration(),
            **({} if reserved is None else {"ReservedConcurrentExecutions": reserved}),
            "Tags": to_pairs(self.tags),
        }
        return (Declaration("AWS::Lambda::Function", properties, identity={"FunctionName": self.name}),)

    def terraform(self) -> Sequence[Block]:
        file = f"${{module_.path}}/{self.package}"
        reserved = self.reserved_concurrency
        variables = {"environment": Nested({"variables": self.environment})} if self.environment else {}
        arguments = {
            "function_name": self.name,
            "role": self.role,
            "filename": file,
            "source_code_hash": Call("filebase64sha256", file),
            "handler": self.handler,
            "runtime": self.runtime,
            "architectures": [self.architecture],
            "memory_size": self.memory_mb,
            "timeout": self.invocation_timeout_seconds,
            "reserved_concurrent_executions": -1 if reserved is None else reserved,
            "tags": self.tags,
            **variables,
            "tracing_config": Nested({"mode": self.tracing}),
        }
        return (Block("aws_lambda_function", arguments, identity=self.name),)

    def readiness(self) -> Question:
        named = {"FunctionName": self.name}
        path = "join(' ', [State, LastUpdateStatus])"
        return Question("lambda", "get_function_configuration", named, path, "Active Successful")

    @property
    def code_key(self) -> str:
        """What the zip is called in a bucket: other code has another name."""
        digest = base64.b64decode(self.code_sha256).hex()
        return f"{Path(self.package).stem}-{digest[:16]}.zip"

    def _configuration(self) -> dict[str, Any]:
        return {
            "Role": self.role,
            "Handler": self.handler,
            "Runtime": self.runtime,
            "MemorySize": self.memory_mb,
            "Timeout": self.invocation_timeout_seconds,
            "Environment": {"Variables": dict(self.environment)},
            "TracingConfig": {"Mode": self.tracing},
        }

    def _reserve(self, function: Any) -> None:
        if self.reserved_concurrency is None:
            function.delete_function_concurrency(FunctionName=self.name)
            return
        try:
            function.put_function_concurrency(
                FunctionName=self.name, ReservedConcurrentExecutions=self.reserved_concurrency
            )
        except Exception as error:
            if "UnreservedConcurrentExecution" not in text(error):
                raise
            raise AwsError(
                f"Could not reserve {self.reserved_concurrency} invocations for {self.name}: {text(error)}",
                "AWS keeps a part of the account's concurrency unreserved, usually 100. Reserve less, or ask AWS to "
                "raise the quota `Concurrent executions`.",
            ) from error


def _failure(found: Mapping[str, Any]) -> str:
    """Why AWS could not make it, or could not make the last change to it; empty when it could."""
    if found.get("State") == "Failed":
        return str(found.get("StateReason") or found.get("StateReasonCode") or "Lambda gives no reason")
    if found.get("LastUpdateStatus") == "Failed":
        return str(
            found.get("LastUpdateStatusReason") or found.get("LastUpdateStatusReasonCode") or "Lambda gives no reason"
        )
    return ""
