"""The error tree. A DAG maps these to retry policies; the message is for the person who reads the log (Portuguese)."""


class SinespError(Exception):
    """Base of every error this library raises on purpose."""


class TransientError(SinespError):
    """A service is away, slow or overloaded: the same call may succeed later."""


class ConfigurationError(SinespError):
    """Something the operator must change (address, Variable, Param, schema); retrying cannot help."""


class DataError(SinespError):
    """The data contradicts what was promised; retrying cannot help."""


class StaleBatchError(DataError):
    """Another run moved the checkpoint first: this one lost and changed nothing."""


class ConservationError(DataError):
    """Records read differ from inserted + superseded + deleted + quarantined."""


class QuarantineLimitError(DataError):
    """Too large a share of the batch was refused: the fault is upstream or ours, not the records'."""


class DataLossError(DataError):
    """Offsets between the checkpoint and the topic no longer exist and the policy is `fail`."""


class SourceError(DataError):
    """A source file is not what it should be (HTML page, truncated download, unknown layout)."""
