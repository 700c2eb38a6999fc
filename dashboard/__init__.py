"""Private Segments: customer segments that expose nobody."""

__version__ = "0.1.0"
