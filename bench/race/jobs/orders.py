"""How a job takes orders: one line of JSON in, one line of JSON out.

Standard library only: the connector's environment has no more.
"""

import json
import sys
from collections.abc import Callable
from typing import Any

Order = dict[str, Any]


def serve(work: Callable[[Order], Order]) -> None:
    """Answer orders until the input ends; an exception is an answer too, because some peers are expected to fail."""
    # Spark and its JVM print to the standard output of whoever starts them.
    answers, sys.stdout = sys.stdout, sys.stderr
    answers.write('{"ready": true}\n')
    answers.flush()
    for line in sys.stdin:
        try:
            answer = work(json.loads(line))
        except Exception as error:  # noqa: BLE001
            answer = {"error": f"{type(error).__name__}: {error}"[:2000]}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()
