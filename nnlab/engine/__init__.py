"""The engine: the rules compiled into a training loop, for one run and for many.

It trains and nothing else: no file, no figure, no widget, and no formula of its own.
"""
