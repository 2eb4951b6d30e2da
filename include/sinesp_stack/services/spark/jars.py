"""Spark's Kafka source, for somebody's cluster: `python -m sinesp_stack.services.spark.jars FOLDER`."""

import shutil
import sys
from pathlib import Path

from sinesp_stack.maven import SPARK_JARS, ensure_jars
from sinesp_stack.settings import StackSettings


def main(folder: Path) -> None:
    """Download the jars if needed and copy them."""
    for jar in ensure_jars(StackSettings().jars, SPARK_JARS).glob("*.jar"):
        shutil.copy2(jar, folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
