ALTER TABLE quarantined_records DROP KEY quarantined_records_queue;
