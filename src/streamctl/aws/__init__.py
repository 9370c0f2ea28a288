"""Everything that knows boto3: sessions, the meaning of a failure, waiting."""

from streamctl.aws.session import Aws, is_known_region, partition_of

__all__ = ["Aws", "is_known_region", "partition_of"]
