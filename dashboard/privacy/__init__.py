"""THE GATE. Rows enter, a release leaves, and the ledger was charged before.

Everything outside gate and mechanisms is free post-processing of noisy integers.
"""
