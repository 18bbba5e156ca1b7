//! A page: a rendered body, wrapped in the one shell. For htmx the body is sent alone, with its title.

use actix_web::http::{StatusCode, header};
use askama::Template;

use crate::types::{Error, Result};

use super::Response;
use super::cookies::{self, Flash};
use super::ctx::Ctx;
use super::routes::MenuGroup;
use super::ui::top_bar::Counters;
use super::ui::{Ui, filters};

/// A step of the way to a page.
#[derive(Debug, Clone)]
pub struct Crumb {
    /// What it is called.
    pub label: String,
    /// Where it leads.
    pub url: String,
}

/// A page in the making.
pub struct Page<'a, V> {
    ctx: &'a Ctx,
    title: String,
    view: &'a V,
    crumbs: Vec<Crumb>,
    status: StatusCode,
    bare: bool,
    once: bool,
    class: &'static str,
}

struct MenuEntry {
    label: &'static str,
    url: &'static str,
    icon: &'static str,
    current: bool,
}

struct MenuSection {
    title: Option<&'static str>,
    entries: Vec<MenuEntry>,
}

#[derive(Template)]
#[template(path = "shell.html")]
struct Shell<'a> {
    ui: &'a Ui,
    title: &'a str,
    crumbs: &'a [Crumb],
    menu: Vec<MenuSection>,
    flash: Option<&'a Flash>,
    body: &'a str,
    class: &'static str,
    bare: bool,
    once: bool,
    signed_in: bool,
    counters: Counters,
}

#[derive(Template)]
#[template(path = "partial.html")]
struct Partial<'a> {
    ui: &'a Ui,
    title: &'a str,
    crumbs: &'a [Crumb],
    flash: Option<&'a Flash>,
    body: &'a str,
    class: &'static str,
}

impl<'a, V: Template> Page<'a, V> {
    /// A page with a title and a body.
    pub fn new(ctx: &'a Ctx, title: impl Into<String>, view: &'a V) -> Page<'a, V> {
        Page {
            ctx,
            title: title.into(),
            view,
            crumbs: Vec::new(),
            status: StatusCode::OK,
            bare: false,
            once: false,
            class: "view",
        }
    }

    /// A part of a page by itself, for scripts to put where it belongs.
    pub fn part(view: &V) -> Result<Response> {
        let html = view.render().map_err(|fault| Error::Internal(fault.into()))?;
        Ok(Response::Ok().content_type("text/html; charset=utf-8").body(html))
    }

    /// A part of a page that comes back with its faults: status 422.
    pub fn faulty_part(view: &V) -> Result<Response> {
        let html = view.render().map_err(|fault| Error::Internal(fault.into()))?;
        Ok(Response::UnprocessableEntity().content_type("text/html; charset=utf-8").body(html))
    }

    /// Adds a step to the way to the page.
    #[must_use]
    pub fn crumb(mut self, label: impl Into<String>, url: impl Into<String>) -> Self {
        self.crumbs.push(Crumb { label: label.into(), url: url.into() });
        self
    }

    /// With another status than 200.
    #[must_use]
    pub fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// The same form again, with its faults: status 422.
    #[must_use]
    pub fn invalid(self) -> Self {
        self.status(StatusCode::UNPROCESSABLE_ENTITY)
    }

    /// That cannot be asked for again, because it shows a secret this once: without the switch of the language, which
    /// would lead away from it.
    #[must_use]
    pub fn once(mut self) -> Self {
        self.once = true;
        self
    }

    /// Without navigation: a card in the middle.
    #[must_use]
    pub fn bare(mut self) -> Self {
        self.bare = true;
        self
    }

    /// As a list, whose table fills the window and scrolls within it.
    #[must_use]
    pub fn listing(mut self) -> Self {
        self.class = "view view-list";
        self
    }

    /// The response.
    pub fn respond(self) -> Response {
        let body = match self.view.render() {
            Ok(body) => body,
            Err(fault) => return self.broken(fault.into()),
        };
        let (ctx, secret) = (self.ctx, &self.ctx.state.secret);
        let flash = cookies::flash(&ctx.request, secret);
        let flash = flash.as_ref();
        let ui = ctx.ui();
        let rendered = if ctx.is_htmx() {
            Partial {
                ui: &ui,
                title: &self.title,
                crumbs: &self.crumbs,
                flash,
                body: &body,
                class: self.class,
            }
            .render()
        } else {
            Shell {
                ui: &ui,
                title: &self.title,
                crumbs: &self.crumbs,
                menu: menu(ctx),
                flash,
                body: &body,
                class: self.class,
                bare: self.bare,
                once: self.once,
                signed_in: ctx.actor.user_id.is_some(),
                counters: Counters::new(
                    ctx.t,
                    &ctx.facts.known().map(|known| known.counted).unwrap_or_default(),
                ),
            }
            .render()
        };
        let html = match rendered {
            Ok(html) => html,
            Err(fault) => return self.broken(fault.into()),
        };
        let https = ctx.state.config.is_https();
        let mut response = Response::build(self.status);
        response.content_type("text/html; charset=utf-8");
        response.insert_header((header::VARY, "HX-Request, Cookie, Accept-Language"));
        if ctx.facts.csrf_nonce.1 {
            response.cookie(cookies::keep_csrf_nonce(&ctx.facts.csrf_nonce.0, https));
        }
        if cookies::has_flash(&ctx.request) {
            response.cookie(cookies::forget_flash(https));
        }
        response.body(html)
    }

    fn broken(&self, fault: anyhow::Error) -> Response {
        let fault = Error::Internal(fault);
        tracing::error!(request_id = self.ctx.facts.request_id, %fault, "a template failed");
        Response::InternalServerError().body(fault.message(self.ctx.t))
    }
}

