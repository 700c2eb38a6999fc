"""THE MEMORY. Releases, ledger, links, register and audit: append, never rewrite, no rows."""
