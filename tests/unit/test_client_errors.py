"""What each service can answer, by the exceptions its clients really raise, and who is to act on it."""

import ssl
from typing import Any

import pytest
from cassandra import (
    AuthenticationFailed,
    CDCWriteFailure,
    ConsistencyLevel,
    InvalidRequest,
    OperationTimedOut,
    Unauthorized,
    Unavailable,
    UnsupportedOperation,
    WriteTimeout,
)
from cassandra import protocol as wire
from cassandra.cluster import NoHostAvailable
from confluent_kafka import KafkaError, KafkaException

from sinesp.clients import spark_errors
from sinesp.clients.cassandra_errors import translated
from sinesp.clients.kafka import KafkaEndpoint
from sinesp.clients.kafka_admin import KafkaAdmin
from sinesp.clients.kafka_deliveries import AccountedProducer
from sinesp.clients.kafka_errors import TO_CONFIGURE, KafkaFailures
from sinesp.domain.errors import ConfigurationError, DataLossError, SinespError, TransientError
from sinesp.domain.offsets import TopicPartition
from sinesp.microbatch.adapters.consumer_group import ConsumerGroup
from sinesp.microbatch.adapters.row_chunks import chunks_of
from tests.unit.test_writer import LIMITS, ONE_SET, Server, rows

HERE = KafkaEndpoint("broker:9092")
AUTHENTICATION = KafkaError(-169, "SASL authentication error: Authentication failed: Invalid username or password")
ALL_DOWN = KafkaError(-187, "1/1 brokers are down")
TRANSPORT = KafkaException(KafkaError(-195, "Failed to get metadata: Local: Broker transport failure"))


@pytest.mark.parametrize(
    ("code", "kind", "words"),
    [
        (KafkaError.SASL_AUTHENTICATION_FAILED, ConfigurationError, "senha"),
        (KafkaError.UNSUPPORTED_SASL_MECHANISM, ConfigurationError, "mecanismo"),
        (KafkaError.TOPIC_AUTHORIZATION_FAILED, ConfigurationError, "ACLs"),
        (KafkaError.GROUP_AUTHORIZATION_FAILED, ConfigurationError, "ACLs"),
        (KafkaError.CLUSTER_AUTHORIZATION_FAILED, ConfigurationError, "ACLs"),
        (KafkaError._SSL, ConfigurationError, "ssl.ca.location"),
        (KafkaError.UNSUPPORTED_VERSION, ConfigurationError, "Atualize o broker"),
        (KafkaError.INVALID_REPLICATION_FACTOR, ConfigurationError, "SINESP_TOPIC_REPLICATION"),
        (KafkaError.MSG_SIZE_TOO_LARGE, ConfigurationError, "max.message.bytes"),
        (KafkaError._TRANSPORT, TransientError, "não responde em broker:9092"),
        (KafkaError._TIMED_OUT, TransientError, "não responde"),
        (KafkaError.NOT_LEADER_FOR_PARTITION, TransientError, "não responde"),
        (KafkaError.UNKNOWN, TransientError, "não responde"),
    ],
)
def test_kafka_is_asked_again_only_where_that_can_help(code: int, kind: type[SinespError], words: str) -> None:
    failure = KafkaFailures(HERE).of(KafkaException(KafkaError(code, "x")))
    assert type(failure) is kind
    assert words in str(failure)


def test_every_code_of_kafkas_table_exists() -> None:
    assert [name for name in TO_CONFIGURE if not hasattr(KafkaError, name)] == []


def test_wrong_password_is_told_beside_an_answer_that_says_nobody_is_there() -> None:
    failures = KafkaFailures(HERE)
    failures.hear(AUTHENTICATION)
    failures.hear(ALL_DOWN)

    assert isinstance(failures.of(TRANSPORT), ConfigurationError)
    # Told once: the next failure has a reason of its own.
    assert isinstance(failures.of(TRANSPORT), TransientError)


def test_broker_that_went_away_after_a_refusal_is_waited_for() -> None:
    failures = KafkaFailures(HERE)
    failures.hear(AUTHENTICATION)
    failures.hear(KafkaError(-195, "Connect failed: Connection refused"))
    assert isinstance(failures.of(TimeoutError()), TransientError)


@pytest.mark.parametrize(
    "client",
    [
        KafkaAdmin,
        lambda e: AccountedProducer(e, {}),
        lambda e: ConsumerGroup(e, "g").mirror({TopicPartition("t", 0): 1}),
    ],
    ids=["admin", "producer", "group"],
)
def test_properties_the_client_does_not_take_are_named(client: Any) -> None:
    wrong = KafkaEndpoint("127.0.0.1:1", {"nao.existe": "1"})
    with pytest.raises(ConfigurationError, match=r'(?s)propriedades do cliente.*"nao\.existe"'):
        client(wrong)


