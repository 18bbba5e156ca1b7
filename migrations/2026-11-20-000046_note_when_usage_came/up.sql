-- When usage was last heard of, whatever day it was of: only usage that came in after a customer was moved moves it again.
ALTER TABLE customer_activity ADD COLUMN usage_noted_at DATETIME(6) NULL AFTER last_used_on;
