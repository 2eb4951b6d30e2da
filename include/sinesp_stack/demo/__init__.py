"""`make demo`: the official files through the whole pipeline, and the figures that prove the result."""
