//! The pages of templates: the list, and the editor with what its words look like on a message.

use std::collections::HashMap;

use serde_json::{Map, Value};

use crate::notifications::kinds::Kinds;
use crate::notifications::sender::Sender;
use crate::notifications::tabs;
use crate::types::ids::UserId;
use crate::types::{FieldErrors, Permission, Result, time};
use crate::web::ui::{Badge, Choice, Fields, Tone, Ui, filters};
use crate::web::{Ctx, Form, Page, Path, Query, Response};

use super::forms::{PreviewForm, TemplateForm};
use super::model::{MAX_BODY, MAX_SUBJECT, Template, Words};
use super::queries::Example;
use super::{commands, markup, queries, rules, urls};

#[derive(askama::Template)]
#[template(path = "notifications/templates/index.html")]
struct IndexView {
    ui: Ui,
    tabs: Vec<tabs::Tab>,
    rows: Vec<Template>,
    names: HashMap<UserId, String>,
}

impl IndexView {
    fn badge(&self, template: &Template) -> Badge {
        if template.is_edited() {
            Badge::new(Tone::Ok, self.ui.t.templates_edited())
        } else {
            Badge::new(Tone::Plain, self.ui.t.templates_original())
        }
    }

    fn editor(&self, template: &Template) -> &str {
        template.updated_by.and_then(|id| self.names.get(&id)).map_or("", String::as_str)
    }
}

/// What words can be tried on: messages that were sent, in the name of whoever sends them.
struct Samples {
    examples: Vec<Example>,
    sender: Sender,
}

/// What the words look like on a message, or why they cannot be shown.
struct Preview {
    subject: String,
    html: String,
    fault: bool,
}

#[derive(askama::Template)]
#[template(path = "notifications/templates/edit.html")]
struct EditView {
    ui: Ui,
    template: Template,
    form: TemplateForm,
    fields: Fields,
    examples: Vec<Choice>,
    example: String,
    preview: Preview,
    can_edit: bool,
}

/// All templates.
pub async fn index(ctx: Ctx) -> Result<Response> {
    let kinds = ctx.state.part::<Kinds>()?;
    let (rows, names) = ctx
        .read(move |db| {
            let rows = queries::all(db, &kinds)?;
            let editors: Vec<UserId> = rows.iter().filter_map(|row| row.updated_by).collect();
            let names = queries::names(db, &editors)?;
            Ok((rows, names))
        })
        .await?;
    let ui = ctx.ui();
    let view = IndexView { tabs: tabs::of(&ui, urls::INDEX), rows, names, ui };
    Ok(Page::new(&ctx, ctx.t.templates_title(), &view)
        .crumb(ctx.t.messages_title(), crate::notifications::deliveries::urls::INDEX)
        .respond())
}

/// The editor.
pub async fn edit(ctx: Ctx, path: Path<(String, String)>, query: Query<PreviewForm>) -> Result<Response> {
    let (template, samples) = load(&ctx, path.into_inner()).await?;
    let form = TemplateForm::of(&template);
    edit_page(&ctx, template, samples, form, query.example.clone(), FieldErrors::new()).await
}

/// The editor with what the words in it look like. Nothing is saved.
pub async fn preview(ctx: Ctx, path: Path<(String, String)>, form: Form<PreviewForm>) -> Result<Response> {
    let (template, samples) = load(&ctx, path.into_inner()).await?;
    let words = form.template().words();
    let (kind, language) = (template.kind, template.language);
    let check = move || Ok(rules::check(&kind, language, &words).err().unwrap_or_default());
    let errors = ctx.block(check).await?;
    edit_page(&ctx, template, samples, form.template(), form.example.clone(), errors).await
}

