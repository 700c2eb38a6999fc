"""Comparisons with peers, run by hand."""
