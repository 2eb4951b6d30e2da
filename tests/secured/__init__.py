"""Services that speak TLS and know their clients: certificates made for the test, and a front with any certificate."""
