-- The list of all contacts is in the order of a Chinese dictionary. The index holds what is searched, too, so that a search
-- reads nothing else.
ALTER TABLE contacts
    ADD COLUMN name_sort VARCHAR(80) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL AFTER name,
    ADD KEY contacts_list (deleted_at, name_sort, id, name, phone, email, customer_id);
