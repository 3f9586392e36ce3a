"""The live panel: controls, controller, pictures, pins, map and words.

The only room that knows widgets; ``nnlab.live`` is its front door.
"""
