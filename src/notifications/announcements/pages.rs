//! The page on which an announcement is written.

use askama::Template;

use crate::accounts::{departments, roles};
use crate::notifications::{deliveries, robots};
use crate::types::{DataScope, FieldErrors, Permission, Result};
use crate::web::secret::random_text;
use crate::web::ui::{Choice, Fields, Ui, filters};
use crate::web::{Ctx, Form, Page, Response};

use super::commands;
use super::forms::{AnnouncementForm, MAX_TEXT, MAX_TITLE};
use super::model::Audience;
use super::urls;

#[derive(Template)]
#[template(path = "notifications/announcements/new.html")]
struct NewView {
    ui: Ui,
    form: AnnouncementForm,
    fields: Fields,
    audiences: Vec<Choice>,
    roles: Vec<Choice>,
    departments: Vec<Choice>,
    robots: Vec<Choice>,
    reaches_outside: bool,
}

/// The form of a new one.
pub async fn new(ctx: Ctx) -> Result<Response> {
    let form = AnnouncementForm {
        audience: Audience::Everybody.to_string(),
        once: random_text(18),
        ..AnnouncementForm::default()
    };
    form_page(&ctx, form, FieldErrors::new()).await
}

/// Sends it.
pub async fn create(ctx: Ctx, form: Form<AnnouncementForm>) -> Result<Response> {
    let outcome = match form.check() {
        Ok(draft) => ctx.write(move |tx| commands::send(tx, &draft)).await,
        Err(errors) => Err(errors.into()),
    };
    match outcome {
        Ok(announced) => {
            let (addresses, robots, users) = (announced.addresses, announced.robots, announced.users);
            Ok(ctx.done(deliveries::urls::INDEX, ctx.t.announcements_sent(addresses, robots, users)))
        }
        Err(fault) => form_page(&ctx, form.0, fault.into_faults("")?).await,
    }
}

async fn form_page(ctx: &Ctx, form: AnnouncementForm, errors: FieldErrors) -> Result<Response> {
    let (t, faulty) = (ctx.t, !errors.is_empty());
    let reaches_outside = ctx.actor.scope(Permission::MessageSend)? == DataScope::All;
    let (roles, tree, robots) = ctx
        .read(|db| {
            let tree = departments::queries::tree_in_scope(db, Permission::MessageSend)?;
            Ok((roles::queries::choices(db)?, tree, robots::queries::all(db)?))
        })
        .await?;
    let blank = |label: &str| vec![Choice::new("", label)];
    let role_choices = roles.iter().map(|role| Choice::new(role.id, role.label(t)));
    let department_choices = tree.nodes().iter().map(|node| Choice::new(node.department.id, &node.full_name));
    let live = robots.iter().filter(|robot| robot.paused_at.is_none());
    let view = NewView {
        ui: ctx.ui(),
        fields: Fields::with(t, errors),
        audiences: Audience::ALL.iter().map(|audience| Choice::new(audience, audience.label(t))).collect(),
        roles: blank(t.announcements_role_choose()).into_iter().chain(role_choices).collect(),
        departments: blank(t.announcements_department_choose())
            .into_iter()
            .chain(department_choices)
            .collect(),
        robots: live.map(|robot| Choice::new(robot.id, &robot.name)).collect(),
        reaches_outside,
        form,
    };
    let page =
        Page::new(ctx, t.announcements_new(), &view).crumb(t.messages_title(), deliveries::urls::INDEX);
    Ok(if faulty { page.invalid() } else { page }.respond())
}