UNVERIFIED = "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: IP address mismatch, certificate is not valid"
NO_CIPHER = "[SSL: SSLV3_ALERT_HANDSHAKE_FAILURE] sslv3 alert handshake failure"
PLAIN = "[SSL: WRONG_VERSION_NUMBER] wrong version number"
ALERT = "[SSL: TLSV13_ALERT_CERTIFICATE_REQUIRED] tlsv13 alert certificate required"
NO_HOST: dict[str, Any] = {"127.0.0.1:9042": AuthenticationFailed("Provided username x and/or password are incorrect")}


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (wire.ErrorMessage(0x1700, "CAS_WRITE_UNKNOWN", {}), TransientError, "não completou"),
        (wire.ServerError(0x0000, "x", {}), TransientError, "não completou"),
        (wire.OverloadedErrorMessage(0x1001, "x", {}), TransientError, "não completou"),
        (wire.IsBootstrappingErrorMessage(0x1002, "x", {}), TransientError, "não completou"),
        (wire.TruncateError(0x1003, "x", {}), TransientError, "não completou"),
        (wire.ProtocolException(0x000A, "x", {}), ConfigurationError, "Atualize o servidor"),
        (wire.BadCredentials(0x0100, "x", {}), ConfigurationError, "cassandra_default"),
        (wire.SyntaxException(0x2000, "x", {}), ConfigurationError, "sinesp_schema"),
        (wire.ErrorMessage(0x7777, "x", {}), ConfigurationError, "sinesp_schema"),
        (OperationTimedOut(), TransientError, "não completou"),
        (Unavailable("x", ConsistencyLevel.LOCAL_QUORUM, 2, 1), TransientError, "não completou"),
        (WriteTimeout("x", write_type=0), TransientError, "não completou"),
        (CDCWriteFailure("x"), TransientError, "não completou"),
        (UnsupportedOperation("x"), ConfigurationError, "Atualize o servidor"),
        (Unauthorized("x"), ConfigurationError, "permissões"),
        (InvalidRequest("unconfigured table t"), ConfigurationError, "sinesp_schema"),
        (InvalidRequest("Guardrail column_value_size violated: x"), ConfigurationError, "guardrail"),
        (
            ssl.SSLCertVerificationError(1, "certificate verify failed: self-signed"),
            ConfigurationError,
            "CA configurada",
        ),
        (NoHostAvailable("x", NO_HOST), ConfigurationError, "permissões"),
        (NoHostAvailable("x", {"h": OSError(1, f"Last error: {UNVERIFIED}")}), ConfigurationError, "deste endereço"),
        (NoHostAvailable("x", {"h": ssl.SSLError(1, ALERT)}), ConfigurationError, "exige um certificado"),
        (NoHostAvailable("x", {"h": ssl.SSLError(1, NO_CIPHER)}), ConfigurationError, "versão ou cifra"),
        (
            NoHostAvailable("x", {"h": ssl.SSLError(1, PLAIN)}),
            ConfigurationError,
            "não fala TLS",
        ),
        (NoHostAvailable("x", {"h": OSError("refused")}), TransientError, "não responde em h:1"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_cassandra_is_asked_again_only_where_that_can_help(
    error: Exception, kind: type[SinespError], words: str
) -> None:
    with pytest.raises(SinespError) as caught, translated("h:1"):
        raise error
    assert type(caught.value) is kind
    assert words in str(caught.value)


MAXIMUM = (
    "Guardrail maximum_timestamp violated: The modification to table tb_ocorrencias_estado has a timestamp 9 after the "
    "maximum allowable fail threshold 8"
)
SIZE = (
    "Guardrail column_value_size violated: Value of column 'municipio' has size 2KiB, this exceeds the fail threshold"
)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (InvalidRequest(MAXIMUM), "guardrail.*maximum_timestamp"),
        (InvalidRequest(SIZE), "guardrail.*column_value_size"),
        (InvalidRequest("Undefined column name x"), "sinesp_schema"),
        (Unauthorized("User x has no MODIFY permission"), "permissões"),
        (wire.BadCredentials(0x0100, "Bad credentials", {}), "cassandra_default"),
        (NoHostAvailable("x", {"h": OSError(1, f"Last error: {UNVERIFIED}")}), "deste endereço"),
        (wire.SyntaxException(0x2000, "x", {}), "não aceitou a instrução"),
    ],
)
def test_what_refuses_every_row_alike_is_configured_and_no_row_is_blamed(error: Exception, words: str) -> None:
    def verdict(indices: list[int]) -> None:
        if indices[0] % 2 == 0:
            raise error

    with pytest.raises(ConfigurationError, match=f"(?s){words}"):
        Server(verdict).write(chunks_of(rows(*[1] * 40), ONE_SET, LIMITS))


