//! Messages to people: the outbox, mail, inboxes, robots of group chats.
//!
//! A room causes a message in the transaction that is its reason (`tx.notify`). The [`dispatcher`] spreads it into
//! inboxes and [`deliveries`], in the words of the [`templates`], and sends those. Each message is of a [kind](kinds)
//! that its room has put into the application; what goes along with a mail is made by its [enclosure](enclosures).

pub mod announcements;
pub mod channels;
pub mod checks;
pub mod deliveries;
pub mod dispatcher;
pub mod enclosures;
pub mod inbox;
pub mod kinds;
pub mod outbox;
pub mod robots;
pub mod sender;
pub mod tabs;
pub mod templates;

use crate::web::Routes;

pub use enclosures::Enclosures;
pub use inbox::COUNTER;
pub use kinds::Kinds;

/// The routes of the room.
pub fn routes(r: &mut Routes) {
    inbox::routes(r);
    deliveries::routes(r);
    announcements::routes(r);
    templates::routes(r);
    robots::routes(r);
}
