-- What goes along with a delivery, by which it is found, too: what became of the mails of a bill.
ALTER TABLE deliveries
    ADD COLUMN enclosed_kind VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NULL,
    ADD COLUMN enclosed_id BIGINT UNSIGNED NULL,
    ADD KEY deliveries_enclosed (enclosed_kind, enclosed_id);
