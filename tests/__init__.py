"""The test suite: unit, contract, integration, simulation. A package, so that `tests.support` means this one."""
