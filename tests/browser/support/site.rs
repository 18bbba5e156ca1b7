//! A real `opcms serve` on a free port, with a database of its own.

use std::fmt::Write as _;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use opcms::accounts::api_tokens;
use opcms::accounts::api_tokens::model::ApiTokenDraft;
use opcms::accounts::sessions::identity;
use opcms::billing::credit_notes::model::{Ask, Wish};
use opcms::billing::disputes::forms::Question;
use opcms::billing::{bills, credit_notes, disputes, links};
use opcms::config::Config;
use opcms::customers::contacts::model::ContactDraft;
use opcms::customers::directory::model::Fields;
use opcms::customers::grid::forms::GridQuery;
use opcms::customers::status::model::Status;
use opcms::customers::status::{activity, nightly};
use opcms::customers::views::model::ViewDraft;
use opcms::customers::{contacts, directory, payer_aliases, views};
use opcms::db::{Database, PoolOptions, Tx};
use opcms::files::{self, Record, Store};
use opcms::i18n::Tr;
use opcms::jobs::runs;
use opcms::notifications::robots;
use opcms::notifications::robots::model::{RobotDraft, SecretDraft, Vendor};
use opcms::settings::model::SettingDraft;
use opcms::settings::{self, registry};
use opcms::tasks::drill::Drill;
use opcms::types::ids::{BillId, CustomerId, JobId, JobRunId};
use opcms::types::time::business_day;
use opcms::types::{Clock, Outgoing, Permission, Recipient};
use opcms::web::routes::Door;
use opcms::web::secret::Secret;
use serde_json::json;
use tempfile::TempDir;

use super::process::Leashed;
use super::server::TestDatabase;
use super::world::{Template, World, system};

/// The site.
pub struct Site {
    url: String,
    /// Who and what there is; nobody on a fresh site.
    pub world: World,
    /// The password that the first start prints.
    pub first_password: Option<String>,
    database: TestDatabase,
    _server: Leashed,
    home: TempDir,
}

impl Site {
    /// One that starts for the first time.
    pub fn fresh() -> Site {
        Site::start(TestDatabase::empty(), World::default(), true)
    }

    /// One with the world of the integration tests in it.
    pub fn with_world() -> Site {
        let template = Template::get();
        Site::start(TestDatabase::filled(&template.statements), template.world.clone(), false)
    }

    fn start(database: TestDatabase, world: World, is_first: bool) -> Site {
        let home = tempfile::tempdir().unwrap();
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_opcms"));
        command.arg("serve").current_dir(home.path());
        command.env("DATABASE_URL", database.url()).env("OPCMS_LISTEN", address.to_string());
        command.env("OPCMS_DATA_DIR", home.path()).env("OPCMS_LOG", "warn").env("OPCMS_BASE_URL", "");
        let server = Leashed::start("KILL", home.path().to_str().unwrap(), &command);
        let password = |line: &str| line.trim().strip_prefix("Password").map(|rest| rest.trim().to_owned());
        let first_password = is_first.then(|| server.hear(password));
        await_listener(address);
        Site { url: format!("http://{address}"), world, first_password, database, _server: server, home }
    }

    /// The address of a path.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// The number that a query answers with.
    pub fn number(&self, query: &str) -> i64 {
        sql::<BigInt>(query).get_result(&mut self.database.connect()).unwrap()
    }

    /// The database, through a pool of our own.
    fn db(&self) -> Database {
        let options = PoolOptions { size: 1, patience: Duration::from_secs(5) };
        Database::new(&self.database.url(), options, Clock::System)
    }

    /// Makes an access token, so that the pages about tokens have something to show.
    pub fn make_token(&self, username: &str) {
        let db = self.db();
        let actor = db.read(&system(), |db| identity::by_username(db, username)).unwrap().unwrap();
        let permissions = actor.grants.keys().copied().collect();
        let last_day = business_day(db.clock().now()) + chrono::Duration::days(30);
        let draft = ApiTokenDraft { name: "ERP".into(), permissions, last_day };
        db.write(&Arc::new(actor), |tx| api_tokens::commands::create(tx, &draft)).unwrap();
    }

