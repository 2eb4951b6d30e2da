"""Official files to plain tables of text. What the text means is decided in `transforms`."""
