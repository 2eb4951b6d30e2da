"""transforms layer; see ARCHITECTURE.md."""
