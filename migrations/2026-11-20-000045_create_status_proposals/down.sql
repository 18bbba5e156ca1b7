DROP TABLE status_proposals;
