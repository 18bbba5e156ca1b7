//! What every test stands on: a database of its own, the application in front of it, a small named world inside it,
//! and clients that behave like browsers and programs.
//!
//! ```ignore
//! let app = TestApp::new().await;
//! let wang = app.signed_in("wang").await;
//! let page = wang.get("/users").await.ok();
//! let answer = wang.submit(&page, "/users", &[("name", "王小明")]).await;
//! answer.see_other("/users");
//! ```

mod app;
pub mod billing;
mod client;
pub mod html;
pub mod robot;
pub mod routes;
pub mod smtp;
pub mod source;
pub mod vendor;
mod server;
mod world;

pub use app::{PNG, TestApp};
pub use client::{Answer, Api, Client};
pub use server::TestDatabase;
pub use world::{PASSWORD, Template, system};
