ALTER TABLE contacts DROP KEY contacts_email;
