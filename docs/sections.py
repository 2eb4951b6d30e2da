"""Measured sections of the documents: rewritten in place by whoever measures, the prose around them stays."""

from pathlib import Path


def replace_section(document: Path, title: str, text: str) -> None:
    """Put `text` under the heading `## title`, up to the next heading of that rank; the section is added when missing."""
    document.parent.mkdir(parents=True, exist_ok=True)
    whole = document.read_text() if document.exists() else f"# {document.stem}\n"
    heading = f"## {title}\n"
    before, found, rest = whole.partition(heading)
    after = rest[rest.find("\n## ") + 1 :] if "\n## " in rest else ""
    document.write_text(
        f"{before if found else before.rstrip() + chr(10) * 2}{heading}\n{text.rstrip()}\n{chr(10) + after if after else ''}"
    )
