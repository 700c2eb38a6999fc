"""THE WINDOW. A stored release becomes a page for people who have no account."""
