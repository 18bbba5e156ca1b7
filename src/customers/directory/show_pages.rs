//! The pages of one customer: the profile, the files, the history.

use askama::Template;
use askama::filters::Safe;
use serde::Deserialize;

use crate::audit::entries::Timeline;
use crate::audit::entries::batches::NamesBatches;
use crate::customers::contacts;
use crate::customers::contacts::model::ContactRow;
use crate::customers::family;
use crate::customers::family::model::{Branch, Member};
use crate::customers::payer_aliases;
use crate::customers::payer_aliases::forms::PayerAliasForm;
use crate::customers::payer_aliases::model::PayerAlias;
use crate::db::Db;
use crate::db::listing::Seek;
use crate::files;
use crate::files::{Record, Records};
use crate::types::ids::CustomerId;
use crate::types::{FieldErrors, Permission, Result};
use crate::web::panels::Panels;
use crate::web::tabs::Tabs;
use crate::web::ui::{Badge, Fields as FormFields, StreamPager, Ui, filters};
use crate::web::{Ctx, Page, Path, Query, Response};

use super::fields::Field;
use super::groups::{GROUPS, Group};
use super::head::{self, Head};
use super::history::History;
use super::model::KIND;
use super::urls;
use super::words::Words;

/// How many of the last events the profile shows.
const LAST_EVENTS: usize = 8;

/// The fields of a group, in words.
struct Facts {
    title: &'static str,
    lines: Vec<(String, Option<String>)>,
}

/// What the profile shows.
struct Profile {
    head: Head,
    groups: Vec<Facts>,
    family: Vec<Branch>,
    contacts: Vec<ContactRow>,
    may_add_contacts: bool,
    aliases: Vec<PayerAlias>,
    may_edit: bool,
    panels: Safe<String>,
}

impl Profile {
    fn load(db: &mut Db, ui: &Ui, tabs: &Tabs, panels: &Panels, id: CustomerId) -> Result<Profile> {
        let head = Head::load(db, ui, tabs, id, "profile")?;
        let stored = &head.customer.fields;
        let words = Words::load(db, [stored])?;
        let lines = |fields: &[Field]| {
            fields.iter().map(|field| (field.label(ui.t), words.of(ui.t, stored, *field))).collect()
        };
        let group = |group: &Group| Facts { title: (group.title)(ui.t), lines: lines(group.fields) };
        Ok(Profile {
            groups: GROUPS.iter().map(group).collect(),
            family: family::queries::tree(db, id)?,
            contacts: contacts::queries::of_customer(db, id, false)?,
            may_add_contacts: head.may(db, ui, Permission::ContactEdit)?,
            aliases: payer_aliases::queries::of_customer(db, id)?,
            may_edit: head.may(db, ui, Permission::CustomerEdit)?,
            panels: panels.of(db, ui, KIND, id.0)?,
            head,
        })
    }
}

#[derive(Template)]
#[template(path = "customers/directory/show.html")]
struct ShowView {
    ui: Ui,
    profile: Profile,
    alias: String,
    fields: FormFields,
    timeline: Timeline,
}

impl ShowView {
    fn id(&self) -> CustomerId {
        self.profile.head.customer.id
    }

    fn badge(&self, member: &Member) -> Badge {
        head::badge(member.status, &self.ui)
    }
}

/// The profile.
pub async fn show(ctx: Ctx, customer: Path<CustomerId>) -> Result<Response> {
    with_alias(&ctx, *customer, PayerAliasForm::default(), FieldErrors::new()).await
}

/// The profile, with what is wrong with a payer alias.
pub async fn with_alias(
    ctx: &Ctx,
    id: CustomerId,
    form: PayerAliasForm,
    errors: FieldErrors,
) -> Result<Response> {
    let (ui, faulty) = (ctx.ui(), !errors.is_empty());
    let (panels, tabs) = (ctx.state.part::<Panels>()?, ctx.state.part::<Tabs>()?);
    let names = ctx.state.part::<NamesBatches>()?;
    let (profile, history) = ctx
        .read(move |db| {
            let profile = Profile::load(db, &ui, &tabs, &panels, id)?;
            Ok((profile, History::load(db, ui.t, &names, id, Seek::Newest)?))
        })
        .await?;
    let view = ShowView {
        timeline: history.timeline(ctx.t, LAST_EVENTS, |kind, id| ctx.page_of(kind, id)),
        fields: FormFields::with(ctx.t, errors),
        alias: form.alias,
        ui: ctx.ui(),
        profile,
    };
    let page = page(ctx, &view, &view.profile.head);
    Ok(if faulty { page.invalid() } else { page }.respond())
}

fn page<'a, V: Template>(ctx: &'a Ctx, view: &'a V, head: &Head) -> Page<'a, V> {
    let title = head.customer.fields.company_name.clone();
    Page::new(ctx, title, view).crumb(ctx.t.customer_title(), urls::INDEX)
}

#[derive(Template)]
#[template(path = "customers/directory/files.html")]
struct FilesView {
    head: Head,
    panel: files::panel::Panel,
}

/// The files.
pub async fn files(ctx: Ctx, customer: Path<CustomerId>) -> Result<Response> {
    let (ui, id) = (ctx.ui(), *customer);
    let (tabs, records) = (ctx.state.part::<Tabs>()?, ctx.state.part::<Records>()?);
    let max_upload = ctx.state.config.max_upload;
    let view = ctx
        .read(move |db| {
            let head = Head::load(db, &ui, &tabs, id, "files")?;
            let record = Record { kind: KIND, id: id.0 };
            Ok(FilesView { panel: files::panel::Panel::load(db, &ui, &records, record, max_upload)?, head })
        })
        .await?;
    Ok(page(&ctx, &view, &view.head).respond())
}

/// From where the history is read.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct HistoryQuery {
    /// The entry below which it is read.
    pub older: String,
    /// The entry above which it is read.
    pub newer: String,
}

#[derive(Template)]
#[template(path = "customers/directory/history.html")]
struct HistoryView {
    title: &'static str,
    head: Head,
    timeline: Timeline,
    pager: StreamPager,
}

/// Everything that happened.
pub async fn history(ctx: Ctx, customer: Path<CustomerId>, query: Query<HistoryQuery>) -> Result<Response> {
    let (ui, id, tabs) = (ctx.ui(), *customer, ctx.state.part::<Tabs>()?);
    let seek = Seek::parse(&query.older, &query.newer);
    let names = ctx.state.part::<NamesBatches>()?;
    let (head, history) = ctx
        .read(move |db| {
            let head = Head::load(db, &ui, &tabs, id, "history")?;
            Ok((head, History::load(db, ui.t, &names, id, seek)?))
        })
        .await?;
    let ui = ctx.ui();
    let view = HistoryView {
        timeline: history.timeline(ui.t, usize::MAX, |kind, id| ctx.page_of(kind, id)),
        pager: StreamPager::new(&ui, &history.entries),
        title: ui.t.customer_history(),
        head,
    };
    Ok(page(&ctx, &view, &view.head).respond())
}

/// How many files a customer has: for the tab of its page.
pub fn count_files(db: &mut Db, id: u64) -> Result<i64> {
    files::queries::count(db, Record { kind: KIND, id }, files::queries::Kept::OnRecord)
}
