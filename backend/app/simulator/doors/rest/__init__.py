"""The REST door, and the endpoints behind it by what they are about."""
