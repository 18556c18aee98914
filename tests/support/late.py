"""Libraries of a few tests, imported by the first test that uses one.

Every worker of a parallel run collects every file, and importing these took it as long as all the rest of that.
"""

from __future__ import annotations

import importlib
from typing import Any

import pytest


class Late:
    """Stands for a module. missing: why a test that needs it is skipped where it is not installed."""

    def __init__(self, name: str, *, missing: str = "") -> None:
        self._name, self._missing = name, missing

    def __getattr__(self, attribute: str) -> Any:
        if attribute.startswith("_"):  # pytest asks every global of a file whether it is a test, a mock
            raise AttributeError(attribute)
        module = pytest.importorskip(self._name, reason=self._missing) if self._missing else None
        return getattr(module or importlib.import_module(self._name), attribute)
