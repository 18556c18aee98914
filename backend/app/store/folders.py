"""Folders that hold money, keys or journals: made for their owner alone, with every folder above them that is made."""

from pathlib import Path


def private_folder(path: Path) -> None:
    """Make the folder and what is missing above it with mode 0700; one that is there stays as it is. Raises OSError."""
    if path.exists():
        path.mkdir(exist_ok=True)  # refuses what is no folder
        return
    private_folder(path.parent)
    path.mkdir(mode=0o700, exist_ok=True)
