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
    /// The field of a customer's code.
    pub company_code: String,
    /// The field of any value.
    pub value: String,
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
    let SuggestQuery { parent, company_code, value, q } = query.0;
    let text = [parent, company_code, value, q].into_iter().find(|text| !text.is_empty()).unwrap_or_default();
    let members = ctx.read(move |db| queries::suggest(db, &text)).await?;
    Page::part(&SuggestionsView { members })
}
