//! The page, its files, and what a customer does on it.

use actix_web::http::StatusCode;
use askama::Template;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use crate::billing::disputes;
use crate::billing::disputes::forms::QuestionForm;
use crate::billing::disputes::model::{Dispute, DisputeState};
use crate::billing::disputes::thread::{self, Thread};
use crate::billing::documents::{Statement, paper, sheet};
use crate::billing::links;
use crate::files::Store;
use crate::types::ids::DisputeId;
use crate::types::time::{business_day, show as show_moment};
use crate::types::{FieldErrors, Result};
use crate::web::download;
use crate::web::ui::{Badge, Choice, Fields, Ui, filters};
use crate::web::unlisted::unlisted;
use crate::web::{Ctx, Form, Page, Path, Response};

use super::forms::ConfirmForm;
use super::opened::Opened;

/// A dispute as its customer sees it.
struct Asked {
    dispute: Dispute,
    about: String,
    thread: Option<Thread>,
}

#[derive(Template)]
#[template(path = "billing/bill_page/show.html")]
struct ShowView {
    ui: Ui,
    url: String,
    /// The logo as an address that has it: who is not signed in cannot fetch files.
    logo: Option<String>,
    statement: Statement,
    confirmed: Option<String>,
    asked: Vec<Asked>,
    fields: Fields,
    form: QuestionForm,
    subjects: Vec<Choice>,
}

impl ShowView {
    fn badge(&self, asked: &Asked) -> Badge {
        asked.dispute.state.badge(self.ui.t)
    }

    fn can_ask(&self) -> bool {
        self.statement.bill.is_live()
    }

    fn is_overdue(&self) -> bool {
        self.statement.bill.is_overdue(business_day(self.ui.now))
    }
}

/// What can be asked about: all of the bill, or a line of it.
fn subjects(statement: &Statement) -> Vec<Choice> {
    let (t, lines) = (statement.t, statement.lines.iter());
    let lines = lines.map(|line| Choice::new(line.position, t.disputes_of_line(&line.label, line.position)));
    std::iter::once(Choice::new("", t.disputes_of_whole())).chain(lines).collect()
}

#[derive(Template)]
#[template(path = "billing/bill_page/over.html")]
struct OverView {
    ui: Ui,
}

/// What every token gets that opens nothing.
fn over(ctx: &Ctx) -> Response {
    let view = OverView { ui: ctx.ui() };
    let page = Page::new(ctx, ctx.t.bill_page_over_title(), &view);
    unlisted(page.bare().status(StatusCode::NOT_FOUND).respond())
}

/// The bill.
pub async fn show(ctx: Ctx, token: Path<String>) -> Result<Response> {
    let Some(opened) = Opened::of(&ctx, &token).await? else { return Ok(over(&ctx)) };
    let reader = opened.reader(&ctx);
    let (link, address, agent) = (opened.link.id, ctx.facts.address.clone(), ctx.facts.user_agent.clone());
    reader.write(move |tx| links::commands::note_view(tx, link, &address, &agent)).await?;
    page(&reader, &token, opened, QuestionForm::default(), FieldErrors::new()).await
}

async fn page(
    reader: &Ctx,
    token: &str,
    opened: Opened,
    form: QuestionForm,
    errors: FieldErrors,
) -> Result<Response> {
    let store = reader.state.part::<Store>()?;
    let (ui, url, faulty) =
        (Ui { url: links::urls::page(token), ..reader.ui() }, links::urls::page(token), !errors.is_empty());
    let view = reader
        .read(move |db| {
            let logo = paper::logo(db, &store, opened.statement.letterhead.logo)?;
            let statement = opened.statement;
            let disputes = disputes::queries::of_bill(db, statement.bill.id)?;
            let name = &statement.customer.fields.company_name;
            let mut threads = thread::threads(db, ui.t, &disputes, name)?;
            let asked = disputes.into_iter().map(|dispute| Asked {
                about: thread::about(&statement, &dispute),
                thread: threads.remove(&dispute.id),
                dispute,
            });
            let confirmed =
                links::queries::confirmed(db, statement.bill.id)?.and_then(|link| link.confirmed_at);
            Ok(ShowView {
                asked: asked.collect(),
                confirmed: confirmed.map(show_moment),
                fields: Fields::with(ui.t, errors),
                form,
                subjects: subjects(&statement),
                statement,
                logo: logo.map(in_page),
                url,
                ui,
            })
        })
        .await?;
    let title = reader.t.bill_page_title(&view.statement.bill.number);
    let page = Page::new(reader, title, &view).bare();
    Ok(unlisted(if faulty { page.invalid() } else { page }.respond()))
}

