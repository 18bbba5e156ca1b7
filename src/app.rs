//! The application: all routes and middleware, for `serve` and for the tests alike.

use actix_session::SessionMiddleware;
use actix_session::config::BrowserSession;
use actix_web::App;
use actix_web::body::MessageBody;
use actix_web::cookie::{Key, SameSite};
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::{Compress, from_fn};
use actix_web::web::{self, Data};

use crate::accounts::sessions::store::DatabaseStore;
use crate::audit::entries::batches::NamesBatches;
use crate::batches::BatchKinds;
use crate::billing::documents::Printer;
use crate::config::Config;
use crate::customers::directory::urls as customer_urls;
use crate::db::Db;
use crate::db::checks::{Check, Checks};
use crate::files::content::FileType;
use crate::files::{Record, RecordKind, Records, Store};
use crate::imports::ImportKinds;
use crate::jobs::catalogue::Catalogue;
use crate::notifications::Enclosures;
use crate::notifications::channels::mail::Mailer;
use crate::notifications::kinds::{self, Kinds};
use crate::pricing::price_plans::editor::past_usage::PastUsage;
use crate::tasks::body::Registry;
use crate::types::ids::{BatchId, CustomerId, SettingId, TaskId, UserId};
use crate::types::{Error, Result};
use crate::web::outbound::Outbound;
use crate::web::panels::Panels;
use crate::web::routes::Door;
use crate::web::state::{Parts, State};
use crate::web::tabs::Tabs;
use crate::web::ui::top_bar::TopBar;
use crate::web::{Routes, Ui, assets, cookies, error, health, request, tls};
use crate::{
    accounts, api_docs, audit, batches, billing, catalog, customers, files, home, imports, jobs,
    notifications, pricing, settings, tasks, usage,
};

/// Registers every room.
pub fn routes() -> Routes {
    let mut routes = Routes::new();
    home::routes(&mut routes);
    customers::routes(&mut routes);
    accounts::routes(&mut routes);
    tasks::routes(&mut routes);
    jobs::routes(&mut routes);
    batches::routes(&mut routes);
    imports::routes(&mut routes);
    notifications::routes(&mut routes);
    files::routes(&mut routes);
    settings::routes(&mut routes);
    pricing::routes(&mut routes);
    usage::routes(&mut routes);
    billing::routes(&mut routes);
    catalog::routes(&mut routes);
    audit::routes(&mut routes);
    api_docs::routes(&mut routes);
    routes
}

/// The checks of each room that has some, in the order of the rooms.
pub const CHECKS: &[&[Check]] = &[
    accounts::checks::ALL,
    files::checks::ALL,
    settings::checks::ALL,
    notifications::checks::ALL,
    customers::checks::ALL,
    customers::duplicates::checks::ALL,
    pricing::price_plans::checks::ALL,
    usage::checks::ALL,
    billing::checks::ALL,
];

/// What the rooms keep for the whole process: each registers here what the rooms below it ask for.
///
/// # Errors
/// When what the configuration names cannot be used.
pub fn parts(config: &Config) -> Result<Parts> {
    tls::use_ring();
    let records = records();
    let kinds_of_work = Registry::new(
        [
            tasks::drill::KIND,
            jobs::body::KIND,
            batches::work::COMMIT,
            batches::work::UNDO,
            imports::work::CHECK,
        ]
        .into_iter()
        .chain(customers::KINDS.iter().copied())
        .chain(usage::KINDS.iter().copied())
        .chain(pricing::KINDS.iter().copied())
        .chain(billing::KINDS.iter().copied()),
    );
    let top_bar = TopBar::new([tasks::COUNTER, notifications::COUNTER]);
    Ok(Parts::default()
        .with(Store::open(config)?)
        .with(panels(&records, config.max_upload))
        .with(records)
        .with(kinds_of_work)
        .with(top_bar)
        .with(Outbound::new(config.allow_local_requests))
        .with(message_kinds())
        .with(billing::enclosures(Enclosures::default()))
        .with(Printer::new(config))
        .with(Mailer::new(config)?)
        .with(Checks(CHECKS))
        .with(batch_kinds())
        .with(import_kinds())
        .with(NamesBatches(|db, t, ids| batches::queries::links(db, &batch_kinds(), t, ids)))
        .with(billing::tabs(usage::tabs(pricing::tabs(customers::tabs(Tabs::default())))))
        .with(billing::mergeable(usage::mergeable(pricing::mergeable(customers::mergeable()))))
        .with(PastUsage(usage::past::queries::by_day))
        .with(Catalogue::new(
            jobs::builtins::ALL
                .iter()
                .chain(imports::JOBS)
                .chain(customers::JOBS)
                .chain(usage::JOBS)
                .chain(billing::JOBS)
                .copied(),
        )))
}

