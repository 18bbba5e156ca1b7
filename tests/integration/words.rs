//! The words on screen: every key is used, families of labels are complete, each language keeps to itself.

use std::collections::{BTreeMap, BTreeSet};

use opcms::accounts::api_tokens::model::ApiTokenState;
use opcms::accounts::users::imports::model::Column;
use opcms::accounts::users::model::UserState;
use opcms::batches::BatchKinds;
use opcms::batches::model::{BatchState, RowOutcome, RowTab};
use opcms::billing::bills::list_forms::Only;
use opcms::billing::bills::model::{DocumentState, SettlementState, Verdict};
use opcms::billing::credit_notes::model::CreditNoteState;
use opcms::billing::dunning::messages as dunning_messages;
use opcms::billing::dunning::model::{DunningChannel, DunningTone};
use opcms::billing::runs::model::{
    Flag, Outcome as BillOutcome, Part as MovedPart, Reason, RunState as BillRunState,
};
use opcms::customers::dictionaries::model::Dictionary;
use opcms::customers::directory::fields::Field;
use opcms::customers::directory::model::EntityType;
use opcms::customers::duplicates::model::{Evidence, PairState};
use opcms::customers::hand_over;
use opcms::customers::quality::model::{Band, Problem};
use opcms::customers::status::model::{Cause as MoveCause, Status};
use opcms::files::content::Content;
use opcms::i18n::KEYS;
use opcms::jobs::catalogue::Catalogue;
use opcms::jobs::runs::model::{Cause, RunState};
use opcms::jobs::schedule::model::{JobKind, Misfire};
use opcms::notifications::announcements::model::Audience;
use opcms::notifications::deliveries::model::{Channel, DeliveryState};
use opcms::notifications::kinds::{self, Sample};
use opcms::notifications::robots::model::Vendor;
use opcms::pricing::checker;
use opcms::pricing::imports::columns;
use opcms::pricing::models::Model;
use opcms::pricing::price_plans::list_forms::Show;
use opcms::pricing::price_plans::model::{Origin, VersionState};
use opcms::pricing::raises::model::Part;
use opcms::pricing::rating::LineKind;
use opcms::settings::model::Definition;
use opcms::settings::registry;
use opcms::sheets::Kind;
use opcms::tasks::body::Registry;
use opcms::tasks::model::TaskState;
use opcms::types::{Action, DataScope, Outcome, Permission, Source};
use opcms::usage::adapters::http_json::settings::{Auth, Paging};
use opcms::usage::collection::messages as collection_messages;
use opcms::usage::collection::model::DayState;
use opcms::usage::intakes::model::{IntakeKind, IntakeState};
use opcms::usage::quarantine::model::{MendedField, QuarantineState};
use opcms::usage::records::model::Rule;
use opcms::usage::records::model::Rule as UsageRule;
use opcms::usage::sources::model::SourceKind;
use opcms::web::routes::Door;

use crate::support::TestApp;
use crate::support::routes::table;
use crate::support::source::{assert_none, files};

