//! Accounts: who works here, what they may do, and how they sign in.
//!
//! Users hold roles; a role grants permissions over a data scope; departments form the tree that scopes are cut from.

pub mod api_tokens;
pub mod checks;
pub mod departments;
pub mod housekeeping;
pub mod passwords;
pub mod preferences;
pub mod profile;
pub mod roles;
pub mod sessions;
pub mod sign_in;
pub mod users;

use crate::web::Routes;

/// The routes of the room.
pub fn routes(r: &mut Routes) {
    sign_in::routes(r);
    users::routes(r);
    roles::routes(r);
    departments::routes(r);
    profile::routes(r);
    sessions::routes(r);
    api_tokens::routes(r);
    preferences::routes(r);
}