/// The kinds of messages.
fn message_kinds() -> Kinds {
    let kinds = Kinds::default()
        .with(kinds::catalogue::ALL)
        .with(customers::hand_over::messages::ALL)
        .with(pricing::price_plans::messages::ALL)
        .with(usage::collection::messages::ALL);
    billing::MESSAGES.iter().fold(kinds, |kinds, some| kinds.with(some))
}

/// The kinds of batches.
fn batch_kinds() -> BatchKinds {
    // What columns 15 and 16 of the customers' workbook say is opened along with it.
    let customers = customers::imports::BATCH
        .followed_by(&[pricing::openings::of_customers::FOLLOWER, usage::holds::FOLLOWER]);
    let all = [customers, customers::bulk::batch::KIND];
    BatchKinds::new(all.into_iter().chain(pricing::BATCHES.iter().copied()))
}

/// The kinds of imports.
fn import_kinds() -> ImportKinds {
    ImportKinds::new([customers::imports::IMPORT, pricing::imports::IMPORT])
}

/// What the pages of records show of other rooms.
fn panels(records: &Records, max_upload: usize) -> Panels {
    let files = |kind: &'static str| {
        let records = records.clone();
        move |db: &mut Db, ui: &Ui, id: u64| {
            files::panel::Panel::load(db, ui, &records, Record { kind, id }, max_upload).map(Some)
        }
    };
    let import = |db: &mut Db, ui: &Ui, id: u64| {
        imports::panel::Panel::load(db, ui, &batch_kinds(), &import_kinds(), id)
    };
    billing::panels(Panels::default())
        .with("user", files("user"))
        .with("batch", import)
        .with("batch", pricing::openings::panel::Panel::load)
        .with("customer", customers::quality::panel::Panel::load)
        .with("customer", customers::duplicates::panel::Panel::load)
        .with(billing::bills::model::KIND, files(billing::bills::model::KIND))
}

/// The records that files hang on.
pub fn records() -> Records {
    Records::default()
        .with(RecordKind {
            code: "user",
            see: accounts::users::queries::seen,
            change: accounts::users::queries::changeable,
            page: |id| accounts::users::urls::user(UserId(id)),
            takes: FileType::ALL,
        })
        .with(RecordKind {
            code: customers::directory::model::KIND,
            see: customers::directory::queries::seen,
            change: customers::directory::queries::changeable,
            page: |id| customer_urls::files(CustomerId(id)),
            takes: FileType::ALL,
        })
        .with(RecordKind {
            code: "task",
            see: tasks::queries::seen,
            // What a task has made stays as it is.
            change: |_, _| Err(Error::Forbidden),
            page: |id| tasks::urls::task(TaskId(id)),
            takes: FileType::ALL,
        })
        .with(RecordKind {
            code: "batch",
            see: |db, id| imports::queries::seen(db, &batch_kinds(), &import_kinds(), id),
            // The file that an import is made of stays as it is.
            change: |_, _| Err(Error::Forbidden),
            page: |id| batches::urls::batch(BatchId(id)),
            takes: FileType::ALL,
        })
        .with(RecordKind {
            code: "setting",
            see: settings::queries::seen,
            // A picture is changed on the page of its setting.
            change: |_, _| Err(Error::Forbidden),
            page: |id| settings::urls::by_id(SettingId(id)),
            takes: FileType::IMAGES,
        })
        .with(usage::intakes_with_files())
        .with(billing::bills_with_files())
}

fn configure(state: Data<State>) -> impl FnOnce(&mut web::ServiceConfig) {
    move |config| {
        let table = routes().table();
        state.table.get_or_init(|| table);
        let pages = web::scope("")
            .wrap(session_middleware(&state))
            .wrap(from_fn(cookies::keep_remembered))
            .configure(|scope| routes().configure(Door::Page, scope))
            .default_service(web::to(error::not_found));
        config
            .route("/healthz", web::get().to(health::healthz))
            .route("/readyz", web::get().to(health::readyz))
            .route("/static/{path:.*}", web::get().to(assets::serve))
            .configure(|api| routes().configure(Door::Api, api))
            .service(pages);
    }
}

fn session_middleware(state: &Data<State>) -> SessionMiddleware<DatabaseStore> {
    let key = Key::from(&state.secret.derive("session"));
    SessionMiddleware::builder(DatabaseStore(state.db.clone()), key)
        .cookie_name(cookies::SESSION.to_owned())
        .cookie_secure(state.config.is_https())
        .cookie_http_only(true)
        .cookie_same_site(SameSite::Lax)
        .session_lifecycle(BrowserSession::default())
        .build()
}

/// The application with all its middleware, the outermost last.
pub fn build(
    state: Data<State>,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody>,
        Error = actix_web::Error,
        InitError = (),
    >,
> {
    App::new()
        .app_data(state.clone())
        .configure(configure(state))
        .wrap(from_fn(error::dress))
        .wrap(Compress::default())
        .wrap(from_fn(request::note))
}
