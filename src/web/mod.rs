//! The HTTP platform: everything about requests and pages that is no business of any room.
//!
//! A room registers its handlers on [`Routes`], each with the access it demands; a handler takes a [`Ctx`], reads or
//! writes through it, and answers with a [`Page`], a redirect or an [`Error`](crate::types::Error).

pub mod access;
pub mod api;
pub mod assets;
pub mod cookies;
pub mod csrf;
pub mod ctx;
pub mod download;
pub mod error;
pub mod form;
pub mod health;
pub mod incoming;
pub mod openapi;
pub mod outbound;
pub mod page;
pub mod panels;
pub mod reason;
pub mod request;
pub mod routes;
pub mod secret;
pub mod sending;
pub mod state;
pub mod tabs;
pub mod tls;
pub mod ui;
pub mod unlisted;

pub use actix_web::HttpResponse as Response;
pub use actix_web::web::Path;

pub use ctx::Ctx;
pub use form::{Form, Query, Upload};
pub use incoming::{Incoming, IncomingFile};
pub use page::{Crumb, Page};
pub use routes::{Access, Routes};
pub use state::State;
pub use ui::Ui;