    /// Fills in the company's particulars, so that there is a letterhead, and changes of settings to look at.
    pub fn introduce_the_company(&self, username: &str) {
        let db = self.db();
        let actor = Arc::new(db.read(&system(), |db| identity::by_username(db, username)).unwrap().unwrap());
        let bank =
            "户名：上海某某数据科技有限公司\n开户行：某某银行上海分行陆家嘴支行\n账号：1001 2345 6789 012";
        for (key, value) in [
            ("company.name", "上海某某数据科技有限公司"),
            ("company.name_en", "Some Data Technology (Shanghai) Company Limited"),
            ("company.tax_number", "91350100M000100Y43"),
            ("company.email", "a.very.long.address.for.bills@mail.some-company.example.com"),
            ("company.bank_details", bank),
            ("tasks.keep_days", "14"),
        ] {
            let reason = Some("营业执照变更".to_owned());
            let draft = SettingDraft { value: Some(value.into()), reason, version: 0 };
            let definition = registry::find(key).unwrap();
            db.write(&actor, |tx| settings::commands::change(tx, definition, &draft)).unwrap();
        }
    }

    /// Makes two customers that are likely to be the same, so that their quality and their likeness have something to show.
    pub fn make_duplicates(&self, owner: &str) {
        let make = |code: &str, name: &str, level: Option<&str>| {
            let fields = Fields {
                company_code: code.into(),
                company_name: name.into(),
                level: level.map(str::to_owned),
                invoice_title: Some("成都雅合不动产有限公司".into()),
                sales_owner: Some(self.world.user(owner)),
                ..Fields::default()
            };
            self.db().write(&system(), |tx| directory::commands::create(tx, fields.clone())).unwrap()
        };
        make("DUP-1", "成都雅合不动产有限公司", Some("A"));
        make("DUP-2", "雅合不动产（成都）有限公司", None);
    }

    /// Puts files on a user, so that their page and that of their files have something to show.
    pub fn make_files(&self, username: &str) {
        let db = self.db();
        let data_dir = self.home.path().to_str().unwrap().to_owned();
        let config = Config::from(|name| (name == "OPCMS_DATA_DIR").then(|| data_dir.clone())).unwrap();
        let record = Record { kind: "user", id: self.world.user(username).0 };
        let put = move || {
            let store = Store::open(&config).unwrap();
            let put = |name: &str, content: &str| {
                files::put(&db, &system(), &store, record, name, content.as_bytes()).unwrap()
            };
            put("合同.pdf", "%PDF-1.7");
            let deleted = put("deleted.csv", "a,b");
            db.write(&system(), |tx| files::commands::delete(tx, &opcms::app::records(), deleted)).unwrap();
        };
        // On a thread of its own, because it blocks.
        std::thread::spawn(put).join().unwrap();
    }

    /// A customer with a parent, contacts, payer names, moves and what the rules of the night look at.
    pub fn make_customers(&self, username: &str) {
        let db = self.db();
        let actor = Arc::new(db.read(&system(), |db| identity::by_username(db, username)).unwrap().unwrap());
        let owner = self.world.user("li");
        let fields = |code: &str, name: &str, parent: Option<CustomerId>| Fields {
            company_code: code.into(),
            company_name: name.into(),
            parent,
            ops_owner: Some(owner),
            status: Status::Active,
            level: Some("S".into()),
            billing_emails: vec!["bills@nuohe.example.com".into()],
            remarks: Some("每月五日前对账。\n开票前先联系财务。".into()),
            ..Fields::default()
        };
        let today = business_day(db.clock().now());
        db.write(&actor, |tx| {
            let group = directory::commands::create(tx, fields("KH00001", "诺合集团股份有限公司", None))?;
            let id =
                directory::commands::create(tx, fields("KH00002", "杭州诺合公寓管理有限公司", Some(group)))?;
            directory::commands::create(tx, fields("KH00003", "苏州诺合公寓管理有限公司", Some(group)))?;
            for name in ["张伟", "李娜"] {
                let draft = ContactDraft {
                    name: name.into(),
                    role: Some("财务经理".into()),
                    phone: Some("13812345678".into()),
                    email: Some("zhang.wei@nuohe.example.com".into()),
                    ..ContactDraft::default()
                };
                contacts::commands::create(tx, group, &draft)?;
            }
            payer_aliases::commands::add(tx, group, "诺合集团（杭州）结算中心")?;
            activity::commands::note_usage(tx, group, today - chrono::Duration::days(400))?;
            activity::commands::note_usage(tx, id, today - chrono::Duration::days(120))?;
            activity::commands::note_overdue(tx, id, Some(today - chrono::Duration::days(45)))?;
            nightly::commands::carry_out(tx, today, &[id])
        })
        .unwrap();
    }

