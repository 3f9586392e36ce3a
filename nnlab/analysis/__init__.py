"""What notebooks ask of a network: its signals and units, its landscape, its noise.

Numbers in, numbers out: nothing here draws, and nothing changes the run that it is asked about.
"""

from nnlab.analysis import landscape, noise, saturation, signals

__all__ = ["landscape", "noise", "saturation", "signals"]
