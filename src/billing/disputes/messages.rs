//! The messages of disputes: to those who look after the customer when the customer writes, and to the customer when one of
//! us answers.

use serde_json::json;

use crate::billing::bills::model::Bill;
use crate::billing::links;
use crate::billing::links::enclosing::LINK;
use crate::billing::links::model::BillLink;
use crate::billing::sending::recipients;
use crate::customers::directory::model::Customer;
use crate::db::Tx;
use crate::notifications::kinds::model::{Kind, Original, Variable};
use crate::types::ids::UserId;
use crate::types::{Outgoing, Recipient, Result};
use crate::web::secret::Secret;

use super::model::Dispute;
use super::urls;

/// The kind of message when a customer writes.
pub const WRITTEN: &str = "billing.dispute_written";

/// The kind of message when one of us answers.
pub const ANSWERED: &str = "billing.dispute_answered";

/// The kinds of disputes.
pub const ALL: &[Kind] = &[
    Kind {
        code: WRITTEN,
        mails: true,
        robots: true,
        variables: &[Variable::words("customer"), Variable::words("bill"), Variable::words("text")],
        originals: [
            Original(include_str!(
                "../../../templates/notifications/kinds/billing.dispute_written.zh-CN.txt"
            )),
            Original(include_str!("../../../templates/notifications/kinds/billing.dispute_written.en.txt")),
        ],
    },
    Kind {
        code: ANSWERED,
        mails: true,
        robots: false,
        variables: &[Variable::words("bill"), Variable::words("text")],
        originals: [
            Original(include_str!(
                "../../../templates/notifications/kinds/billing.dispute_answered.zh-CN.txt"
            )),
            Original(include_str!("../../../templates/notifications/kinds/billing.dispute_answered.en.txt")),
        ],
    },
];

/// Tells the owners of a customer what the customer wrote; where there are none, who has sent the bill.
pub fn tell_staff(
    tx: &mut Tx,
    dispute: &Dispute,
    link: &BillLink,
    bill: &Bill,
    customer: &Customer,
    text: &str,
) -> Result<()> {
    let fields = &customer.fields;
    let mut owners: Vec<UserId> = [fields.ops_owner, fields.sales_owner].into_iter().flatten().collect();
    owners.dedup();
    if owners.is_empty() {
        owners.extend(link.created_by);
    }
    let variables = json!({"customer": fields.company_name, "bill": bill.number, "text": text});
    let message = Outgoing::new(WRITTEN, &variables).about(urls::dispute(dispute.id));
    let message = owners.into_iter().fold(message, |message, user| message.to(Recipient::User(user)));
    tx.notify(&message).map(|_| ())
}

/// Tells the customer what one of us answered, by the link that the question came by, or by a new one where that is over.
/// One without an address finds the answer on the page of the bill.
pub fn tell_customer(
    tx: &mut Tx,
    secret: &Secret,
    dispute: &Dispute,
    bill: &Bill,
    customer: &Customer,
    text: &str,
) -> Result<()> {
    let Some(all) = recipients::of(tx, customer)? else { return Ok(()) };
    let link = links::queries::get(tx, dispute.link_id)?;
    let (id, t) = (link.id, link.language());
    let id = if link.opens(tx.now()) {
        id
    } else {
        links::commands::create(tx, secret, bill.id, t, &all.written())?.id
    };
    let variables = json!({"bill": bill.number, "text": text});
    let message = Outgoing::new(ANSWERED, &variables)
        .about(links::urls::page(links::urls::UNTOLD))
        .enclosing(LINK, id.0);
    tx.notify(&all.address(message, t)).map(|_| ())
}
