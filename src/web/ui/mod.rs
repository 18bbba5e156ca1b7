//! The shared pieces of pages: what a template needs of the request, fields of forms, lists and their tools.
//!
//! A piece is a small struct with a template under `templates/ui/`; it prints itself where it is named, already safe.

pub mod chart;
pub mod fields;
#[expect(missing_docs, clippy::inline_always, reason = "what the macro makes of documented functions")]
pub mod filters;
pub mod list;
pub mod tabs;
pub mod pagers;
pub mod top_bar;
pub mod url;

use std::sync::Arc;

use askama::filters::Safe;
use chrono::NaiveDateTime;

use crate::i18n::Tr;
use crate::types::{Actor, Permission};

pub use chart::{Chart, Shape};
pub use fields::{Choice, Fields};
pub use list::{Badge, Columns, ExportForm, FilterBar, SortHeading, Tone};
pub use pagers::{KeysetPager, Pager, StreamPager};
pub use url::PageUrl;

/// What every template needs of the request.
#[derive(Clone)]
pub struct Ui {
    /// The language.
    pub t: Tr,
    /// Who looks.
    pub actor: Arc<Actor>,
    /// The token for the page's forms.
    pub csrf: Arc<str>,
    /// Path and query of the page.
    pub url: String,
    /// Now (UTC).
    pub now: NaiveDateTime,
}

impl Ui {
    /// Whether the one who looks holds the permission.
    pub fn can(&self, permission: Permission) -> bool {
        self.actor.can(permission)
    }

    /// The hidden field that every form carries.
    pub fn csrf_field(&self) -> Safe<String> {
        Safe(format!("<input type=\"hidden\" name=\"csrf\" value=\"{}\">", self.csrf))
    }

    /// The page's URL, to be changed in some parameters.
    pub fn page_url(&self) -> PageUrl {
        PageUrl::parse(&self.url)
    }
}

/// Makes a piece print itself unescaped: its template has escaped what needs it.
macro_rules! piece {
    ($($name:ident $(<$life:lifetime>)?),+ $(,)?) => { $(
        impl $(<$life>)? askama::filters::HtmlSafe for $name $(<$life>)? {}
    )+ };
}
pub(crate) use piece;
