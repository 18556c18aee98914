"""Traces of orders and executions for OpenTelemetry collectors, made of the journal once their life is over."""
