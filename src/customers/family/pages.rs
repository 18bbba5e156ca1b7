//! Suggestions while somebody types the code or the name of a customer.

use askama::Template;
use serde::Deserialize;

use crate::types::Result;
use crate::web::{Ctx, Page, Query, Response};

use super::model::Member;
use super::queries;

/// What was typed: into a field for a parent, or into another one.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct SuggestQuery {
    /// The field of a parent.
    pub parent: String,
    /// Any other.
    pub q: String,
}

#[derive(Template)]
#[template(path = "customers/family/suggestions.html")]
struct SuggestionsView {
    members: Vec<Member>,
}

/// The customers that may be meant, as options of a list.
pub async fn suggest(ctx: Ctx, query: Query<SuggestQuery>) -> Result<Response> {
    let text = if query.parent.is_empty() { query.q.clone() } else { query.parent.clone() };
    let members = ctx.read(move |db| queries::suggest(db, &text)).await?;
    Page::part(&SuggestionsView { members })
}
