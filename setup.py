"""All about nnlab stands in pyproject.toml; this only mends a slip of setuptools.

Its editable installs ask for ``has_data`` before they install data files, and it is named otherwise
(seen in 77 to 84): the file by which Jupyter's server finds our extension would be left out.
"""

from setuptools import Distribution, setup

Distribution.has_data = Distribution.has_data_files
setup()
