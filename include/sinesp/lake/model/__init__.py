"""Values of the lake; standard library only."""
