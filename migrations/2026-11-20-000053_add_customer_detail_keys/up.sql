-- Who else is invoiced under this name or lives at this address: for likely duplicates.
ALTER TABLE customer_details
    ADD KEY customer_details_invoice_title (invoice_title),
    ADD KEY customer_details_address (address);
