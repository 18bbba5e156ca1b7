//! To whom the bills of a customer go: to its addresses for bills, else to its primary contact.

use std::collections::BTreeMap;

use crate::customers::contacts;
use crate::customers::directory::model::Customer;
use crate::db::Db;
use crate::i18n::Tr;
use crate::types::ids::CustomerId;
use crate::types::{Outgoing, Recipient, Refusal, Result};

/// The language of a customer: none is kept of one, and the company's customers read Chinese.
pub const LANGUAGE: Tr = Tr::ZhCn;

/// To whom the bills of a customer go. There is one at least.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipients {
    name: String,
    emails: Vec<String>,
}

impl Recipients {
    /// The addresses.
    pub fn emails(&self) -> &[String] {
        &self.emails
    }

    /// The addresses, in writing.
    pub fn written(&self) -> String {
        self.emails.join("; ")
    }

    /// A message to all of them.
    pub fn address(&self, message: Outgoing, t: Tr) -> Outgoing {
        self.emails.iter().fold(message, |message, email| {
            message.to(Recipient::Address {
                email: email.clone(),
                name: self.name.clone(),
                language: t.tag().to_owned(),
            })
        })
    }
}

/// To whom the bills of a customer go; `None` where nothing is known.
pub fn of(db: &mut Db, customer: &Customer) -> Result<Option<Recipients>> {
    Ok(of_all(db, [customer])?.remove(&customer.id))
}

/// To whom the bills of these customers go; those of whom nothing is known are left out.
pub fn of_all<'a>(
    db: &mut Db,
    all: impl IntoIterator<Item = &'a Customer>,
) -> Result<BTreeMap<CustomerId, Recipients>> {
    let all: Vec<&Customer> = all.into_iter().collect();
    let without: Vec<CustomerId> = all
        .iter()
        .filter(|customer| customer.fields.billing_emails.is_empty())
        .map(|customer| customer.id)
        .collect();
    let mut contacts = contacts::queries::primary_emails(db, &without)?;
    let of = |customer: &Customer| {
        let fields = &customer.fields;
        if fields.billing_emails.is_empty() {
            let (name, email) = contacts.remove(&customer.id)?;
            return Some((customer.id, Recipients { name, emails: vec![email] }));
        }
        let emails = fields.billing_emails.clone();
        Some((customer.id, Recipients { name: fields.company_name.clone(), emails }))
    };
    Ok(all.into_iter().filter_map(of).collect())
}

/// Why nothing can be sent to a customer of whom no address is known.
pub fn missing(customer: &Customer) -> Refusal {
    let label = customer.label();
    Refusal::new("no_address", move |t: Tr| t.bill_sending_refused_no_address(&label))
}