/// Labels that are looked up by a stored code: the prefix of their keys, and the codes there are.
async fn families() -> Vec<(&'static str, BTreeSet<String>)> {
    let app = TestApp::new().await;
    let actions = codes(Action::ALL);
    vec![
        ("permission", codes(Permission::ALL)),
        ("room", Permission::ALL.iter().map(|permission| permission.room().to_owned()).collect()),
        ("scope", codes(DataScope::ALL)),
        ("action", actions.clone()),
        ("action_name", actions.clone()),
        ("source", codes(Source::ALL)),
        ("outcome", codes(Outcome::ALL)),
        ("user_state", codes(UserState::ALL)),
        ("token_state", codes(ApiTokenState::ALL)),
        ("scope_help", codes(DataScope::ALL)),
        ("role", app.texts("SELECT code FROM roles WHERE builtin").into_iter().collect()),
        ("weekday", codes(&["mon", "tue", "wed", "thu", "fri", "sat", "sun"])),
        ("audited", audited_fields()),
        ("subject", subjects(&actions)),
        ("api_group", api_groups()),
        ("check", checks()),
        ("pricing_check", codes(checker::What::ALL)),
        ("usage_column", usage_columns()),
        ("usage_intake_kind", codes(IntakeKind::ALL)),
        ("usage_intake_state", codes(IntakeState::ALL)),
        ("usage_source_kind", codes(SourceKind::ALL)),
        ("source_auth", codes(Auth::ALL)),
        ("source_paging", codes(Paging::ALL)),
        ("source_day", codes(DayState::ALL)),
        ("usage_rule", codes(UsageRule::ALL)),
        ("quarantine_state", codes(QuarantineState::ALL)),
        ("quarantine_field", codes(MendedField::ALL)),
        ("price_version_state", codes(VersionState::ALL)),
        ("price_origin", codes(Origin::ALL)),
        ("price_model", codes(Model::ALL)),
        ("price_model_about", codes(Model::ALL)),
        ("price_line", codes(LineKind::ALL)),
        ("document_state", codes(DocumentState::ALL)),
        ("settlement_state", codes(SettlementState::ALL)),
        ("bill_run_state", codes(BillRunState::ALL)),
        ("bill_outcome", codes(BillOutcome::ALL)),
        ("bill_reason", codes(Reason::ALL)),
        ("bill_flag", codes(Flag::ALL)),
        ("bill_moved", codes(MovedPart::ALL)),
        ("bill_only", codes(Only::ALL)),
        ("bill_verdict", codes(Verdict::ALL)),
        ("credit_note_state", codes(CreditNoteState::ALL)),
        ("dunning_channel", codes(DunningChannel::ALL)),
        ("dunning_tone", codes(DunningTone::ALL)),
        ("price_show", codes(Show::ALL)),
        ("price_show_none", codes(Show::ALL)),
        ("price_show_none_help", codes(Show::ALL)),
        ("price_column", columns::COLUMNS.iter().map(|column| column.code.to_owned()).collect()),
        ("price_column_model", codes(Model::ALL)),
        ("price_raise_part", codes(Part::ALL)),
        ("usage_rule", codes(Rule::ALL)),
        ("task_state", codes(TaskState::ALL)),
        ("task_kind", app.state.part::<Registry>().unwrap().codes().map(str::to_owned).collect()),
        ("task_count", codes(&["steps", "customers", "pairs", "written", "left_out", "undone", "kept"])),
        ("batch_state", codes(BatchState::ALL)),
        ("batch_kind", app.state.part::<BatchKinds>().unwrap().codes().map(str::to_owned).collect()),
        ("row_outcome", codes(RowOutcome::ALL)),
        ("row_tab", codes(RowTab::ALL)),
        ("job", codes(&app.state.part::<Catalogue>().unwrap().codes())),
        ("job_help", codes(&app.state.part::<Catalogue>().unwrap().codes())),
        ("job_kind", codes(JobKind::ALL)),
        ("misfire", codes(Misfire::ALL)),
        ("run_state", codes(RunState::ALL)),
        ("run_cause", codes(Cause::ALL)),
        ("cron_field", codes(&["second", "minute", "hour", "day", "month", "weekday"])),
        ("setting", settings(|definition| definition.key)),
        ("setting_help", settings(|definition| definition.key)),
        ("setting_group", settings(Definition::group)),
        ("imports.column", codes(Column::ALL)),
        ("form_field", form_fields()),
        ("sheet_kind", codes(Kind::ALL)),
        ("file_content", codes(Content::ALL)),
        ("customer_field", codes(Field::ALL)),
        ("dictionary", codes(Dictionary::ALL)),
        ("entity_type", codes(EntityType::ALL)),
        ("customer_status", codes(Status::ALL)),
        ("status_cause", codes(MoveCause::ALL)),
        ("quality_problem", codes(Problem::ALL)),
        ("quality_band", codes(Band::ALL)),
        ("duplicate_evidence", codes(Evidence::ALL)),
        ("duplicate_state", codes(PairState::ALL)),
        (
            "merge_part",
            opcms::billing::mergeable(opcms::usage::mergeable(opcms::pricing::mergeable(
                opcms::customers::mergeable(),
            )))
            .parts()
            .iter()
            .map(|part| part.code.to_owned())
            .collect(),
        ),
        ("channel", codes(Channel::ALL)),
        ("delivery_state", codes(DeliveryState::ALL)),
        ("robot_vendor", codes(Vendor::ALL)),
        ("audience", codes(Audience::ALL)),
        ("message_kind", all_kinds().map(|kind| kind.code.to_owned()).collect()),
        ("message_variable", message_variables(false)),
        ("message_sample", message_variables(true)),
    ]
}

/// The fields of all forms.
fn form_fields() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for file in files("templates", &["html"]) {
        for call in file.text.split("fields.").skip(1) {
            let Some((_, rest)) = call.split_once("(\"") else { continue };
            if let Some((name, _)) = rest.split_once('"').filter(|_| !call.starts_with("summary")) {
                names.insert(name.to_owned());
            }
        }
    }
    names
}

fn checks() -> BTreeSet<String> {
    let all = opcms::db::checks::ALL.iter().chain(opcms::app::CHECKS.iter().copied().flatten());
    all.map(|check| check.code).chain([opcms::files::checks::OBJECTS]).map(str::to_owned).collect()
}

/// The kinds of messages of all rooms.
fn all_kinds() -> impl Iterator<Item = &'static kinds::model::Kind> {
    kinds::catalogue::ALL
        .iter()
        .chain(hand_over::messages::ALL)
        .chain(collection_messages::ALL)
        .chain(dunning_messages::ALL)
}