/// A picture as an address that has its content.
fn in_page(picture: Vec<u8>) -> String {
    let kind = infer::get(&picture).map_or("image/png", |kind| kind.mime_type());
    format!("data:{kind};base64,{}", BASE64_STANDARD.encode(picture))
}

/// The bill as PDF.
pub async fn pdf(ctx: Ctx, token: Path<String>) -> Result<Response> {
    let Some(opened) = Opened::of(&ctx, &token).await? else { return Ok(over(&ctx)) };
    let logo = opened.logo(&ctx).await?;
    let (state, statement) = (ctx.state.clone(), opened.statement);
    let name = format!("{}.pdf", statement.file_name());
    let content = ctx.block(move || paper::pdf(&state, &statement, logo)).await?;
    Ok(unlisted(download::pdf(content, &name)))
}

/// The bill as a workbook.
pub async fn xlsx(ctx: Ctx, token: Path<String>) -> Result<Response> {
    let Some(opened) = Opened::of(&ctx, &token).await? else { return Ok(over(&ctx)) };
    let name = opened.statement.file_name().to_owned();
    let workbook = ctx.block(move || sheet::workbook(&opened.statement)).await?;
    Ok(unlisted(workbook.respond(&name)))
}

/// The customer confirms the bill.
pub async fn confirm(ctx: Ctx, token: Path<String>, form: Form<ConfirmForm>) -> Result<Response> {
    let Some(opened) = Opened::of(&ctx, &token).await? else { return Ok(over(&ctx)) };
    let (reader, link) = (opened.reader(&ctx), opened.link);
    let outcome = match form.check() {
        Ok(name) => reader.write(move |tx| links::commands::confirm(tx, &link, name.as_deref())).await,
        Err(errors) => Err(errors.into()),
    };
    let is_new = outcome.as_ref().is_ok_and(|is_new| *is_new);
    let done = if is_new { reader.t.bill_page_confirmed() } else { reader.t.bill_page_confirmed_before() };
    Ok(unlisted(reader.outcome(outcome, links::urls::page(&token), done)?))
}

/// The customer asks something.
pub async fn ask(ctx: Ctx, token: Path<String>, form: Form<QuestionForm>) -> Result<Response> {
    let Some(opened) = Opened::of(&ctx, &token).await? else { return Ok(over(&ctx)) };
    let (reader, link) = (opened.reader(&ctx), opened.link.clone());
    let outcome = match form.check() {
        Ok(question) => reader.write(move |tx| disputes::commands::open(tx, &link, &question)).await,
        Err(errors) => Err(errors.into()),
    };
    match outcome {
        Ok(_) => Ok(unlisted(reader.done(links::urls::page(&token), reader.t.bill_page_asked()))),
        Err(fault) => page(&reader, &token, opened, form.0, fault.into_faults("text")?).await,
    }
}

/// The customer writes to what was asked before.
pub async fn write(ctx: Ctx, path: Path<(String, DisputeId)>, form: Form<QuestionForm>) -> Result<Response> {
    let (token, dispute) = (path.0.clone(), path.1);
    let Some(opened) = Opened::of(&ctx, &token).await? else { return Ok(over(&ctx)) };
    let (reader, link) = (opened.reader(&ctx), opened.link);
    let outcome = match form.check() {
        Ok(question) => {
            let (name, text) = (question.name, question.text);
            reader.write(move |tx| disputes::commands::write(tx, &link, dispute, &name, &text)).await
        }
        Err(errors) => Err(errors.into()),
    };
    Ok(unlisted(reader.outcome(outcome, links::urls::page(&token), reader.t.bill_page_asked())?))
}
