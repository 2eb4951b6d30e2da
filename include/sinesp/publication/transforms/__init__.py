"""What the text of the files means: pure functions over Polars frames."""
