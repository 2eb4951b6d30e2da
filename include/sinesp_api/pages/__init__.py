"""The dashboard: pages rendered here from the query use cases, readable without JavaScript, each state an address."""