def test_a_batch_of_one_row_that_is_too_large_is_nobodys_fault() -> None:
    def verdict(_indices: list[int]) -> None:
        raise InvalidRequest("Batch too large")

    with pytest.raises(ConfigurationError, match="batch_size_fail_threshold"):
        Server(verdict).write(chunks_of(rows(1, 1), ONE_SET, LIMITS))


HANDSHAKE = "org.apache.kafka.common.errors.SslAuthenticationException: SSL handshake failed\nCaused by"
LOGIN = "org.apache.kafka.common.KafkaException: LoginException: The response code"
ENDPOINT = "was encountered reading the token endpoint response"
WORKER = "[STAGE_FAILED] Job aborted. PythonException:\nTraceback (most recent call last):\n  File x\n"


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("[DATA_SOURCE_NOT_FOUND] Failed to find the data source: kafka.", ConfigurationError, "spark-sql-kafka"),
        ("Failed to find data source: kafka. Please deploy", ConfigurationError, "spark-sql-kafka"),
        ("java.lang.NoClassDefFoundError: org/apache/kafka/common/x", ConfigurationError, "spark-sql-kafka"),
        (f"{WORKER}ModuleNotFoundError: No module named 'sinesp'", ConfigurationError, "No module named 'sinesp'"),
        (f"{WORKER}AttributeError: Can't get attribute 'x'", ConfigurationError, "outra versão"),
        ("[PYTHON_VERSION_MISMATCH] Python in worker has different version: 3.9", ConfigurationError, "PYSPARK_PYTHON"),
        (
            "[PYTHON_VERSION_MISMATCH] Python in worker has different version: 3.12 than that in driver: 3.11, PySpark",
            ConfigurationError,
            "é o 3.12; esperado: 3.11",
        ),
        ('java.io.IOException: Cannot run program "python9": error=2', ConfigurationError, "PYSPARK_PYTHON"),
        ("o.a.k.common.errors.SaslAuthenticationException: failed", ConfigurationError, "O Kafka recusou o Spark"),
        (f"{LOGIN} 401 {ENDPOINT}; will not attempt further retries", ConfigurationError, "O Kafka recusou o Spark"),
        (f"{LOGIN} 503 {ENDPOINT}", TransientError, "não completou"),
        (f"{HANDSHAKE}: No subject alternative names matching", ConfigurationError, "não é deste endereço"),
        (f"{HANDSHAKE}: PKIX path building failed: x", ConfigurationError, "não é da CA configurada"),
        (f"{HANDSHAKE}: PKIX path validation failed: validity check failed", ConfigurationError, "vencido"),
        (f"{HANDSHAKE}: Received fatal alert: handshake_failure", ConfigurationError, "versão ou cifra"),
        (f"{HANDSHAKE}: Received fatal alert: certificate_required", ConfigurationError, "exige um certificado"),
        ("o.a.k.common.errors.TopicAuthorizationException: [t]", ConfigurationError, "ACL"),
        ("<_InactiveRpcError status = StatusCode.UNAUTHENTICATED", ConfigurationError, "token"),
        ("<_InactiveRpcError status = StatusCode.UNAVAILABLE", TransientError, "não completou"),
        (f"{WORKER}sinesp.domain.errors.TransientError: Cassandra não voltou", TransientError, "Cassandra não voltou"),
        (f"{WORKER}sinesp.domain.errors.ConfigurationError: sem tabela", ConfigurationError, "sem tabela"),
        ("OffsetOutOfRangeException: x", DataLossError, "replaneja"),
        ("java.lang.ArithmeticException: long overflow", spark_errors.UnreadableTimestampError, "instante"),
        ("Executor lost", TransientError, "não completou"),
    ],
)
def test_spark_is_asked_again_only_where_that_can_help(text: str, kind: type[SinespError], words: str) -> None:
    with pytest.raises(SinespError) as caught, spark_errors.translated():
        raise RuntimeError(text)
    assert type(caught.value) is kind
    assert words in str(caught.value)
