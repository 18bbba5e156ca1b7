//! A site that is served and a browser that visits it; both end with the test, however it ends.

mod browser;
mod process;
#[expect(dead_code, reason = "the integration tests, which it belongs to, use the rest")]
#[path = "../../integration/support/server.rs"]
mod server;
mod site;
#[expect(dead_code, reason = "the integration tests, which it belongs to, use the rest")]
#[path = "../../integration/support/world.rs"]
mod world;

pub use browser::{Browser, Scripts};
pub use site::Site;
pub use world::PASSWORD;
