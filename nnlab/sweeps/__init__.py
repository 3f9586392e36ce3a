"""The parts of ``nnlab.sweep``: the grid and its cells, the journal on disk, the workers.

What runs many experiments lives here; what one experiment is, and what is drawn of it, does not.
"""
