-- Who else has this mail address: for likely duplicates.
ALTER TABLE contacts ADD KEY contacts_email (email);
