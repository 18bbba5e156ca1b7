ALTER TABLE deliveries DROP KEY deliveries_enclosed, DROP COLUMN enclosed_id, DROP COLUMN enclosed_kind;
