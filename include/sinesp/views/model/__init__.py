"""Values of the views; standard library only."""
