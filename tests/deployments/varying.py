"""What must differ between two deployments, and why: each path is shown with its reason in the place of its value.

A path is the kind, the call and the keys of its answer; what stands on no line here is compared. That something is
there at all is compared on every line.
"""

from __future__ import annotations

_MADE = "when it was made"
_CHANGED = "when it was last changed"
_DRAWN = "an id that AWS draws"
_USE = "how much was done with it"
_STATE = "what its metric did"

_REASONS = {
    "kinesis_stream": {
        "describe_stream_summary.StreamDescriptionSummary.StreamCreationTimestamp": _MADE,
        "open_shards.SequenceNumberRange.StartingSequenceNumber": "a number of the moment it was made",
    },
    "dynamodb_table": {
        "describe_table.Table.CreationDateTime": _MADE,
        "describe_table.Table.TableId": _DRAWN,
        "describe_table.Table.TableSizeBytes": _USE,
        "describe_table.Table.ItemCount": _USE,
    },
    "sqs_queue": {
        "get_queue_attributes.Attributes.CreatedTimestamp": _MADE,
        "get_queue_attributes.Attributes.LastModifiedTimestamp": _CHANGED,
    },
    "kms_key": {
        "alias.CreationDate": _MADE,
        "alias.LastUpdatedDate": _CHANGED,
        "describe_key.KeyMetadata.CreationDate": _MADE,
        "describe_key.KeyMetadata.CurrentKeyMaterialId": _DRAWN,
    },
    "iam_role": {
        "get_role.Role.CreateDate": _MADE,
        "get_role.Role.RoleId": _DRAWN,
    },
    "lambda_function": {
        "get_function.Configuration.LastModified": _CHANGED,
        "get_function.Configuration.RevisionId": _DRAWN,
        "get_function.Code.Location": "an address for this reader, for ten minutes",
        "get_policy.RevisionId": _DRAWN,
    },
    "log_group": {
        "described.creationTime": _MADE,
        "described.storedBytes": _USE,
    },
    "event_source_mapping": {
        "get_event_source_mapping.UUID": _DRAWN,
        "get_event_source_mapping.EventSourceMappingArn": _DRAWN,
        "get_event_source_mapping.LastModified": _CHANGED,
        "get_event_source_mapping.LastProcessingResult": _USE,
    },
    "cloudwatch_alarm": {
        "described.AlarmConfigurationUpdatedTimestamp": _CHANGED,
        "described.StateValue": _STATE,
        "described.StateReason": _STATE,
        "described.StateUpdatedTimestamp": _STATE,
    },
    "sns_subscription": {
        "listed.SubscriptionArn": _DRAWN,
        "get_subscription_attributes.Attributes.SubscriptionArn": _DRAWN,
    },
}

VARYING: dict[tuple[str, ...], str] = {
    (kind, *path.split(".")): f"<{reason}>" for kind, paths in _REASONS.items() for path, reason in paths.items()
}
