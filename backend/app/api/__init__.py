"""The HTTP interface: FastAPI routes over the trading services. app.main puts it together with a running system."""
