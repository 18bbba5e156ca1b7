ALTER TABLE customer_details
    DROP KEY customer_details_invoice_title,
    DROP KEY customer_details_address;