/// The variables of all kinds of messages, or those of them whose sample is made of words.
fn message_variables(of_words: bool) -> BTreeSet<String> {
    let all = all_kinds().flat_map(|kind| kind.all_variables());
    let wanted = all.filter(|variable| !of_words || matches!(variable.sample, Sample::Words));
    wanted.map(|variable| variable.name.to_owned()).collect()
}

fn settings(name: fn(&Definition) -> &'static str) -> BTreeSet<String> {
    registry::ALL.iter().map(|definition| name(definition).to_owned()).collect()
}

fn codes<T: ToString>(all: &[T]) -> BTreeSet<String> {
    all.iter().map(ToString::to_string).collect()
}

/// The fields of all records that can stand in the audit log, as they are serialized.
fn usage_columns() -> BTreeSet<String> {
    opcms::usage::imports::COLUMNS.iter().map(|column| column.code.to_owned()).collect()
}

fn audited_fields() -> BTreeSet<String> {
    // A customer stands there field by field.
    let mut fields = codes(Field::ALL);
    for file in files("src", &["rs"]) {
        let code = file.without_tests();
        for record in code.split("impl Audited for ").skip(1).filter_map(|rest| rest.split([' ', '{']).next())
        {
            let body =
                code.split(&format!("struct {record} {{")).nth(1).unwrap().split("\n}").next().unwrap();
            let mut skipped = false;
            for line in body.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//"))
            {
                let field = line.trim_start_matches("pub ").split(':').next().unwrap();
                if line.starts_with('#') {
                    skipped |= line.contains("serde(skip") || line.contains("serde(flatten");
                } else if !std::mem::take(&mut skipped) {
                    fields.insert(field.to_owned());
                }
            }
        }
    }
    fields
}

/// The kinds of records in the audit log, and the resources that the codes of actions name.
fn subjects(actions: &BTreeSet<String>) -> BTreeSet<String> {
    let mut kinds: BTreeSet<String> =
        actions.iter().map(|action| action.split('.').nth(1).unwrap().to_owned()).collect();
    for file in files("src/accounts", &["rs"]) {
        let literals =
            file.without_tests().split("kind: \"").skip(1).map(|rest| rest.split('"').next().unwrap());
        kinds.extend(literals.map(str::to_owned).collect::<Vec<_>>());
    }
    kinds
}

/// The first steps of the API's paths.
fn api_groups() -> BTreeSet<String> {
    let described = table()
        .iter()
        .filter(|route| route.door == Door::Api && route.doc.is_some())
        .cloned()
        .collect::<Vec<_>>();
    described.iter().filter_map(|route| route.path.split('/').nth(3).map(str::to_owned)).collect()
}

/// Words that are the same in both languages.
const NAMES: &[&str] = &[
    "OP",
    "CMS",
    "API",
    "JSON",
    "CSV",
    "XLSX",
    "Excel",
    "RFC",
    "OpenAPI",
    "HTTP",
    "Bearer",
    "URL",
    "Cron",
    "PUT",
    "http",
    "https",
    "Accept",
    "ID",
    "IP",
    "ASCII",
    "Idempotency",
    "Key",
    "application",
    "json",
    "api",
    "v1",
    "UTF",
    "GBK",
    "Authorization",
    "opcms",
    "ERP",
    "GET",
    "POST",
    "PATCH",
    "DELETE",
    "Windows",
    "Linux",
    "macOS",
    "iPhone",
    "iPad",
    "Android",
    "Firefox",
    "Chrome",
    "Safari",
    "Edge",
    "GB18030",
    "MB",
    "import",
    "staff",
    "KB",
    "GB",
    "PDF",
    "Word",
    "PowerPoint",
    "Office",
    "PNG",
    "JPEG",
    "GIF",
    "CNY",
    "WebP",
    "ZIP",
    "HTML",
    "SVG",
    "XML",
    "SHA",
    "docx",
    "xlsx",
    "xlsb",
    "ods",
    "csv",
    "LibreOffice",
    "pptx",
    "CNY",
    "USD",
    "IDR",
    "C1",
    "C2",
    "C3",
    "C4",
    "C5",
    "C6",
    "doc",
    "xls",
    "ppt",
];

#[actix_web::test]
async fn every_family_of_labels_is_complete_and_has_nothing_else() {
    let mut complaints = Vec::new();
    for (prefix, codes) in families().await {
        let dotted = format!("{prefix}.");
        let labelled: BTreeSet<String> =
            KEYS.iter().filter_map(|key| key.strip_prefix(&dotted)).map(str::to_owned).collect();
        for code in codes.difference(&labelled) {
            complaints.push(format!("locales: {prefix}.{code} is missing"));
        }
        for code in labelled.difference(&codes) {
            complaints.push(format!("locales: {prefix}.{code} labels nothing that exists"));
        }
    }
    assert_none(&complaints);
}

