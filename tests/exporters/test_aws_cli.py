from __future__ import annotations

from typing import Any

import pytest

from streamctl.engine.references import split
from streamctl.errors import PluginError
from streamctl.exporters.aws_cli import command
from streamctl.exporters.recording import File
from streamctl.exporters.shell_text import Variable


def written(service: str, operation: str, **parameters: Any) -> str:
    def resolve(text: str) -> list[str | Variable]:
        return [piece if isinstance(piece, str) else Variable(piece[1].upper()) for piece in split(text)]

    made = command(service, operation, parameters, resolve)
    return "\n".join([*made.documents, made.text()])


def test_a_call_is_a_command_with_an_option_a_line() -> None:
    assert written("kinesis", "create_stream", StreamName="events-${pipeline.name}", Tags={"team": "data"}) == (
        'aws kinesis create-stream \\\n  --stream-name "events-$NAME" \\\n  --tags \'{"team": "data"}\''
    )


def test_a_long_document_is_read_from_lines_before_the_command() -> None:
    policy = (
        '{"Statement": [{"Effect": "Allow", "Action": "sns:Publish", "Resource": "arn:aws:sns:${aws.region}:1:t$"}]}'
    )

    assert (
        written("kms", "put_key_policy", KeyId="k", Policy=policy)
        == """\
IFS= read -r -d '' policy <<JSON || true
{
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "sns:Publish",
      "Resource": "arn:aws:sns:$REGION:1:t\\$"
    }
  ]
}
JSON
aws kms put-key-policy \\
  --key-id k \\
  --policy "$policy\""""
    )


def test_flags_lists_and_what_the_cli_names_otherwise_are_said_in_its_words() -> None:
    assert written("dynamodb", "update_table", DeletionProtectionEnabled=False).endswith(
        "--no-deletion-protection-enabled"
    )
    assert written("cloudwatch", "delete_alarms", AlarmNames=["a", "b c"]).endswith("--alarm-names a 'b c'")
    assert written("sns", "subscribe", Endpoint="a@b.c").endswith("--notification-endpoint a@b.c")
    assert written("s3", "delete_bucket", Bucket="b") == "aws s3api delete-bucket \\\n  --bucket b"
    assert written("s3", "create_bucket", Bucket="b") == "aws s3 mb s3://b"
    assert written("cloudwatch", "put_metric_alarm", AlarmDescription="-x").endswith("--alarm-description=-x")


def test_what_the_cli_would_take_for_something_else_reaches_aws_as_it_is() -> None:
    assert written("cloudwatch", "put_metric_alarm", AlarmName="a", AlarmDescription="https://runbook") == (
        'aws cloudwatch put-metric-alarm \\\n  --cli-input-json \'{"AlarmDescription": "https://runbook"}\' \\\n'
        "  --alarm-name a"
    )
    assert written("sqs", "untag_queue", TagKeys=["file://x"]).endswith(
        """--cli-input-json '{"TagKeys": ["file://x"]}'"""
    )
    assert written("sns", "subscribe", Endpoint="https://a").endswith("--notification-endpoint https://a")
    assert written("cloudwatch", "put_metric_alarm", Threshold=-1e-05).endswith("--threshold=-1e-05")
    assert written("sqs", "untag_queue", TagKeys=["-a", "b"]).endswith("""--tag-keys '["-a", "b"]'""")
    assert written("config", "delete_config_rule", ConfigRuleName="a").startswith(
        "aws configservice delete-config-rule"
    )


def test_code_is_a_file_and_other_content_is_refused() -> None:
    code = {"ZipFile": File("code/f.zip")}

    assert written("lambda", "create_function", Code=code).endswith("--zip-file fileb://code/f.zip")
    with pytest.raises(PluginError, match="cannot be told Data of kinesis:put_record as a file"):
        written("kinesis", "put_record", Data=File("x"))