    /// Checks a file of customers in which something of everything stands, without committing it.
    pub fn check_a_file(&self) {
        let file = self.home.path().join("客户.csv");
        let rows = "公司ID,公司名称,账号类型,接入时间,客户等级,销售负责人,月均拍摄量,颜色\n\
            KH00001,诺合集团股份有限公司,正式账号,2025年2月14日,A,,\"1,226\",红\n\
            KH00009,广州百博置业股份有限公司,VIP账号,25上半年,B,查无此人,很多,\n\
            KH00010,厦门　百途装饰设计有限公司,正式账号,2023.12.19,C,李雷,306,\n";
        std::fs::write(&file, rows).unwrap();
        self.import(&["customers", "客户.csv"]);
        assert!(self.number("SELECT COUNT(*) FROM batches WHERE state = 'ready'") > 0);
    }

    /// Prices in force and prices that wait, and usage of some months, of which a rule has caught a record.
    pub fn price_and_use(&self) {
        let heading = "公司ID,生效日期,设备系列,计价方式,单价,阶梯,阶梯固定费,保底,折扣%\n";
        let in_force = "KH00001,2026-01-01,,阶梯累进,,0-500:1.0;501-1000:0.8;1001+:0.6,0/20/0,300,8\n\
            KH00001,2026-01-01,L,单价,1.75,,,300,8\n";
        std::fs::write(self.home.path().join("价格.csv"), format!("{heading}{in_force}")).unwrap();
        self.import(&["prices", "价格.csv", "--commit", "--approve"]);
        let waiting = "KH00001,2026-09-01,,单价,1.2,,,,\nKH00002,2026-09-01,,单价,1.5,,,,\n";
        std::fs::write(self.home.path().join("新价格.csv"), format!("{heading}{waiting}")).unwrap();
        self.import(&["prices", "新价格.csv", "--commit"]);
        let mut usage =
            String::from("来源,公司ID,日期,计量项,设备系列,用量\nvendor-a,KH404,2026-09-01,shots,X,5\n");
        for (month, day) in (7..=10).flat_map(|month| (1..=28).map(move |day| (month, day))) {
            for (series, quantity) in [("X", month * day), ("L", 40 - day)] {
                writeln!(usage, "vendor-a,KH00001,2026-{month:02}-{day:02},shots,{series},{quantity}")
                    .unwrap();
            }
        }
        std::fs::write(self.home.path().join("用量.csv"), usage).unwrap();
        self.import(&["usage", "用量.csv", "--commit"]);
        assert!(self.number("SELECT COUNT(*) FROM price_versions WHERE state = 'pending'") > 0);
        assert!(self.number("SELECT COUNT(*) FROM quarantined_records WHERE state = 'waiting'") > 0);
    }

    /// A bill that waits for review, and one that is sent, disputed, and of which a credit note was asked for.
    pub fn bill_two_months(&self) {
        for month in ["2026-08", "2026-09"] {
            self.operate(&["bill", "plan", "--month", month]);
            let hash = "MAX(inputs_hash) FROM bill_runs WHERE state = 'planned'";
            let hash: String =
                sql::<Text>(&format!("SELECT {hash}")).get_result(&mut self.database.connect()).unwrap();
            self.operate(&["bill", "commit", "--month", month, "--plan", &hash]);
        }
        self.operate(&["bill", "approve", "--month", "2026-09"]);
        let id = self.bill();
        self.db()
            .write(&system(), |tx| {
                let (bill, customer) = bills::commands::lock(tx, Permission::BillSend, id)?;
                bills::commands::mark_sent(tx, &bill, &customer)?;
                let link = links::commands::create(tx, &self.secret(), id, Tr::ZhCn, "bills@example.com")?;
                let link = links::queries::get(tx, link.id)?;
                let question =
                    Question { position: Some(1), name: "王会计".into(), text: "数量不对。".into() };
                disputes::commands::open(tx, &link, &question)?;
                let version = bills::queries::get(tx, id)?.unwrap().version;
                let ask = Ask { wish: Wish::Whole, reason: "单价录错".into() };
                credit_notes::commands::ask(tx, id, version, &ask)
            })
            .unwrap();
    }

    /// The bill that was sent.
    fn bill(&self) -> BillId {
        BillId(u64::try_from(self.number("SELECT MAX(id) FROM bills")).unwrap())
    }

