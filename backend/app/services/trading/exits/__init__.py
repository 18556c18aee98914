"""Getting out: closed and flattened positions, and the kill switch that a person pulls."""
