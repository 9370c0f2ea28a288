"""Every error a user can meet.

StreamctlError            1   a mistake of ours; everything below is expected
├── UsageError            2   the command line asks for something that cannot be
│   ├── ConfigError       2   streamctl.toml or a variable is wrong
│   └── PluginError       2   a plugin is missing or broken
├── AwsError              3   AWS (or the emulator) refused or did not answer
│   ├── CredentialsError  3   nobody to act as
│   ├── DeniedError       3   a permission is missing
│   ├── TargetError       3   another account, region or endpoint than the pipeline's own
│   ├── OwnershipError    3   a name is taken by something that is not ours
│   ├── EmulatorError     3   the local emulator is missing, stopped or failed
│   └── DeadlineError     3   AWS did not get there in time
├── PartialError          4   some steps were done, some were not; running again continues
└── CheckError            5   a check failed: something is lost, left over or not as it was sent

The number is the exit code. Nothing but `cli/app.py` turns an error into output.
"""

INTERRUPTED = 130
"""The exit code after Ctrl-C, which is no error."""


class StreamctlError(Exception):
    """`message` says what happened and why, `hint` what to do about it."""

    exit_code = 1

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(StreamctlError):
    exit_code = 2


class ConfigError(UsageError):
    """streamctl.toml or a variable is wrong."""


class PluginError(UsageError):
    """A plugin is missing or broken, or what one wants cannot be."""


class AwsError(StreamctlError):
    exit_code = 3


class CredentialsError(AwsError):
    pass


class DeniedError(AwsError):
    pass


class TargetError(AwsError):
    pass


class OwnershipError(AwsError):
    pass


class EmulatorError(AwsError):
    pass


class DeadlineError(AwsError):
    pass


class PartialError(StreamctlError):
    exit_code = 4


class CheckError(StreamctlError):
    exit_code = 5
