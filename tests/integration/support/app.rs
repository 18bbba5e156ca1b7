//! The application as the tests run it: the real router, in this process, with a clock that stands still.

use std::future::Future;
use std::io::{Read, Write as _};
use std::path::Path;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix_web::test::{self, TestRequest};
use actix_web::web::Data;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use tempfile::TempDir;

use opcms::accounts::api_tokens::commands as tokens;
use opcms::accounts::api_tokens::model::ApiTokenDraft;
use opcms::accounts::roles::model::RoleDraft;
use opcms::accounts::sessions::commands::NewSession;
use opcms::accounts::sessions::identity::{self, IDENTIFY};
use opcms::accounts::users::model::UserDraft;
use opcms::accounts::{api_tokens, roles, sessions, users};
use opcms::config::Config;
use opcms::customers::contacts::model::ContactDraft;
use opcms::customers::directory;
use opcms::customers::directory::cause::Cause;
use opcms::customers::directory::fields::Field;
use opcms::customers::directory::model::Fields;
use opcms::customers::grid::forms::GridQuery;
use opcms::customers::imports::IMPORT;
use opcms::customers::status::model::{Cause as MoveCause, Status};
use opcms::customers::status::{activity, nightly};
use opcms::customers::views;
use opcms::customers::views::model::ViewDraft;
use opcms::customers::{contacts, payer_aliases};
use opcms::db::{Database, Db, PoolOptions, Tx, migrate};
use opcms::files::{self, Record, Store};
use opcms::i18n::Tr;
use opcms::imports;
use opcms::jobs::cron::Expression;
use opcms::jobs::http::model::{HttpDraft, Method};
use opcms::jobs::schedule::model::{JobDraft, MadeDraft, Misfire};
use opcms::jobs::{runs, schedule};
use opcms::notifications::robots::model::{RobotDraft, SecretDraft, Vendor};
use opcms::notifications::sender::Sender;
use opcms::notifications::{Kinds, dispatcher, outbox, robots};
use opcms::pricing::models::Model;
use opcms::pricing::price_plans;
use opcms::pricing::price_plans::commands::Source;
use opcms::pricing::price_plans::draft::{ChargeDraft, VersionDraft};
use opcms::pricing::price_plans::model::ChargeKey;
use opcms::pricing::terms::TermsDraft;
use opcms::tasks::workers;
use opcms::types::ids::{
    CustomerId, JobId, JobRunId, MeterId, PriceVersionId, RoleId, TaskId, UsageSourceId,
};
use opcms::types::time::business_day;
use opcms::types::{
    Action, Actor, Clock, Currency, DataScope, NewTask, Outgoing, Permission, Recipient, Result,
};
use opcms::usage::imports::begin;
use opcms::usage::imports::reading::Defaults;
use opcms::usage::imports::work::Work;
use opcms::usage::sources;
use opcms::usage::sources::forms::{Given, SourceForm};
use opcms::web::outbound::Outbound;
use opcms::web::secret::{Secret, sha256};
use opcms::web::state::State;

use opcms::usage::corrections;
use opcms::usage::corrections::model::CorrectionDraft;
use opcms::usage::intakes;
use opcms::usage::intakes::model::{IntakeKind, IntakeState, NewIntake};
use opcms::usage::records::commands::take;
use opcms::usage::records::model::{RawRecord, TakenRecord};
use opcms::usage::records::taking::Ground;
use rust_decimal::Decimal;
use serde_json::json;

use super::client::{Answer, Api, Client};
use super::server::TestDatabase;
use super::world::{self, PASSWORD, START, Template, World, moment, system};

/// The secret of every installation under test.
const SECRET: &str = "a secret that only tests use, 32 characters or more";

