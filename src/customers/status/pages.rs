//! The status of one customer: its moves, and the next one.

use std::sync::Arc;

use askama::Template;

use crate::accounts::users;
use crate::accounts::users::model::Person;
use crate::customers::directory;
use crate::customers::directory::head::Head;
use crate::types::ids::CustomerId;
use crate::types::{FieldErrors, Permission, Result};
use crate::web::reason::MAX_REASON;
use crate::web::tabs::Tabs;
use crate::web::ui::{Choice, Fields, Ui, filters};
use crate::web::{Ctx, Form, Page, Path, Response};

use super::forms::MoveForm;
use super::model::StatusMove;
use super::{commands, queries, rules, urls};

#[derive(Template)]
#[template(path = "customers/status/show.html")]
struct ShowView {
    ui: Ui,
    head: Head,
    fields: Fields,
    form: MoveForm,
    may_move: bool,
    choices: Vec<Choice>,
    moves: Vec<StatusMove>,
    people: Arc<Vec<Person>>,
}

impl ShowView {
    fn id(&self) -> CustomerId {
        self.head.customer.id
    }

    /// Where the customer stands, in words.
    fn now(&self) -> String {
        self.head.customer.fields.status.label(self.ui.t)
    }

    fn who(&self, one: &StatusMove) -> String {
        let person = one.moved_by.and_then(|id| self.people.iter().find(|person| person.id == id));
        person.map_or_else(|| self.ui.t.audit_system().to_owned(), |person| person.name.clone())
    }
}

/// The moves of a customer, and the form of the next one for who may move it.
pub async fn show(ctx: Ctx, customer: Path<CustomerId>) -> Result<Response> {
    show_page(&ctx, *customer, MoveForm::default(), FieldErrors::new()).await
}

/// Moves a customer.
pub async fn update(ctx: Ctx, customer: Path<CustomerId>, form: Form<MoveForm>) -> Result<Response> {
    let (id, version) = (*customer, form.version());
    let outcome = match form.check() {
        Ok(draft) => {
            let becomes = draft.becomes;
            let moved = ctx.write(move |tx| commands::move_by_hand(tx, id, version, &draft)).await;
            moved.map(|()| becomes)
        }
        Err(errors) => {
            ctx.read(move |db| directory::queries::find(db, Permission::StatusMove, id)).await?;
            Err(errors.into())
        }
    };
    match outcome {
        Ok(becomes) => {
            let text = ctx.t.status_moved(becomes.label(ctx.t));
            Ok(ctx.done(directory::urls::customer(id), text))
        }
        Err(fault) => show_page(&ctx, id, form.0, fault.into_faults("becomes")?).await,
    }
}

async fn show_page(ctx: &Ctx, id: CustomerId, form: MoveForm, errors: FieldErrors) -> Result<Response> {
    let (ui, faulty, tabs) = (ctx.ui(), !errors.is_empty(), ctx.state.part::<Tabs>()?);
    let view = ctx
        .read(move |db| {
            let head = Head::load(db, &ui, &tabs, id, "status")?;
            let status = head.customer.fields.status;
            let mut choices = vec![Choice::new("", ui.t.status_choose())];
            let label = |becomes: &super::model::Status| {
                let label = becomes.label(ui.t);
                if rules::needs_reason(*becomes) { ui.t.status_with_reason(label) } else { label }
            };
            choices.extend(rules::moves_from(status).iter().map(|one| Choice::new(one, label(one))));
            Ok(ShowView {
                fields: Fields::with(ui.t, errors),
                form: MoveForm { version: head.customer.version.to_string(), ..form },
                may_move: head.may(db, &ui, Permission::StatusMove)? && choices.len() > 1,
                choices,
                moves: queries::of_customer(db, id)?,
                people: users::queries::people(db)?,
                head,
                ui,
            })
        })
        .await?;
    let title = ctx.t.status_of(&view.head.customer.fields.company_name);
    let page = Page::new(ctx, title, &view).crumb(ctx.t.customer_title(), directory::urls::INDEX);
    Ok(if faulty { page.invalid() } else { page }.respond())
}
