ALTER TABLE customer_activity DROP COLUMN usage_noted_at;