/// The smallest image there is.
pub const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\0\0\0\rIDATx\x9cc\xf8\xcf\
\xc0\xf0\x1f\0\x05\0\x01\xff\x89\x99=\x1d\0\0\0\0IEND\xaeB`\x82";

/// The job that [`TestApp::job`] finds or makes.
const JOB: &str = "每夜同步";

/// The application's front door.
pub(super) type Door = Rc<dyn Fn(TestRequest) -> Pin<Box<dyn Future<Output = Answer>>>>;

/// The application with a database and a world of its own.
pub struct TestApp {
    /// The database, through the application's own pool.
    pub db: Database,
    /// The clock of everything.
    pub clock: Clock,
    /// The state that all requests share, for what works beside them.
    pub state: Arc<State>,
    /// Who and what there is.
    pub world: World,
    pub(super) door: Door,
    pub(super) secret: Secret,
    system: Arc<Actor>,
    folder: TempDir,
    database: Option<TestDatabase>,
}

impl TestApp {
    /// A fresh one.
    pub async fn new() -> TestApp {
        TestApp::with(&[]).await
    }

    /// A fresh one with these variables of the configuration.
    pub async fn with(variables: &[(&str, &str)]) -> TestApp {
        let template = Template::get();
        let database = TestDatabase::filled(&template.statements);
        let clock = Clock::fixed(moment(START));
        let options = PoolOptions { size: 4, patience: Duration::from_secs(5) };
        let db = Database::new(&database.url(), options, clock.clone());
        let (door, state, folder) = open_door(db.clone(), variables).await;
        let secret = Secret::fixed(SECRET);
        TestApp {
            db,
            clock,
            state,
            world: template.world.clone(),
            door,
            secret,
            system: system(),
            folder,
            database: Some(database),
        }
    }

    /// One whose database is on another server, made there with the world in it.
    pub async fn at(url: &str) -> TestApp {
        migrate::create_database(url).unwrap();
        let clock = Clock::fixed(moment(START));
        let options = PoolOptions { size: 4, patience: Duration::from_millis(300) };
        let db = Database::new(url, options, clock.clone());
        db.read(&system(), migrate::run).unwrap();
        let world = db.write(&system(), world::build).unwrap();
        let (door, state, folder) = open_door(db.clone(), &[]).await;
        TestApp {
            db,
            clock,
            state,
            folder,
            world,
            door,
            secret: Secret::fixed(SECRET),
            system: system(),
            database: None,
        }
    }

    /// Somebody whom nobody knows.
    pub fn anonymous(&self) -> Client {
        Client::new(self)
    }

    /// A user of the world, signed in through the page.
    pub async fn signed_in(&self, username: &str) -> Client {
        let client = Client::new(self);
        client.sign_in(username, PASSWORD).await.see_other("/");
        client.is_user(self.world.user(username));
        client
    }

    /// The user of the world who holds exactly this built-in role.
    pub async fn as_role(&self, code: &str) -> Client {
        self.signed_in(code).await
    }

    /// A program that acts for a user of the world, with all that the user may do.
    pub fn api(&self, username: &str) -> Api {
        let actor = self.actor(username);
        let permissions: Vec<Permission> = actor.grants.keys().copied().collect();
        self.api_limited(username, &permissions)
    }

    /// A program that acts for a user of the world, with these permissions at most.
    pub fn api_limited(&self, username: &str, permissions: &[Permission]) -> Api {
        let draft = ApiTokenDraft {
            name: "test".into(),
            permissions: permissions.iter().copied().collect(),
            last_day: business_day(self.clock.now()) + chrono::Duration::days(1),
        };
        let made = self.db.write(&self.actor(username), |tx| tokens::create(tx, &draft)).unwrap();
        Api::new(self, Some(made.secret))
    }

    /// Revokes all tokens: there are more permissions than tokens that one user may have.
    pub fn revoke_tokens(&self) {
        diesel::sql_query("UPDATE api_tokens SET revoked_at = created_at")
            .execute(&mut self.connect())
            .unwrap();
    }

    /// A program without a token.
    pub fn api_anonymous(&self) -> Api {
        Api::new(self, None)
    }

    /// The system as actor, to arrange with the real commands.
    pub fn system(&self) -> Arc<Actor> {
        Arc::clone(&self.system)
    }

    /// A user of the world as actor.
    pub fn actor(&self, username: &str) -> Arc<Actor> {
        let actor = self.db.read(&system(), |db| identity::by_username(db, username)).unwrap();
        let actor = actor.unwrap_or_else(|| panic!("{username:?} cannot sign in"));
        // What is only arranged is told apart by its origin.
        Arc::new(Actor { origin: system().origin.clone(), ..actor })
    }

    /// What the rooms keep for the whole process.
    #[track_caller]
    pub fn part<T: Send + Sync + 'static>(&self) -> Arc<T> {
        self.state.part().unwrap()
    }

    /// Where the application keeps what is in no database.
    pub fn data_dir(&self) -> &Path {
        self.folder.path()
    }

    /// Arranges something as the system.
    #[track_caller]
    pub fn arrange<T>(&self, work: impl Fn(&mut Tx) -> Result<T>) -> T {
        self.db.write(&system(), work).unwrap()
    }

    /// A role that nobody holds yet.
    #[track_caller]
    pub fn arrange_role(&self, code: &str, scope: DataScope, permissions: &[Permission]) -> RoleId {
        let draft = RoleDraft {
            code: code.into(),
            name: format!("角色 {code}"),
            description: String::new(),
            data_scope: scope,
            permissions: permissions.iter().copied().collect(),
        };
        self.arrange(|tx| roles::commands::create(tx, &draft))
    }

    /// A customer of this code and name that these users own.
    #[track_caller]
    pub fn customer(&self, code: &str, name: &str, sales: Option<&str>, ops: Option<&str>) -> CustomerId {
        let owner = |username: Option<&str>| username.map(|username| self.world.user(username));
        let fields = Fields {
            company_code: code.into(),
            company_name: name.into(),
            sales_owner: owner(sales),
            ops_owner: owner(ops),
            ..Fields::default()
        };
        self.arrange(|tx| directory::commands::create(tx, fields.clone()))
    }

    /// What a customer used on a day, as `vendor-a` sends it; `series` is of devices.
    #[track_caller]
    pub fn usage_of(&self, customer: CustomerId, day: &str, series: &str, quantity: &str) {
        self.usage_sent(&[self.raw_usage(customer, day, series, quantity)]);
    }

    /// A record of usage of a customer as `vendor-a` sends it.
    #[track_caller]
    pub fn raw_usage(&self, customer: CustomerId, day: &str, series: &str, quantity: &str) -> RawRecord {
        let code = format!("SELECT CAST(company_code AS CHAR) FROM customers WHERE id = {customer}");
        RawRecord {
            line: Some(1),
            source: "vendor-a".into(),
            company_code: self.texts(&code).remove(0),
            day: day.into(),
            meter: "shots".into(),
            device_series: series.into(),
            layer: String::new(),
            quantity: quantity.into(),
        }
    }

    /// Sends records of usage in a delivery of their own.
    #[track_caller]
    pub fn usage_sent(&self, records: &[RawRecord]) -> Vec<TakenRecord> {
        self.arrange(|tx| {
            let new = NewIntake {
                kind: IntakeKind::Api,
                title: "2026-11-20",
                source: None,
                details: json!({}),
                state: IntakeState::Taking,
            };
            let intake = intakes::commands::begin(tx, &new)?;
            let mut ground = Ground::of(tx, records)?;
            let taken = take(tx, &mut ground, intake, records)?;
            intakes::commands::end(tx, intake, IntakeState::Taken, None)?;
            Ok(taken)
        })
    }

    /// A meter.
    pub fn meter(&self) -> u64 {
        u64::try_from(self.number("SELECT MIN(id) FROM meters")).unwrap()
    }

    /// A record in the quarantine of a customer that a user owns, made if there is none: its day is still to come.
    pub fn quarantined_of(&self, username: &str) -> u64 {
        let customer = self.customer_of(username);
        let query =
            format!("SELECT COALESCE(MIN(id), 0) FROM quarantined_records WHERE customer_id = {customer}");
        if self.number(&query) == 0 {
            self.usage_of(customer, "2027-01-01", "X", "5");
        }
        u64::try_from(self.number(&query)).unwrap()
    }

    /// A correction of the usage of a customer that a user owns, made if there is none.
    pub fn correction_of(&self, username: &str) -> u64 {
        let customer = self.customer_of(username);
        let query =
            format!("SELECT COALESCE(MIN(id), 0) FROM usage_corrections WHERE customer_id = {customer}");
        if self.number(&query) == 0 {
            self.usage_of(customer, "2026-11-18", "X", "100");
            self.arrange(|tx| {
                let day = "2026-11-18".parse().unwrap();
                let record = corrections::queries::of_day(tx, customer, day)?.remove(0);
                let draft = CorrectionDraft {
                    seen: record.stored.quantity,
                    quantity: Decimal::from(80),
                    reason: "重复计数".into(),
                };
                corrections::commands::correct(tx, &record.key, &draft)
            });
        }
        u64::try_from(self.number(&query)).unwrap()
    }

    /// A view of the list of customers that a user has saved, made if there is none.
    pub fn view_of(&self, username: &str) -> u64 {
        let user = self.world.user(username);
        let own = format!("SELECT COALESCE(MIN(id), 0) FROM saved_views WHERE user_id = {user}");
        if self.number(&own) == 0 {
            let draft = ViewDraft { name: "我的客户".into(), shared: false };
            let query = GridQuery::parse("owner=me&sort=-created_at");
            self.db.write(&self.actor(username), |tx| views::commands::create(tx, &draft, &query)).unwrap();
        }
        u64::try_from(self.number(&own)).unwrap()
    }

    /// A live customer that a user owns, made if there is none.
    pub fn customer_of(&self, username: &str) -> CustomerId {
        let user = self.world.user(username);
        let query = format!(
            "SELECT COALESCE(MIN(id), 0) FROM customers WHERE ops_owner_id = {user} AND deleted_at IS NULL"
        );
        match u64::try_from(self.number(&query)).unwrap() {
            0 => self.customer(
                &format!("KH-{username}"),
                &format!("{username} 的客户有限公司"),
                None,
                Some(username),
            ),
            id => CustomerId(id),
        }
    }

    /// A draft of prices of a customer that a user owns, made if there is none.
    pub fn price_version_of(&self, username: &str) -> PriceVersionId {
        let customer = self.customer_of(username);
        let query = format!("SELECT COALESCE(MIN(id), 0) FROM price_versions WHERE customer_id = {customer}");
        match u64::try_from(self.number(&query)).unwrap() {
            0 => self.draft_price(customer, "2027-01-01", "1.5"),
            id => PriceVersionId(id),
        }
    }

    /// Drafts a version with one price of the usual meter.
    pub fn draft_price(&self, customer: CustomerId, valid_from: &str, unit_price: &str) -> PriceVersionId {
        let mut charge = ChargeDraft::new(ChargeKey::of_meter(MeterId(1)), Model::Standard);
        charge.unit_price = Some(unit_price.parse().unwrap());
        let draft = VersionDraft {
            valid_from: valid_from.parse().unwrap(),
            currency: Currency::Cny,
            terms: TermsDraft::default(),
            discount_reason: None,
            remarks: None,
            charges: vec![charge],
        };
        self.arrange(|tx| price_plans::commands::create(tx, customer, &draft, &Source::HAND))
    }

    /// A version in force with one price of the usual meter, approved by the system.
    pub fn price_in_force(&self, customer: CustomerId, valid_from: &str, unit_price: &str) -> PriceVersionId {
        let id = self.draft_price(customer, valid_from, unit_price);
        self.arrange(|tx| {
            price_plans::commands::submit(tx, id, 1)?;
            price_plans::commands::approve(tx, id, 2)
        });
        id
    }

    /// A contact of a customer that a user owns, made if there is none.
    pub fn contact_of(&self, username: &str) -> u64 {
        let customer = self.customer_of(username);
        let draft = ContactDraft {
            name: "张伟".into(),
            role: Some("财务".into()),
            phone: Some("13812345678".into()),
            email: Some("zhang.wei@example.com".into()),
            ..ContactDraft::default()
        };
        let query = format!("SELECT COALESCE(MIN(id), 0) FROM contacts WHERE customer_id = {customer}");
        match u64::try_from(self.number(&query)).unwrap() {
            0 => self.arrange(|tx| contacts::commands::create(tx, customer, &draft)).0,
            id => id,
        }
    }

    /// A payer alias of a customer that a user owns, made if there is none.
    pub fn alias_of(&self, username: &str) -> u64 {
        let customer = self.customer_of(username);
        self.arrange(|tx| payer_aliases::commands::add(tx, customer, &format!("{username} 的付款户名")));
        let query = format!("SELECT MIN(id) FROM payer_aliases WHERE customer_id = {customer}");
        u64::try_from(self.number(&query)).unwrap()
    }

    /// An open proposal to suspend a customer that a user owns, made if there is none.
    pub fn proposal_of(&self, username: &str) -> u64 {
        let customer = self.customer_of(username);
        let today = business_day(self.clock.now());
        self.arrange(|tx| {
            let before = directory::queries::lock(tx, Permission::CustomerEdit, customer)?;
            let active = Fields { status: Status::Active, ..before.fields.clone() };
            let moved =
                Cause::by_hand(Action::CustomerMoved, Permission::CustomerEdit).moving(MoveCause::Undo);
            if before.is_live() && before.fields.status == Status::Lead {
                directory::commands::save_all(tx, vec![(before, active)], &moved)?;
            }
            activity::commands::note_overdue(tx, customer, Some(today - chrono::Duration::days(40)))?;
            nightly::commands::carry_out(tx, today, &[customer])
        });
        let query = format!("SELECT MIN(id) FROM status_proposals WHERE customer_id = {customer}");
        u64::try_from(self.number(&query)).unwrap()
    }

    /// Leaves a user with a role that grants nothing.
    #[track_caller]
    pub fn leave_without_permissions(&self, username: &str) {
        let role = self.arrange_role("nothing", DataScope::Own, &[]);
        self.give_roles(username, &[role]);
    }

    /// Leaves a user with these roles alone.
    #[track_caller]
    pub fn give_roles(&self, username: &str, roles: &[RoleId]) {
        let id = self.world.user(username);
        self.arrange(|tx| {
            let user = users::queries::get(tx, id)?.unwrap().user;
            let draft = UserDraft {
                username: user.username,
                name: user.name,
                email: user.email,
                department_id: user.department_id,
                roles: roles.to_vec(),
            };
            users::commands::update(tx, id, user.version, &draft)
        });
    }

    /// The number that a query answers with.
    #[track_caller]
    pub fn number(&self, query: &str) -> i64 {
        sql::<BigInt>(query).get_result(&mut self.connect()).unwrap()
    }

    /// The texts that a query of one column answers with.
    #[track_caller]
    pub fn texts(&self, query: &str) -> Vec<String> {
        sql::<Text>(query).load(&mut self.connect()).unwrap()
    }

    /// Every text that people have put into the database, the longest first.
    pub fn data(&self) -> Vec<String> {
        let mut data = self.texts(
            "SELECT username FROM users UNION SELECT name FROM users UNION SELECT COALESCE(email, '') FROM users \
             UNION SELECT name FROM departments UNION SELECT code FROM roles UNION SELECT name FROM roles \
             UNION SELECT description FROM roles UNION SELECT name FROM api_tokens UNION SELECT hint FROM api_tokens \
             UNION SELECT address FROM sessions UNION SELECT address FROM sign_ins \
             UNION SELECT username FROM sign_ins UNION SELECT actor_name FROM audit_entries \
             UNION SELECT actor_username FROM audit_entries UNION SELECT subject_label FROM audit_entries \
             UNION SELECT name FROM files UNION SELECT label FROM tasks UNION SELECT COALESCE(name, code) FROM jobs \
             UNION SELECT description FROM jobs \
             UNION SELECT COALESCE(JSON_UNQUOTE(JSON_EXTRACT(request, '$.url')), '') FROM jobs \
             UNION SELECT COALESCE(reason, '') FROM audit_entries UNION SELECT request_id FROM audit_entries \
             UNION SELECT subject FROM notifications UNION SELECT body FROM notifications \
             UNION SELECT subject FROM deliveries UNION SELECT body FROM deliveries UNION SELECT target FROM deliveries \
             UNION SELECT name FROM robots UNION SELECT url_hint FROM robots \
             UNION SELECT company_name FROM customers UNION SELECT CAST(company_code AS CHAR) FROM customers \
             UNION SELECT name FROM contacts UNION SELECT COALESCE(role, '') FROM contacts \
             UNION SELECT COALESCE(email, '') FROM contacts UNION SELECT name FROM payer_aliases \
             UNION SELECT title FROM batches UNION SELECT label FROM batch_rows UNION SELECT sheet_name FROM imports \
             UNION SELECT COALESCE(invoice_title, '') FROM customer_details \
             UNION SELECT COALESCE(address, '') FROM customer_details \
             UNION SELECT CAST(currency AS CHAR) FROM customer_details \
             UNION SELECT label_en FROM dictionary_values UNION SELECT name FROM saved_views \
             UNION SELECT CAST(query AS CHAR) FROM saved_views \
             UNION SELECT COALESCE(JSON_UNQUOTE(JSON_EXTRACT(labels, '$[0]')), '') FROM imports \
             UNION SELECT COALESCE(JSON_UNQUOTE(JSON_EXTRACT(body, '$.cells[0]')), '') FROM batch_rows \
             UNION SELECT COALESCE(JSON_UNQUOTE(JSON_EXTRACT(labels, '$[1]')), '') FROM imports \
             UNION SELECT COALESCE(JSON_UNQUOTE(JSON_EXTRACT(body, '$.cells[1]')), '') FROM batch_rows \
             UNION SELECT COALESCE(JSON_UNQUOTE(JSON_EXTRACT(labels, '$[2]')), '') FROM imports \
             UNION SELECT COALESCE(JSON_UNQUOTE(JSON_EXTRACT(body, '$.cells[2]')), '') FROM batch_rows \
             UNION SELECT CAST(number AS CHAR) FROM bills \
             UNION SELECT text FROM dispute_messages UNION SELECT author FROM dispute_messages \
             UNION SELECT recipients FROM bill_links \
             UNION SELECT reason FROM credit_notes UNION SELECT note FROM bill_promises \
             UNION SELECT name FROM usage_sources \
             UNION SELECT CAST(code AS CHAR) FROM usage_sources \
             UNION SELECT COALESCE(JSON_UNQUOTE(JSON_EXTRACT(settings, '$.url')), '') FROM usage_sources \
             UNION SELECT name FROM usage_sources UNION SELECT CAST(code AS CHAR) FROM usage_sources \
             UNION SELECT name FROM meters UNION SELECT name_en FROM meters UNION SELECT CAST(code AS CHAR) FROM meters \
             UNION SELECT unit_en FROM meters UNION SELECT reason FROM usage_corrections \
             UNION SELECT company_code FROM quarantined_records UNION SELECT meter_code FROM quarantined_records \
             UNION SELECT source_code FROM quarantined_records UNION SELECT title FROM usage_intakes \
             UNION SELECT COALESCE(JSON_UNQUOTE(JSON_EXTRACT(settings, '$.records_path')), '') FROM usage_sources \
             UNION SELECT COALESCE(JSON_UNQUOTE(JSON_EXTRACT(settings, '$.meter_path')), '') FROM usage_sources \
             UNION SELECT COALESCE(JSON_UNQUOTE(JSON_EXTRACT(settings, '$.quantity_path')), '') FROM usage_sources \
             UNION SELECT label_zh FROM dictionary_values WHERE CHAR_LENGTH(label_zh) > 1",
        );
        data.retain(|text| !text.is_empty());
        data.sort_by_key(|text| std::cmp::Reverse(text.len()));
        data
    }

    /// The actions in the audit log since the world was made, oldest first.
    pub fn audited(&self) -> Vec<String> {
        self.texts("SELECT action FROM audit_entries WHERE request_id <> 'test' ORDER BY id")
    }

    /// A session of a user, opened if there is none.
    pub fn session_of(&self, username: &str) -> u64 {
        let user = self.world.user(username);
        let new = NewSession {
            key_hash: sha256(&format!("session of {username}")),
            user_id: user,
            remembered: true,
            address: "192.0.2.30".into(),
            user_agent: "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0".into(),
        };
        let open = |db: &mut Db| {
            let known = sessions::queries::of_user(db, user)?;
            if known.is_empty() {
                sessions::commands::open(db, &new)?;
            }
            Ok(sessions::queries::of_user(db, user)?[0].id.0)
        };
        self.db.read(&system(), open).unwrap()
    }

    /// A live file on a user, an image, put there if there is none.
    pub fn file_of(&self, username: &str) -> u64 {
        let record = Record { kind: "user", id: self.world.user(username).0 };
        self.put_file(record, "头像.png", PNG)
    }

    /// Puts a file on a record as the house itself does. The same content stays one file.
    pub fn put_file(&self, record: Record, name: &str, content: impl Read + Send) -> u64 {
        let (db, store, system) = (self.db.clone(), self.part::<Store>(), system());
        // On a thread of its own, because it blocks.
        let put = move || files::put(&db, &system, &store, record, name, content).unwrap().0;
        std::thread::scope(|scope| scope.spawn(put).join().unwrap())
    }

    /// A customer of this code and name, with these fields besides, by their canonical texts.
    #[track_caller]
    pub fn customer_with(&self, code: &str, name: &str, fields: &[(Field, &str)]) -> CustomerId {
        let mut all = Fields { company_code: code.into(), company_name: name.into(), ..Fields::default() };
        for (field, text) in fields {
            all.set(*field, Some(text)).unwrap();
        }
        self.arrange(|tx| directory::commands::create(tx, all.clone()))
    }

    /// Two customers of a user that are likely to be the same, made if there are none.
    pub fn pair_of(&self, username: &str) -> u64 {
        let owner = self.world.user(username);
        let find = || {
            let query = format!(
                "SELECT COALESCE(MIN(duplicate_pairs.id), 0) FROM duplicate_pairs \
                 JOIN customers ON customers.id = lower_id WHERE sales_owner_id = {owner} AND state = 'open'"
            );
            u64::try_from(self.number(&query)).unwrap()
        };
        if find() == 0 {
            let (owner, known) = (owner.to_string(), self.number("SELECT COUNT(*) FROM customers"));
            let names = [1, 2].map(|number| format!("杭州{username}{}号家居有限公司", known + number));
            for (number, name) in (known + 1..).zip(&names) {
                let has = [(Field::SalesOwner, owner.as_str()), (Field::InvoiceTitle, names[0].as_str())];
                self.customer_with(&format!("P{username}{number}"), name, &has);
            }
        }
        find()
    }

    /// A value of a dictionary that people may change.
    pub fn dictionary_value(&self) -> u64 {
        let query =
            "SELECT MIN(id) FROM dictionary_values WHERE dictionary = 'industry' AND merged_into_id IS NULL";
        u64::try_from(self.number(query)).unwrap()
    }

    /// A live access token of a user, made if there is none.
    pub fn token_of(&self, username: &str) -> u64 {
        let user = self.world.user(username);
        let find = |db: &mut Db| {
            let tokens = api_tokens::queries::of_user(db, user)?;
            Ok(tokens.into_iter().find(|token| token.revoked_at.is_none()))
        };
        if self.db.read(&system(), find).unwrap().is_none() {
            self.api_limited(username, &[]);
        }
        self.db.read(&system(), find).unwrap().unwrap().id.0
    }

    /// An entry of the audit log about a user.
    pub fn audit_entry_about(&self, username: &str) -> u64 {
        let user = self.world.user(username);
        let query =
            format!("SELECT MIN(id) FROM audit_entries WHERE subject_kind = 'user' AND subject_id = {user}");
        u64::try_from(self.number(&query)).unwrap()
    }

    /// The same database as another process has it: with a pool and a memory of its own.
    pub fn replica(&self) -> Database {
        let url = self.database.as_ref().expect("the database is on another server").url();
        let options = PoolOptions { size: 2, patience: Duration::from_secs(5) };
        Database::new(&url, options, self.clock.clone())
    }

    /// A line of a user's inbox, put there if there is none.
    pub fn notification_of(&self, username: &str) -> u64 {
        let user = self.world.user(username);
        self.tell_once(username);
        u64::try_from(self.number(&format!("SELECT MIN(id) FROM notifications WHERE user_id = {user}")))
            .unwrap()
    }

    /// A mail to a user, made if there is none.
    pub fn delivery_to(&self, username: &str) -> u64 {
        let user = self.world.user(username);
        self.tell_once(username);
        u64::try_from(self.number(&format!("SELECT MIN(id) FROM deliveries WHERE user_id = {user}"))).unwrap()
    }

    /// Spreads an announcement to a user, the first time.
    fn tell_once(&self, username: &str) {
        let message =
            Outgoing::new("notifications.announcement", &json!({"title": "放假通知", "text": "周五放假。"}))
                .to(Recipient::User(self.world.user(username)))
                .once(format!("tell {username}"));
        if self.arrange(|tx| tx.notify(&message)) {
            let kinds = self.state.part::<Kinds>().unwrap();
            self.arrange(|tx| {
                let sender = Sender::read(tx, &self.state.config)?;
                let Some(message) = outbox::commands::take(tx)? else { return Ok(()) };
                outbox::commands::spread(tx, &kinds, &sender, &message).map(|_| ())
            });
        }
    }

    /// A robot, connected if there is none.
    pub fn robot(&self) -> u64 {
        let seal = |text: &str| self.secret.seal(robots::rules::SEAL, text).unwrap();
        let draft = RobotDraft {
            name: "运营群".into(),
            vendor: Vendor::DingTalk,
            language: Tr::ZhCn,
            url: Some((
                seal("https://oapi.dingtalk.com/robot/send?access_token=1"),
                "oapi.dingtalk.com … n=1".into(),
            )),
            secret: SecretDraft::Set(seal("SEC1")),
            kinds: vec!["jobs.job_failed".into()],
            paused: false,
        };
        let all = self.db.read(&system(), robots::queries::all).unwrap();
        match all.first() {
            Some(robot) => robot.id.0,
            None => self.arrange(|tx| robots::commands::create(tx, &draft)).0,
        }
    }

    /// A source of usage that is fetched from, made if there is none.
    pub fn usage_source(&self) -> UsageSourceId {
        let find = |db: &mut Db| Ok(sources::queries::by_code(db, "vendor")?.map(|source| source.id));
        if let Some(id) = self.db.read(&system(), find).unwrap() {
            return id;
        }
        self.fetched_source("vendor", "https://example.invalid/usage?day={day}", |_| {})
    }

    /// A source of usage of this code that is fetched from, as the form makes it, with some fields changed.
    #[track_caller]
    pub fn fetched_source(&self, code: &str, url: &str, change: impl Fn(&mut SourceForm)) -> UsageSourceId {
        let mut form = SourceForm {
            code: code.into(),
            name: format!("来源 {code}"),
            expected_from: "2026-11-10".into(),
            url: url.into(),
            auth: "none".into(),
            ..SourceForm::default()
        };
        change(&mut form);
        let outbound = self.part::<Outbound>();
        let given = Given { outbound: &outbound, secret: &self.secret, source: None, user: None };
        let draft = form.check(&given).unwrap();
        self.arrange(|tx| sources::commands::create(tx, &draft))
    }

    /// Spreads and sends all messages that are due.
    pub async fn send_messages(&self) {
        dispatcher::work_off(&self.state).await.unwrap();
    }

    /// Works off every background task that is due; returns how many there were.
    pub async fn work_off(&self) -> usize {
        let state = Arc::clone(&self.state);
        tokio::task::spawn_blocking(move || workers::work_off(&state)).await.unwrap().unwrap()
    }

    /// Puts a task into the queue in the name of a user of the world.
    #[track_caller]
    pub fn enqueue_as(&self, username: &str, task: &NewTask) -> TaskId {
        self.db.write(&self.actor(username), |tx| tx.enqueue(task)).unwrap()
    }

    /// A job of staff, made if there is none.
    pub fn job(&self) -> JobId {
        let find = |db: &mut Db| Ok(schedule::queries::by_code_or_name(db, JOB)?.map(|job| job.id));
        if let Some(id) = self.db.read(&system(), find).unwrap() {
            return id;
        }
        let http = HttpDraft {
            method: Method::Post,
            url: "https://example.invalid/hook".into(),
            headers: Vec::new(),
            body: "{}".into(),
            expected_status: "200-299".into(),
            secrets: Vec::new(),
        };
        let draft = JobDraft {
            cron: Expression::read("0 2 * * *").unwrap(),
            misfire: Misfire::Once,
            timeout_seconds: 5,
            retries: 0,
            allow_overlap: false,
            watchers: vec![self.world.user("admin")],
            made: Some(MadeDraft { name: JOB.into(), description: String::new(), http }),
        };
        self.arrange(|tx| schedule::commands::create(tx, &draft))
    }

    /// A run of that job, asked for if there is none.
    pub fn run_of_job(&self) -> JobRunId {
        let (job, today) = (self.job(), business_day(self.clock.now()));
        let latest = self.db.read(&system(), |db| runs::queries::latest(db, job)).unwrap();
        match latest.first() {
            Some(run) => run.id,
            None => self.arrange(|tx| runs::commands::trigger(tx, job, today, &[])),
        }
    }

    /// An import of customers that somebody has made and that waits to be committed, made if there is none.
    pub fn batch_of(&self, username: &str) -> u64 {
        let user = self.world.user(username);
        let find =
            format!("SELECT COALESCE(MAX(id), 0) FROM batches WHERE created_by = {user} AND state = 'ready'");
        if self.number(&find) == 0 {
            let (state, system) = (Arc::clone(&self.state), system());
            // On a thread of its own, because it blocks. Not everybody may import; what matters is whose it is.
            let make = move || {
                let mut file = tempfile::tempfile().unwrap();
                file.write_all("公司ID,公司名称,行业类型\nKH900,杭州诺合有限公司,没有的行业\n".as_bytes())
                    .unwrap();
                let id = imports::begin::begin(&state, &system, &IMPORT, "客户.csv", file, None).unwrap();
                workers::work_off(&state).unwrap();
                id
            };
            let id = std::thread::scope(|scope| scope.spawn(make).join().unwrap());
            diesel::sql_query(format!("UPDATE batches SET created_by = {user} WHERE id = {id}"))
                .execute(&mut self.connect())
                .unwrap();
        }
        u64::try_from(self.number(&find)).unwrap()
    }

    /// One record of each kind that pages are about, those of customers within somebody's reach.
    pub fn one_of_each(&self, username: &str) {
        self.job();
        self.robot();
        self.contact_of(username);
        self.alias_of(username);
        self.proposal_of(username);
        self.pair_of(username);
        self.price_version_of(username);
        self.usage_source();
        self.intake_of(username);
        self.quarantined_of(username);
        self.correction_of(username);
        self.bill_of_user(username);
        self.credit_note_of(username);
        self.dispute_of(username);
    }

    /// A file of usage that somebody has brought and that waits to be taken, made if there is none.
    pub fn intake_of(&self, username: &str) -> u64 {
        let user = self.world.user(username);
        let find = format!(
            "SELECT COALESCE(MAX(id), 0) FROM usage_intakes WHERE created_by = {user} AND state = 'ready'"
        );
        if self.number(&find) == 0 {
            let (state, system) = (Arc::clone(&self.state), system());
            // On a thread of its own, because it blocks. Not everybody may import; what matters is whose it is.
            let make = move || {
                let mut file = tempfile::tempfile().unwrap();
                file.write_all("来源,公司ID,日期,用量\nvendor-a,KH900,2026-11-01,5\n".as_bytes()).unwrap();
                let defaults = Defaults::default();
                let id = begin::begin(&state, &system, "用量.csv", file, defaults, Work::Check).unwrap();
                workers::work_off(&state).unwrap();
                id
            };
            let id = std::thread::scope(|scope| scope.spawn(make).join().unwrap());
            diesel::sql_query(format!("UPDATE usage_intakes SET created_by = {user} WHERE id = {id}"))
                .execute(&mut self.connect())
                .unwrap();
        }
        u64::try_from(self.number(&find)).unwrap()
    }

    /// A connection beside the application's pool.
    pub fn connect(&self) -> MysqlConnection {
        self.database.as_ref().expect("the database is on another server").connect()
    }
}

/// Builds the real application in front of a database, with a folder of its own to keep things in.
pub(super) async fn open_door(db: Database, variables: &[(&str, &str)]) -> (Door, Arc<State>, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let own = [("OPCMS_DATA_DIR", folder.path().to_str().unwrap())];
    let lookup = |name: &str| {
        variables.iter().chain(&own).find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
    };
    let config = Config::from(lookup).unwrap();
    let parts = opcms::app::parts(&config).unwrap();
    let state = Data::new(State::new(db, config, Secret::fixed(SECRET), IDENTIFY, parts));
    let service = Rc::new(test::init_service(opcms::app::build(state.clone())).await);
    let door: Door = Rc::new(move |request| {
        let service = Rc::clone(&service);
        Box::pin(async move {
            let response = test::call_service(&*service, request.to_request()).await;
            let (status, headers) = (response.status().as_u16(), response.headers().clone());
            let body = test::read_body(response).await;
            Answer {
                status,
                headers,
                body: String::from_utf8_lossy(&body).into_owned(),
                bytes: body.to_vec(),
            }
        })
    });
    (door, state.into_inner(), folder)
}
