"""Measured sections of the documents: rewritten in place by whoever measures, the prose around them stays."""

from pathlib import Path


def replace_section(document: Path, title: str, text: str) -> None:
    """Put `text` under the heading `## title`, up to the next heading of that rank; a missing section is added."""
    document.parent.mkdir(parents=True, exist_ok=True)
    whole = document.read_text() if document.exists() else f"# {document.stem}\n"
    before, heading, rest = whole.partition(f"## {title}\n")
    if not heading:
        before, heading = f"{before.rstrip()}\n\n", f"## {title}\n"
    after = rest[rest.find("\n## ") :] if "\n## " in rest else ""
    document.write_text(f"{before}{heading}\n{text.rstrip()}\n{after}")
