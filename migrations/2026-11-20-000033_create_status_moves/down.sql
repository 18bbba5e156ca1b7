DROP TABLE status_moves;
