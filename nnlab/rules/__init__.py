"""The rules: one hyperparameter a file, every formula written once as plain numbers.

They know nothing but ``nnlab.checks``: no network, no training loop, no picture.
"""
