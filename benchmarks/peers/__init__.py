"""The same counts and means by other private tools, each in an environment of its own."""
