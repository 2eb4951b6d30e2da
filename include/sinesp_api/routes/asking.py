"""What every route does: refuse what is said twice, find who answers in this process, and ask."""

from collections import Counter
from typing import cast

from starlette.requests import Request

from sinesp.query.model.refusals import Fault, RefusedError
from sinesp_api.answering import Answering

_REPEATED = "parâmetro repetido; dê um valor só (listas vão separadas por vírgula)"


def answering(request: Request) -> Answering:
    """What answers in this process."""
    return cast("Answering", request.app.state.answering)


async def no_repeats(request: Request) -> None:
    """Of two values of a parameter nobody can tell which one was meant.

    Raises:
        RefusedError: naming the parameters.
    """
    said = Counter(name for name, _ in request.query_params.multi_items())
    repeated = [Fault(name[:100], _REPEATED) for name, times in said.items() if times > 1]
    if repeated:
        raise RefusedError(*repeated)
