"""What people are told by mail, chat or webhook. The journal is the outbox: each rule of a channel remembers up to
which event it has told, so that nothing is lost over a restart or an outage, and nothing waits for a channel."""
