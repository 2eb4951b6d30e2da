"""Progress on the terminal: one spinner per service, or plain lines where there is no terminal."""

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

_FINAL = frozenset({"pronto", "parado", "já está rodando"})


class ConsoleProgress:
    """A context manager whose `report` is handed to the stack."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._began = time.monotonic()
        self._tasks: dict[str, TaskID] = {}
        self._progress = Progress(
            SpinnerColumn(finished_text="[green]✓"),
            TextColumn("{task.description}"),
            TimeElapsedColumn(),
            console=console,
            disable=not console.is_terminal,
        )

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def report(self, service: str, message: str) -> None:
        """Show what is happening to a service; an empty message only announces it."""
        if not self._console.is_terminal:
            if message:
                self._console.print(f"{time.monotonic() - self._began:6.1f}s  {service:<10} {message}")
            return
        task = self._tasks.get(service)
        if task is None:
            task = self._tasks[service] = self._progress.add_task(service, total=1)
        done = message in _FINAL or message.startswith("não instalado")
        self._progress.update(task, description=f"{service:<10} {message or 'na fila'}", completed=int(done))
