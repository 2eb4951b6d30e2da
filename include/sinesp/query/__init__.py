"""Questions: what readers ask of the views, without a scan and without a wrong number."""
