-- What goes along with a message: files and a link that are made when it is sent, so that none is stored.
ALTER TABLE messages
    ADD COLUMN enclosed_kind VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NULL,
    ADD COLUMN enclosed_id BIGINT UNSIGNED NULL;
