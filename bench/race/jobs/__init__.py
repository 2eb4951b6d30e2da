"""Programs of the competitors, each in a process of its own."""
