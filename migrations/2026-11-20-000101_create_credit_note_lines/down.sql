DROP TABLE credit_note_lines;
