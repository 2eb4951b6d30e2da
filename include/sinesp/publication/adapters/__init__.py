"""The outside of a publication: files, sites, published versions, the producer."""
