//! A site that is served and a browser that visits it; both end with the test, however it ends.

mod browser;
mod process;
#[path = "../../integration/support/server.rs"]
mod server;
mod site;
#[path = "../../integration/support/world.rs"]
mod world;

pub use browser::{Browser, Scripts};
pub use site::Site;
pub use world::PASSWORD;