#[actix_web::test]
async fn every_key_is_used() {
    let sources = files("src", &["rs"]).into_iter().chain(files("templates", &["html"]));
    let mut words: BTreeSet<String> = BTreeSet::new();
    for file in sources {
        // A method is called as `t.x(…)` or named as `Tr::x`; either way its name is one word of the code.
        let code = file.code().map(|(_, line)| line).collect::<Vec<_>>().join("\n");
        for (at, mark) in code.match_indices(['.', ':']) {
            let after = &code[at + mark.len()..];
            words.insert(after.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
        }
    }
    let families = families().await;
    let in_family = |key: &str| families.iter().any(|(prefix, _)| key.starts_with(&format!("{prefix}.")));
    let unused = KEYS.iter().filter(|key| !in_family(key) && !words.contains(&key.replace(['.', '-'], "_")));
    assert_none(&unused.map(|key| format!("locales: nothing uses {key}")).collect::<Vec<_>>());
}

fn catalogue(language: &str) -> BTreeMap<String, String> {
    let mut words = BTreeMap::new();
    for file in files(&format!("locales/{language}"), &["json"]) {
        let part: BTreeMap<String, String> = serde_json::from_str(&file.text).unwrap();
        words.extend(part);
    }
    words
}

fn is_hanzi(character: char) -> bool {
    matches!(character, '\u{2e80}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}' | '\u{20000}'..='\u{3ffff}')
}

/// The words of a text in Latin letters, without placeholders, addresses and names of products.
pub fn foreign_words(text: &str) -> Vec<String> {
    let mut outside = String::new();
    let mut depth = 0;
    for character in text.chars() {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ if depth == 0 => outside.push(character),
            _ => {}
        }
    }
    let words = outside.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    words
        // With an underscore it is an identifier.
        .filter(|word| {
            word.len() > 1
                && !word.contains('_')
                && word.chars().any(|c| c.is_ascii_alphabetic())
                && !NAMES.contains(word)
        })
        .map(str::to_owned)
        .collect()
}

/// The Chinese characters of a text.
pub fn hanzi(text: &str) -> String {
    text.chars().filter(|character| is_hanzi(*character)).collect()
}

/// Whether a message may name identifiers: an example of input, or a text for programmers.
fn names_identifiers(key: &str) -> bool {
    ["field.email", "settings.web_address", "templates.fault_filter"].contains(&key)
        || key.starts_with("api.")
}

/// The identifiers that the texts for programmers name.
pub fn identifiers() -> BTreeSet<String> {
    let texts = catalogue("zh-CN").into_iter().filter(|(key, _)| names_identifiers(key));
    texts.flat_map(|(_, text)| foreign_words(&text)).collect()
}

#[test]
fn chinese_has_no_english_words_and_english_no_hanzi() {
    let mut complaints = Vec::new();
    for (key, text) in catalogue("zh-CN") {
        let foreign = foreign_words(&text);
        if !foreign.is_empty() && !names_identifiers(&key) {
            complaints.push(format!("locales/zh-CN: {key} has the words {foreign:?}: {text}"));
        }
        if hanzi(&text).is_empty() && text.chars().any(char::is_alphabetic) && foreign_words(&text).is_empty()
        {
            let only_names = text.split(|c: char| !c.is_alphanumeric()).all(|word| NAMES.contains(&word));
            if !only_names && !text.starts_with('{') {
                complaints.push(format!("locales/zh-CN: {key} is not Chinese: {text}"));
            }
        }
    }
    for (key, text) in catalogue("en") {
        if !hanzi(&text).is_empty() {
            complaints.push(format!("locales/en: {key} has Chinese: {text}"));
        }
    }
    assert_none(&complaints);
}

#[test]
fn sentences_end_as_sentences_do_in_their_language() {
    let mut complaints = Vec::new();
    let (chinese, english) = (catalogue("zh-CN"), catalogue("en"));
    for (key, text) in &chinese {
        if text.contains(['?', '!', ';']) || text.ends_with([',', '.', ':']) {
            complaints.push(format!("locales/zh-CN: {key} uses Western punctuation: {text}"));
        }
        let ends = text.ends_with(['。', '！', '？']);
        let ends_there = english[key].ends_with(['.', '!', '?']);
        if ends != ends_there {
            complaints.push(format!("{key} is a sentence in one language only: {text} / {}", english[key]));
        }
        if text.trim() != text || english[key].trim() != english[key] {
            complaints.push(format!("{key} begins or ends with white space"));
        }
    }
    assert_none(&complaints);
}
