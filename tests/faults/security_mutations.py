"""Guards of certificates and tokens, and the count of what a publication withholds."""

from tests.faults.mutation import Mutation

SECURITY_MUTATIONS = (
    Mutation(
        "session of another certificate",
        "a session opened with another CA or certificate is used again",
        (
            (
                "clients/cassandra.py",
                "    tls: Tls | None = None\n",
                "    tls: Tls | None = field(default=None, compare=False)\n",
            ),
        ),
        "tests/integration/tls/test_cassandra.py::test_a_session_is_not_used_again_for_another_ca_or_certificate",
    ),
    Mutation(
        "address of a certificate (native client)",
        "a certificate of the CA is taken at any address",
        (("clients/cassandra_native.py", "    CHAIN_AND_ADDRESS = 3\n", "    CHAIN_AND_ADDRESS = 1\n"),),
        "tests/integration/tls/test_cassandra.py::test_who_cannot_show_who_they_are_is_told_so_and_not_asked_to_wait",
    ),
    Mutation(
        "address of a certificate (driver)",
        "the same, for command line and Airflow",
        (
            (
                "clients/tls.py",
                "        context.check_hostname = self.check_host\n",
                "        context.check_hostname = False\n",
            ),
        ),
        "tests/integration/tls/test_cassandra.py::test_who_cannot_show_who_they_are_is_told_so_and_not_asked_to_wait",
    ),
    Mutation(
        "properties Java would not heed",
        "Spark connects without what it does not know",
        (("clients/kafka_jvm.py", "    if not known:\n", "    if False:\n"),),
        "tests/unit/test_kafka_jvm.py::test_what_java_would_not_heed_is_refused_by_its_name",
    ),
    Mutation(
        "token in no log",
        "a Connect URL is handed to Spark as it is, which shows a token it cannot read",
        (("clients/spark_url.py", "quote(value, safe='')", "value"),),
        "tests/unit/test_spark_url.py::test_a_token_reaches_spark_as_it_is",
    ),
    Mutation(
        "count of what is withheld",
        "records that contradictory rows name are not counted",
        (
            (
                "publication/source_reading.py",
                "made.height - records.height + count_unmade(left_out, totals)",
                "made.height - records.height",
            ),
        ),
        "tests/files/test_publish_withheld.py::test_the_count_of_what_is_withheld_has_the_records_that_were_never_made",
    ),
)
