"""The lake: every accepted record, once, for ever, as Delta files below the state URL."""
