-- The queue of a state, the latest record first, whichever rule caught it.
ALTER TABLE quarantined_records ADD KEY quarantined_records_queue (state, id);
