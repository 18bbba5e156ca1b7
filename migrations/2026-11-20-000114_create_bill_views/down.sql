DROP TABLE bill_views;
