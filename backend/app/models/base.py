"""The base of all tables. Beside app.models.trading."""

from sqlalchemy.orm import DeclarativeBase


class Base(DeclarativeBase):
    """All tables of the system."""