    fn secret(&self) -> Secret {
        Secret::load(None, self.home.path()).unwrap()
    }

    /// The token of a new link to that bill.
    fn key_of_bill(&self) -> String {
        let (secret, id) = (self.secret(), self.bill());
        let make = |tx: &mut Tx| links::commands::create(tx, &secret, id, Tr::ZhCn, "bills@example.com");
        self.db().write(&system(), make).unwrap().token
    }

    /// Plans the bills of a month.
    pub fn plan_a_month(&self) {
        self.operate(&["bill", "plan", "--month", "2026-10"]);
        assert!(self.number("SELECT COUNT(*) FROM bill_runs WHERE state = 'planned'") > 0);
    }

    /// Imports a file of the site's folder.
    fn import(&self, arguments: &[&str]) {
        self.operate(&[&["import"], arguments].concat());
    }

    /// Runs a verb of the command line in the site's folder, as the operator does.
    fn operate(&self, arguments: &[&str]) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_opcms"));
        command.args(arguments).env("DATABASE_URL", self.database.url());
        command.env("OPCMS_DATA_DIR", self.home.path()).env("OPCMS_LOG", "warn").env("OPCMS_BASE_URL", "");
        command.current_dir(self.home.path()).output().unwrap();
    }

    /// Saves a view of the list of customers.
    pub fn save_a_view(&self, username: &str) {
        let db = self.db();
        let actor = Arc::new(db.read(&system(), |db| identity::by_username(db, username)).unwrap().unwrap());
        let draft = ViewDraft { name: "重点客户".into(), shared: true };
        let query = GridQuery::parse("level=S&sort=-created_at");
        db.write(&actor, |tx| views::commands::create(tx, &draft, &query)).unwrap();
    }

    /// Gives the engine room something to show: tasks in every state, messages on their way, a robot.
    pub fn start_the_engine(&self, username: &str) {
        let db = self.db();
        let actor = Arc::new(db.read(&system(), |db| identity::by_username(db, username)).unwrap().unwrap());
        let idle = Drill { steps: 0, pause_ms: 0, fails_at: 0, busy_at: 0, report: false };
        let drills = [
            Drill { steps: 3, report: true, ..idle },
            Drill { steps: 3, fails_at: 2, ..idle },
            Drill { steps: 100_000, pause_ms: 500, ..idle },
        ];
        let announcement =
            json!({"title": "国庆放假通知", "text": "十月一日至七日放假。\n紧急事务请联系值班同事。"});
        let message = Outgoing::new("notifications.announcement", &announcement)
            .to(Recipient::User(self.world.user(username)));
        let robot = RobotDraft {
            name: "运营群".into(),
            vendor: Vendor::DingTalk,
            language: Tr::ZhCn,
            url: Some(("sealed".into(), "oapi.dingtalk.com … n=1".into())),
            secret: SecretDraft::Set("sealed".into()),
            kinds: vec!["jobs.job_failed".into()],
            paused: true,
        };
        db.write(&actor, |tx| {
            drills.iter().try_for_each(|drill| tx.enqueue(&drill.task("客户名单")).map(|_| ()))?;
            tx.notify(&message)?;
            robots::commands::create(tx, &robot).map(|_| ())
        })
        .unwrap();
        for (what, query) in [
            ("an inbox", "SELECT COUNT(*) FROM notifications"),
            ("a delivery", "SELECT COUNT(*) FROM deliveries"),
            ("a task at work", "SELECT COUNT(*) FROM tasks WHERE done > 0 AND state = 'running'"),
            ("a file of a task", "SELECT COUNT(*) FROM tasks WHERE file_id > 0"),
        ] {
            self.until(what, query);
        }
    }

    /// Waits for what the processes of the site bring about.
    fn until(&self, what: &str, query: &str) {
        let deadline = Instant::now() + Duration::from_secs(20);
        while self.number(query) == 0 {
            assert!(Instant::now() < deadline, "never: {what}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The job that checks the data.
    fn job(&self) -> JobId {
        JobId(u64::try_from(self.number("SELECT id FROM jobs WHERE code = 'db.check'")).unwrap())
    }

    /// A run of that job, asked for if there is none.
    fn run_of_job(&self) -> JobRunId {
        let db = self.db();
        let (job, today) = (self.job(), business_day(db.clock().now()));
        match db.read(&system(), |db| runs::queries::latest(db, job)).unwrap().first() {
            Some(run) => run.id,
            None => db.write(&system(), |tx| runs::commands::trigger(tx, job, today, &["db.check"])).unwrap(),
        }
    }

    /// Every page: the route, and a path with the ids of real records in it.
    pub fn pages(&self) -> Vec<(&'static str, String)> {
        let table = opcms::app::routes().table();
        let pages =
            table.iter().filter(|route| route.door == Door::Page && route.method == "GET" && !route.is_part);
        // A file is saved or shown as it is, and no page.
        let is_file = |path: &str| path.starts_with("/files/{file}") || path.ends_with("/template");
        let pages = pages.filter(|route| !is_file(route.path));
        pages.map(|route| (route.path, self.fill(route.path))).collect()
    }

    fn fill(&self, path: &str) -> String {
        let admin = |table: &str| {
            self.number(&format!("SELECT MAX(id) FROM {table} WHERE user_id = {}", self.world.user("admin")))
        };
        if path == "/files" {
            return format!("/files?kind=user&id={}", self.world.user("li"));
        }
        let mut filled = path.to_owned();
        for name in path.split('{').skip(1).filter_map(|rest| rest.split('}').next()) {
            let id = match name {
                "user" => self.world.user("li").to_string(),
                "department" => self.world.department("一组").to_string(),
                "role" => self.world.role("team_lead").to_string(),
                "session" => admin("sessions").to_string(),
                "token" => admin("api_tokens").to_string(),
                "setting" => "company.bank_details".into(),
                "kind" => "jobs.job_failed".into(),
                "language" => "zh-CN".into(),
                "task" => self.number("SELECT MAX(id) FROM tasks WHERE state = 'running'").to_string(),
                "notification" => admin("notifications").to_string(),
                "delivery" => self.number("SELECT MAX(id) FROM deliveries").to_string(),
                "robot" => self.number("SELECT MAX(id) FROM robots").to_string(),
                "value" => self
                    .number("SELECT MIN(id) FROM dictionary_values WHERE dictionary = 'industry'")
                    .to_string(),
                "pair" => self.number("SELECT MAX(id) FROM duplicate_pairs").to_string(),
                "job" => self.job().to_string(),
                "run" => self.run_of_job().to_string(),
                "customer" => self.number("SELECT MIN(id) FROM customers").to_string(),
                "contact" => self.number("SELECT MIN(id) FROM contacts").to_string(),
                "batch" => self.number("SELECT MAX(id) FROM batches").to_string(),
                "view" => self.number("SELECT MAX(id) FROM saved_views").to_string(),
                "field" => "level".to_owned(),
                "import" => "customers.import".to_owned(),
                "version" | "other" => self.number("SELECT MAX(id) FROM price_versions").to_string(),
                "bill_run" => self.number("SELECT MAX(id) FROM bill_runs").to_string(),
                "position" => "1".to_owned(),
                "month" => "2026-10".to_owned(),
                "intake" => self.number("SELECT MAX(id) FROM usage_intakes").to_string(),
                "bill" => self.number("SELECT MAX(id) FROM bills").to_string(),
                "key" => self.key_of_bill(),
                "dispute" => self.number("SELECT COALESCE(MAX(id), 0) FROM disputes").to_string(),
                "link" => self.number("SELECT COALESCE(MAX(id), 0) FROM bill_links").to_string(),
                "source" => self.number("SELECT MAX(id) FROM usage_sources").to_string(),
                "meter" => self.number("SELECT MAX(id) FROM meters").to_string(),
                "note" => self.number("SELECT MAX(id) FROM credit_notes").to_string(),
                "step" => self.number("SELECT MAX(id) FROM dunning_steps").to_string(),
                "record" => self.number("SELECT MAX(id) FROM quarantined_records").to_string(),
                "day" => "2026-10-01".to_owned(),
                "entry" => self.number("SELECT MAX(id) FROM audit_entries").to_string(),
                other => {
                    panic!("tests/browser/support/site.rs: say which record {{{other}}} of {path} names")
                }
            };
            filled = filled.replace(&format!("{{{name}}}"), &id);
        }
        filled
    }
}

fn await_listener(address: SocketAddr) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while TcpStream::connect(address).is_err() {
        assert!(Instant::now() < deadline, "opcms serve does not listen; its words stand above");
        std::thread::sleep(Duration::from_millis(20));
    }
}
