"""THE ROWS. Customer rows live here, encrypted, until a day known beforehand.

Nothing in this room is shown, logged, cached or returned to a page.
"""
