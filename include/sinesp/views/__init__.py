"""The views: query tables that are a function of the lake, their refresh, versions and proof."""
