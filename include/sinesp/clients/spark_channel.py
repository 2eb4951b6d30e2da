"""A Connect session: Spark's own way to the server, or one with an authority of ours, for which its URL has no word."""

import os
from typing import Any, cast

import grpc
from pyspark.sql import SparkSession
from pyspark.sql.connect.client import DefaultChannelBuilder
from pyspark.sql.connect.session import SparkSession as RemoteSession


def new_session(url: str, ca: str) -> SparkSession:
    """A client of the session that the URL names; `ca` is PEM text, empty for the authorities gRPC knows."""
    if not ca:
        return SparkSession.builder.remote(url).create()
    # As `remote` does: functions made later must be those of a remote session.
    os.environ["SPARK_CONNECT_MODE_ENABLED"] = "1"
    return cast("SparkSession", RemoteSession.builder.channelBuilder(_TrustingChannelBuilder(url, ca)).create())


class _TrustingChannelBuilder(DefaultChannelBuilder):
    def __init__(self, url: str, ca: str) -> None:
        super().__init__(url)
        self._ca = ca

    def toChannel(self) -> Any:  # noqa: N802 - Spark's name
        if not self.secure:
            return super().toChannel()
        credentials = grpc.ssl_channel_credentials(self._ca.encode())
        if self.token is not None:
            token = grpc.access_token_call_credentials(self.token)
            credentials = grpc.composite_channel_credentials(credentials, token)
        return self._secure_channel(self.endpoint, credentials)
