"""Trading Executor under its own name, for users whose own code is called `app`."""
