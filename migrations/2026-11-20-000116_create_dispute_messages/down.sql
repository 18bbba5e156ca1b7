DROP TABLE dispute_messages;
