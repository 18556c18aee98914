"""The WebSocket channels: who may have which, and what each sends when."""