/// Puts other words in place.
pub async fn update(ctx: Ctx, path: Path<(String, String)>, form: Form<PreviewForm>) -> Result<Response> {
    let (template, samples) = load(&ctx, path.into_inner()).await?;
    let sent = form.template();
    let (words, version) = (sent.words(), sent.version());
    let (kind, language) = (template.kind, template.language);
    let outcome = ctx.write(move |tx| commands::update(tx, &kind, language, version, &words)).await;
    match outcome {
        Ok(()) => Ok(ctx.done(urls::template(&template), ctx.t.templates_saved())),
        Err(fault) => {
            let errors = fault.into_faults("")?;
            edit_page(&ctx, template, samples, sent, form.example.clone(), errors).await
        }
    }
}

/// Gives a template its original words back.
pub async fn restore(ctx: Ctx, path: Path<(String, String)>) -> Result<Response> {
    let (template, _) = load(&ctx, path.into_inner()).await?;
    let (kind, language) = (template.kind, template.language);
    ctx.write(move |tx| commands::restore(tx, &kind, language)).await?;
    Ok(ctx.done(urls::template(&template), ctx.t.templates_restored()))
}

async fn load(ctx: &Ctx, (kind, language): (String, String)) -> Result<(Template, Samples)> {
    let (kinds, config) = (ctx.state.part::<Kinds>()?, ctx.state.config.clone());
    ctx.read(move |db| {
        let template = queries::find(db, &kinds, &kind, &language)?;
        let samples =
            Samples { examples: queries::examples(db, &template.kind)?, sender: Sender::read(db, &config)? };
        Ok((template, samples))
    })
    .await
}

async fn edit_page(
    ctx: &Ctx,
    template: Template,
    samples: Samples,
    form: TemplateForm,
    example: String,
    errors: FieldErrors,
) -> Result<Response> {
    let (t, faulty) = (ctx.t, !errors.is_empty());
    let Samples { examples, sender } = samples;
    let chosen = examples.iter().find(|known| known.id.to_string() == example);
    let values = values(&template, chosen, &sender);
    let preview = show(ctx, form.words(), values, &errors).await?;
    let mut choices = vec![Choice::new("", t.templates_example_made_up())];
    let shown = |known: &Example| t.templates_example_of(time::show_seconds(known.at));
    choices.extend(examples.iter().map(|known| Choice::new(known.id, shown(known))));
    let title = t.templates_of(template.kind.label(t), template.language.name());
    let view = EditView {
        ui: ctx.ui(),
        fields: Fields::with(t, errors),
        example: chosen.map_or_else(String::new, |known| known.id.to_string()),
        examples: choices,
        preview,
        can_edit: ctx.actor.can(Permission::TemplateEdit),
        template,
        form,
    };
    let mut page = Page::new(ctx, title, &view)
        .crumb(t.messages_title(), crate::notifications::deliveries::urls::INDEX)
        .crumb(t.templates_title(), urls::INDEX);
    if faulty {
        page = page.invalid();
    }
    Ok(page.respond())
}

/// The values of a message that was sent, or of a made-up one.
fn values(template: &Template, example: Option<&Example>, sender: &Sender) -> Map<String, Value> {
    let mut values = template.kind.samples(template.language);
    values.insert("company".into(), Value::String(sender.company(template.language).to_owned()));
    values.insert("url".into(), Value::String(format!("{}/", sender.base_url)));
    let Some(example) = example else { return values };
    if let Value::Object(real) = rules::in_language(&example.variables, template.language) {
        values.extend(real);
    }
    let url = example.url.as_ref().map_or_else(String::new, |path| format!("{}{path}", sender.base_url));
    values.insert("url".into(), Value::String(url));
    values
}

async fn show(ctx: &Ctx, words: Words, values: Map<String, Value>, errors: &FieldErrors) -> Result<Preview> {
    let fault = |text: String| Preview { subject: text, html: String::new(), fault: true };
    if let Some((_, message)) = errors.iter().find(|(field, _)| !field.is_empty()) {
        return Ok(fault(message.text(ctx.t)));
    }
    let filled = ctx.block(move || Ok(rules::fill(&words, &values).ok())).await?;
    Ok(match filled {
        Some(filled) => Preview { html: markup::html(&filled.body), subject: filled.subject, fault: false },
        None => fault(ctx.t.templates_preview_fails().to_owned()),
    })
}
