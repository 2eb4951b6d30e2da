"""Airflow's Variables as files, so that several processes share them."""

from collections.abc import Iterator, MutableMapping
from pathlib import Path

from sinesp_stack.slate import Variables
from tests.pipeline import Pipeline


class _Folder(MutableMapping[str, str]):
    """One file per key, replaced as a whole."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.mkdir(parents=True, exist_ok=True)

    def __getitem__(self, name: str) -> str:
        try:
            return (self._path / name).read_text()
        except FileNotFoundError:
            raise KeyError(name) from None

    def __setitem__(self, name: str, text: str) -> None:
        temporary = self._path.parent / f"{name}.tmp"
        temporary.write_text(text)
        temporary.replace(self._path / name)

    def __delitem__(self, name: str) -> None:
        (self._path / name).unlink()

    def __iter__(self) -> Iterator[str]:
        return (p.name for p in self._path.iterdir())

    def __len__(self) -> int:
        return sum(1 for _ in self)


class FileVariables(Variables):
    """The Variables of several processes."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.texts = _Folder(path)

    def write(self, topic: str, text: str) -> None:
        super().write(topic, text)


def share(pipeline: Pipeline, folder: Path) -> None:
    """Keep the pipeline's Variables in files, where other processes see them."""
    pipeline.close()
    pipeline.variables = FileVariables(folder)
    pipeline.services = pipeline.connect()
