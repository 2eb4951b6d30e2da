"""Where rows come from: Cassandra's views, the memory of a test, files written by a refresh."""
