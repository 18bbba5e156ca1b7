//! The first page after signing in.

use askama::Template;

use crate::types::Result;
use crate::web::ui::{Ui, filters};
use crate::web::{Access, Ctx, Page, Response};

/// A way into the product.
struct Way {
    url: &'static str,
    icon: &'static str,
    label: &'static str,
}

#[derive(Template)]
#[template(path = "home/index.html")]
struct IndexView {
    ui: Ui,
    ways: Vec<Way>,
}

/// What the one who looks may open.
pub async fn index(ctx: Ctx) -> Result<Response> {
    let ways = ctx.state.routes().iter().filter(|info| info.path != "/").filter_map(|info| {
        let item = info.menu?;
        let allowed = match info.access {
            Access::Needs(permission) => ctx.actor.can(permission),
            _ => true,
        };
        allowed.then(|| Way { url: info.path, icon: item.icon, label: (item.label)(ctx.t) })
    });
    let view = IndexView { ui: ctx.ui(), ways: ways.collect() };
    Ok(Page::new(&ctx, ctx.t.home_title(), &view).respond())
}
