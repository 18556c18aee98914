"""What clients and operators speak to: REST, streams and channels, how state is shown, limits and signatures."""
