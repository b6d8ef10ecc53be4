"""Stand-ins for vendors that cannot be reached from a test machine: real HTTP servers with the vendors' rules."""
