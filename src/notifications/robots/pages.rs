//! The pages of robots.

use askama::Template;

use crate::i18n::Tr;
use crate::notifications::kinds::Kinds;
use crate::notifications::{deliveries, tabs};
use crate::types::ids::RobotId;
use crate::types::{FieldErrors, Result};
use crate::web::outbound::Outbound;
use crate::web::ui::{Badge, Choice, Fields, Tone, Ui, filters};
use crate::web::{Ctx, Form, Page, Path, Response};

use super::forms::{Means, RobotForm};
use super::model::{Robot, Vendor};
use super::{commands, queries, urls};

#[derive(Template)]
#[template(path = "notifications/robots/index.html")]
struct IndexView {
    ui: Ui,
    tabs: Vec<tabs::Tab>,
    rows: Vec<Robot>,
}

impl IndexView {
    fn badge(&self, robot: &Robot) -> Badge {
        match robot.paused_at {
            Some(_) => Badge::new(Tone::Off, self.ui.t.robots_paused()),
            None => Badge::new(Tone::Ok, self.ui.t.robots_live()),
        }
    }

    fn kinds(&self, robot: &Robot) -> String {
        let t = self.ui.t;
        t.join(robot.kinds.iter().map(|code| t.label("message_kind", code)))
    }
}

#[derive(Template)]
#[template(path = "notifications/robots/form.html")]
struct FormView {
    ui: Ui,
    heading: String,
    robot: Option<Robot>,
    form: RobotForm,
    fields: Fields,
    vendors: Vec<Choice>,
    languages: Vec<Choice>,
    kinds: Vec<Choice>,
}

#[derive(Template)]
#[template(path = "notifications/robots/delete.html")]
struct DeleteView {
    ui: Ui,
    robot: Robot,
}

/// All robots.
pub async fn index(ctx: Ctx) -> Result<Response> {
    let rows = ctx.read(queries::all).await?;
    let ui = ctx.ui();
    let view = IndexView { tabs: tabs::of(&ui, urls::INDEX), rows, ui };
    Ok(in_room(&ctx, Page::new(&ctx, ctx.t.robots_title(), &view)).respond())
}

/// The form of a new robot.
pub async fn new(ctx: Ctx) -> Result<Response> {
    let form = RobotForm { language: ctx.t.tag().to_owned(), ..RobotForm::default() };
    form_page(&ctx, None, form, FieldErrors::new())
}

/// Connects a robot.
pub async fn create(ctx: Ctx, form: Form<RobotForm>) -> Result<Response> {
    let outcome = match check(&ctx, &form, None) {
        Ok(draft) => ctx.write(move |tx| commands::create(tx, &draft)).await,
        Err(fault) => Err(fault),
    };
    match outcome {
        Ok(_) => Ok(ctx.done(urls::INDEX, ctx.t.robots_created(form.name.trim()))),
        Err(fault) => form_page(&ctx, None, form.0, fault.into_faults("")?),
    }
}

/// The form of a robot.
pub async fn edit(ctx: Ctx, robot: Path<RobotId>) -> Result<Response> {
    let id = *robot;
    let robot = ctx.read(move |db| queries::find(db, id)).await?;
    let form = RobotForm::of(&robot);
    form_page(&ctx, Some(robot), form, FieldErrors::new())
}

/// Changes a robot.
pub async fn update(ctx: Ctx, robot: Path<RobotId>, form: Form<RobotForm>) -> Result<Response> {
    let (id, version) = (*robot, form.version());
    let robot = ctx.read(move |db| queries::find(db, id)).await?;
    let outcome = match check(&ctx, &form, Some(&robot)) {
        Ok(draft) => ctx.write(move |tx| commands::update(tx, id, version, &draft)).await,
        Err(fault) => Err(fault),
    };
    match outcome {
        Ok(()) => Ok(ctx.done(urls::INDEX, ctx.t.robots_updated(form.name.trim()))),
        Err(fault) => form_page(&ctx, Some(robot), form.0, fault.into_faults("")?),
    }
}

/// Has a robot say something, and leads to where it is seen how that went.
pub async fn test(ctx: Ctx, robot: Path<RobotId>) -> Result<Response> {
    let id = *robot;
    ctx.write(move |tx| commands::test(tx, id)).await?;
    Ok(ctx.done(urls::INDEX, ctx.t.robots_test_sent()))
}

/// What disconnecting a robot will do.
pub async fn confirm_delete(ctx: Ctx, robot: Path<RobotId>) -> Result<Response> {
    let id = *robot;
    let robot = ctx.read(move |db| queries::find(db, id)).await?;
    let title = ctx.t.robots_delete_of(&robot.name);
    let view = DeleteView { ui: ctx.ui(), robot };
    Ok(in_list(&ctx, Page::new(&ctx, title, &view)).respond())
}

/// Disconnects a robot.
pub async fn delete(ctx: Ctx, robot: Path<RobotId>) -> Result<Response> {
    let id = *robot;
    ctx.write(move |tx| commands::delete(tx, id)).await?;
    Ok(ctx.done(urls::INDEX, ctx.t.robots_deleted()))
}

fn check(ctx: &Ctx, form: &RobotForm, before: Option<&Robot>) -> Result<super::model::RobotDraft> {
    let (outbound, kinds) = (ctx.state.part::<Outbound>()?, ctx.state.part::<Kinds>()?);
    form.check(&Means { secret: &ctx.state.secret, outbound: &outbound, kinds: &kinds }, before)
}

fn form_page(ctx: &Ctx, robot: Option<Robot>, form: RobotForm, errors: FieldErrors) -> Result<Response> {
    let (t, faulty, kinds) = (ctx.t, !errors.is_empty(), ctx.state.part::<Kinds>()?);
    let heading = match &robot {
        Some(robot) => t.robots_edit_of(&robot.name),
        None => t.robots_new().to_owned(),
    };
    let mut vendors = vec![Choice::new("", t.robots_vendor_choose())];
    vendors.extend(Vendor::ALL.iter().map(|vendor| Choice::new(vendor, vendor.label(t))));
    let told = kinds.all().iter().filter(|kind| kind.robots);
    let view = FormView {
        ui: ctx.ui(),
        heading: heading.clone(),
        robot,
        fields: Fields::with(t, errors),
        vendors,
        languages: Tr::ALL.map(|language| Choice::new(language.tag(), language.name())).to_vec(),
        kinds: told.map(|kind| Choice::new(kind.code, kind.label(t))).collect(),
        // What is secret is not sent back: the page would show it.
        form: RobotForm { url: String::new(), secret: String::new(), ..form },
    };
    let page = in_list(ctx, Page::new(ctx, heading, &view));
    Ok(if faulty { page.invalid() } else { page }.respond())
}

fn in_room<'a, V: Template>(ctx: &Ctx, page: Page<'a, V>) -> Page<'a, V> {
    page.crumb(ctx.t.messages_title(), deliveries::urls::INDEX)
}

fn in_list<'a, V: Template>(ctx: &Ctx, page: Page<'a, V>) -> Page<'a, V> {
    in_room(ctx, page).crumb(ctx.t.robots_title(), urls::INDEX)
}
