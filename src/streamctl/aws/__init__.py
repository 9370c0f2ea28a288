"""Everything that knows boto3: sessions, the meaning of a failure, waiting."""

from streamctl.aws.session import Aws, partition_of

__all__ = ["Aws", "partition_of"]
