//! The message to whoever submitted a version that was rejected.

use serde_json::json;

use crate::customers::directory::model::Customer;
use crate::db::Tx;
use crate::notifications::kinds::model::{Kind, Original, Variable};
use crate::types::{Outgoing, Recipient, Result};

use super::model::PriceVersion;
use super::urls;

/// The kind of message.
const KIND: &str = "pricing.version_rejected";

/// The kinds of the room.
pub const ALL: &[Kind] = &[Kind {
    code: KIND,
    mails: true,
    robots: false,
    variables: &[Variable::words("customer"), Variable::words("actor"), Variable::words("reason")],
    originals: [
        Original(include_str!("../../../templates/notifications/kinds/pricing.version_rejected.zh-CN.txt")),
        Original(include_str!("../../../templates/notifications/kinds/pricing.version_rejected.en.txt")),
    ],
}];

/// Tells whoever submitted a version that it was rejected, and why.
pub(super) fn tell_rejected(
    tx: &mut Tx,
    version: &PriceVersion,
    customer: &Customer,
    reason: &str,
) -> Result<()> {
    let Some(author) = version.submitted_by.or(version.author_id) else { return Ok(()) };
    let variables = json!({"customer": customer.label(), "actor": tx.actor().name.clone(), "reason": reason});
    let message = Outgoing::new(KIND, &variables).about(urls::version(version.id));
    tx.notify(&message.to(Recipient::User(author))).map(|_| ())
}