/// The navigation: what the actor may open, in the order in which it was registered.
fn menu(ctx: &Ctx) -> Vec<MenuSection> {
    let here = current_entry(ctx);
    let mut sections: Vec<(MenuGroup, MenuSection)> = Vec::new();
    for info in ctx.state.routes() {
        let Some(item) = info.menu else { continue };
        if !info.access.admits(&ctx.actor) {
            continue;
        }
        let entry = MenuEntry {
            label: (item.label)(ctx.t),
            url: info.path,
            icon: item.icon,
            current: here == Some(info.path),
        };
        match sections.iter_mut().find(|(group, _)| *group == item.group) {
            Some((_, section)) => section.entries.push(entry),
            None => sections.push((
                item.group,
                MenuSection { title: group_title(item.group, ctx), entries: vec![entry] },
            )),
        }
    }
    sections.sort_by_key(|(group, _)| *group);
    sections.into_iter().map(|(_, section)| section).collect()
}

/// The entry of the navigation that the page stands at or below: the nearest one, as of `/audit` and
/// `/audit/sign-ins`.
fn current_entry(ctx: &Ctx) -> Option<&'static str> {
    let path = ctx.request.path();
    let entries = ctx.state.routes().iter().filter(|info| info.menu.is_some()).map(|info| info.path);
    let above = |entry: &&str| {
        path == *entry || *entry != "/" && path.strip_prefix(*entry).is_some_and(|rest| rest.starts_with('/'))
    };
    entries.filter(above).max_by_key(|entry| entry.len())
}

fn group_title(group: MenuGroup, ctx: &Ctx) -> Option<&'static str> {
    match group {
        MenuGroup::Home => None,
        MenuGroup::Customers => Some(ctx.t.menu_customers()),
        MenuGroup::Pricing => Some(ctx.t.menu_pricing()),
        MenuGroup::Usage => Some(ctx.t.menu_usage()),
        MenuGroup::Billing => Some(ctx.t.menu_billing()),
        MenuGroup::System => Some(ctx.t.menu_system()),
    }
}
