"""streamctl: a Kinesis, Lambda and DynamoDB analytics pipeline, run from the terminal."""

__version__ = "0.1.0"
