//! The pages of messages: the log, templates, robots, inboxes, writing one.
