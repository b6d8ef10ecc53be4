"""Stand-ins for platforms that cannot be reached from a test machine: real HTTP servers with the platforms' rules."""
