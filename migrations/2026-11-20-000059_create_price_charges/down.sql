DROP TABLE price_charges;
