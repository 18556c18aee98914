"""State as rows of OKX's wire, for REST and channels alike."""
