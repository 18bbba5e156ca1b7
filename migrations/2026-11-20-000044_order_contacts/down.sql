ALTER TABLE contacts DROP KEY contacts_list, DROP COLUMN name_sort;
