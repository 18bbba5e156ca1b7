ALTER TABLE messages DROP COLUMN enclosed_id, DROP COLUMN enclosed_kind;
