//! The route table, with its parameters filled in.

use std::sync::Arc;

use opcms::tasks::drill::Drill;
use opcms::web::routes::{Access, Door, RouteInfo};

use super::TestApp;

/// Every route of the application.
pub fn table() -> Arc<Vec<RouteInfo>> {
    opcms::app::routes().table()
}

/// A route as a line: `GET /users/{user}`.
pub fn line(route: &RouteInfo) -> String {
    format!("{} {}", route.method, route.path)
}

/// Who may call a route, in words.
pub fn access_in_words(access: Access) -> String {
    match access {
        Access::Public => "anybody".into(),
        Access::SignedIn => "signed in".into(),
        Access::SignedInPending => "signed in, even with a password for once".into(),
        Access::Needs(permission) => permission.to_string(),
        Access::NeedsAny(permissions) => {
            permissions.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or ")
        }
    }
}

/// Whether a route is a page, or an action on one.
pub fn is_page(route: &RouteInfo) -> bool {
    route.door == Door::Page
}

/// The names of the parameters of a path.
pub fn parameters(path: &str) -> Vec<&str> {
    path.split('{').skip(1).map(|rest| rest.split(['}', ':']).next().unwrap()).collect()
}

/// Which records stand behind the parameters of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Records {
    /// Those of 华东 / 一组: li, 一组 …
    Ours,
    /// Those of 华南: zhao, 华南 …
    Elsewhere,
}

/// What stands for a parameter that is no id.
fn code(name: &str) -> Option<&'static str> {
    match name {
        "setting" => Some("company.name"),
        "kind" => Some("jobs.job_failed"),
        "language" => Some("zh-CN"),
        "field" => Some("level"),
        "day" => Some("2026-11-18"),
        "import" => Some("customers.import"),
        "month" => Some("2026-10"),
        "position" => Some("1"),
        _ => None,
    }
}

/// The path with real ids in it.
#[track_caller]
pub fn fill(app: &TestApp, path: &str, records: Records) -> String {
    let (user, department) = match records {
        Records::Ours => ("li", "一组"),
        Records::Elsewhere => ("zhao", "华南"),
    };
    if path == "/files" {
        return format!("/files?kind=user&id={}", app.world.user(user));
    }
    let mut filled = path.to_owned();
    for name in parameters(path) {
        if let Some(code) = code(name) {
            filled = filled.replace(&format!("{{{name}}}"), code);
            continue;
        }
        if name == "key" {
            filled = filled.replace("{key}", &app.bill_key_of(user));
            continue;
        }
        let id = match name {
            "user" => app.world.user(user).0,
            "department" => app.world.department(department).0,
            "role" => app.world.role("team_lead").0,
            "session" => app.session_of(user),
            "token" => app.token_of(user),
            "task" => app.enqueue_as(user, &Drill::default().task("#1")).0,
            "file" => app.file_of(user),
            "job" => app.job().0,
            "run" => app.run_of_job().0,
            "customer" => app.customer_of(user).0,
            "contact" => app.contact_of(user),
            "version" | "other" => app.price_version_of(user).0,
            "alias" => app.alias_of(user),
            "proposal" => app.proposal_of(user),
            "entry" => app.audit_entry_about(user),
            "view" => app.view_of(user),
            "notification" => app.notification_of(user),
            "delivery" => app.delivery_to(user),
            "robot" => app.robot(),
            "batch" => app.batch_of(user),
            "value" => app.dictionary_value(),
            "source" => app.usage_source().0,
            "pair" => app.pair_of(user),
            "meter" => app.meter(),
            "record" => app.quarantined_of(user),
            "correction" => app.correction_of(user),
            "intake" => app.intake_of(user),
            "bill_run" => app.bill_run(),
            "bill" => app.bill_of_user(user).0,
            "line" => 1,
            "dispute" => app.dispute_of(user).0,
            "link" => app.bill_link_of(user).0,
            "note" => app.credit_note_of(user).0,
            "step" => app.dunning_step(),
            other => {
                panic!("tests/integration/support/routes.rs: say which record {{{other}}} of {path} names")
            }
        };
        filled = filled.replace(&format!("{{{name}}}"), &id.to_string());
    }
    filled
}
