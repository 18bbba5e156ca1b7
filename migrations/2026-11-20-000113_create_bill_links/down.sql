DROP TABLE bill_links;
