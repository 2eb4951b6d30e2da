"""`make bench`: how fast the pipeline is, against its alternatives and by itself."""
