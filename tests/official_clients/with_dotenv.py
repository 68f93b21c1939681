"""The `.env` file by python-dotenv: its variables are those in this process, which a shell read from the same file."""

import os
import sys

from dotenv import dotenv_values

variables = dotenv_values(sys.argv[1])
assert variables, sys.argv[1]
for name, value in variables.items():
    assert os.environ[name] == value, name
