"""Jars by Maven coordinates: pinned, downloaded once, shared by every stack of the checkout."""

import fcntl
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from tenacity import RetryError, Retrying, retry_if_exception_type, stop_after_attempt, wait_fixed

from sinesp_stack.errors import StackError

_MARKER = ".coordinates"


@dataclass(frozen=True, slots=True)
class JarSet:
    """Jars that make one class path. Without `transitive`, exactly the coordinates and nothing they ask for."""

    name: str
    coordinates: tuple[str, ...]
    transitive: bool = True

    @property
    def fingerprint(self) -> str:
        """What the marker file must say for a folder to count as complete."""
        return "\n".join((*self.coordinates, f"transitive={self.transitive}"))


# The library alone brings no logging binding (its distribution does): without one a broker fails silently.
KAFKA_JARS = JarSet("kafka", ("org.apache.kafka:kafka_2.13:4.2.0", "org.apache.logging.log4j:log4j-slf4j-impl:2.25.3"))
CASSANDRA_JARS = JarSet("cassandra", ("org.apache.cassandra:cassandra-all:5.0.8",))
# pip's pyspark ships no Kafka source. With what they depend on, these four would bring a second Scala and Hadoop.
SPARK_JARS = JarSet(
    "spark-kafka",
    (
        "org.apache.spark:spark-sql-kafka-0-10_2.13:4.2.0",
        "org.apache.spark:spark-token-provider-kafka-0-10_2.13:4.2.0",
        "org.apache.kafka:kafka-clients:3.9.2",
        "org.apache.commons:commons-pool2:2.13.1",
    ),
    transitive=False,
)


def jar_folder(root: Path, jars: JarSet) -> Path:
    """Folder of the set; it exists only when complete or outdated."""
    return root / jars.name


def is_complete(root: Path, jars: JarSet) -> bool:
    """True when exactly these coordinates were downloaded before."""
    marker = jar_folder(root, jars) / _MARKER
    return marker.exists() and marker.read_text() == jars.fingerprint


def ensure_jars(root: Path, jars: JarSet) -> Path:
    """Return the folder with the set's jars, downloading them if needed. Safe between stacks starting together.

    Raises:
        StackError: Maven failed three times; the message has the end of its output.
    """
    folder = jar_folder(root, jars)
    if is_complete(root, jars):
        return folder
    root.mkdir(parents=True, exist_ok=True)
    with _exclusive(root / f".{jars.name}.lock"):
        if not is_complete(root, jars):
            _download(root, jars, folder)
    return folder


def _download(root: Path, jars: JarSet, folder: Path) -> None:
    with tempfile.TemporaryDirectory(dir=root, prefix=f".{jars.name}-") as scratch:
        work = Path(scratch)
        (work / "pom.xml").write_text(_pom(jars))
        target = work / "jars"
        try:
            for attempt in Retrying(
                stop=stop_after_attempt(3),
                wait=wait_fixed(3),
                retry=retry_if_exception_type(subprocess.CalledProcessError),
            ):
                with attempt:
                    _maven(work, target, jars)
        except RetryError as error:
            failure = error.last_attempt.exception()
            output = failure.output if isinstance(failure, subprocess.CalledProcessError) else str(failure)
            msg = f"O Maven não conseguiu baixar os jars de {jars.name} em três tentativas:\n{output[-2000:]}"
            raise StackError(msg) from error
        (target / _MARKER).write_text(jars.fingerprint)
        shutil.rmtree(folder, ignore_errors=True)
        target.rename(folder)


def _maven(work: Path, target: Path, jars: JarSet) -> None:
    # -U: a failed look-up is otherwise remembered as "does not exist" for a day.
    goal = ["dependency:copy-dependencies", f"-DoutputDirectory={target}", "-DincludeScope=runtime"]
    if not jars.transitive:
        goal.append("-DexcludeTransitive=true")
    command = ["mvn", "-q", "-B", "-U", *goal]
    subprocess.run(command, cwd=work, check=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def _pom(jars: JarSet) -> str:
    def dependency(coordinate: str) -> str:
        group, artifact, version = (escape(part) for part in coordinate.split(":"))
        inner = f"<groupId>{group}</groupId><artifactId>{artifact}</artifactId><version>{version}</version>"
        return f"<dependency>{inner}</dependency>"

    dependencies = "".join(dependency(c) for c in jars.coordinates)
    return (
        '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>'
        f"<groupId>sinesp.stack</groupId><artifactId>{jars.name}</artifactId><version>1</version><packaging>pom</packaging>"
        f"<dependencies>{dependencies}</dependencies></project>"
    )


@contextmanager
def _exclusive(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
