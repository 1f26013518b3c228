"""The wait after wrong passphrases, through restarts and wrong clocks."""

from pathlib import Path

import pytest
from conftest_security import Clock
