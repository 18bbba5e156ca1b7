//! The message to whoever looks after a customer from now on.

use serde_json::json;

use crate::customers::directory;
use crate::customers::directory::model::Customer;
use crate::db::Tx;
use crate::notifications::kinds::model::{Kind, Original, Variable};
use crate::types::ids::UserId;
use crate::types::{Outgoing, Recipient, Result};

/// The kind of message.
pub const KIND: &str = "customers.handed_over";

/// The kinds of the room.
pub const ALL: &[Kind] = &[Kind {
    code: KIND,
    mails: false,
    robots: false,
    variables: &[Variable::words("customer"), Variable::words("actor"), Variable::words("reason")],
    originals: [
        Original(include_str!("../../../templates/notifications/kinds/customers.handed_over.zh-CN.txt")),
        Original(include_str!("../../../templates/notifications/kinds/customers.handed_over.en.txt")),
    ],
}];

/// Tells the new owners of a customer; not who hands it over to themselves, and not who owned it before.
pub fn tell(tx: &mut Tx, before: &Customer, owners: [Option<UserId>; 2], reason: &str) -> Result<()> {
    let own = tx.actor().user_id;
    let known = [before.fields.sales_owner, before.fields.ops_owner, own];
    let mut new: Vec<UserId> =
        owners.into_iter().flatten().filter(|id| !known.contains(&Some(*id))).collect();
    new.dedup();
    if new.is_empty() {
        return Ok(());
    }
    let variables = json!({"customer": before.label(), "actor": tx.actor().name.clone(), "reason": reason});
    let message = Outgoing::new(KIND, &variables).about(directory::urls::customer(before.id));
    let message = new.into_iter().fold(message, |message, id| message.to(Recipient::User(id)));
    tx.notify(&message).map(|_| ())
}
