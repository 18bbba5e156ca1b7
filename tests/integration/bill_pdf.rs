//! Bills on paper and in sheets: they say what the page says, and read no name as anything but a name.

use std::io::Write as _;
use std::process::{Command, Stdio};

use opcms::billing::bills::model::DocumentState;
use opcms::billing::links;
use opcms::i18n::Tr;
use opcms::settings;
use opcms::settings::model::SettingDraft;
use opcms::settings::registry::{COMPANY_BANK_DETAILS, COMPANY_NAME};
use opcms::types::ids::BillId;

use crate::support::TestApp;
use crate::support::billing::usage_line;

/// The text of a PDF, as a reader selects it.
fn text(pdf: &[u8]) -> String {
    let mut child = Command::new("pdftotext")
        .args(["-layout", "-", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("pdftotext is missing: script/bootstrap --test installs it");
    child.stdin.take().unwrap().write_all(pdf).unwrap();
    String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap()
}

fn letterhead(app: &TestApp) {
    let details = "招商银行杭州分行\n6225 0000 1111";
    for (setting, value) in [(COMPANY_NAME, "星辰科技有限公司"), (COMPANY_BANK_DETAILS, details)] {
        let draft = SettingDraft { value: Some(value.into()), reason: None, version: 0 };
        app.arrange(|tx| settings::commands::change(tx, &setting.definition, &draft));
    }
}

async fn pdf(app: &TestApp, bill: BillId) -> String {
    let admin = app.signed_in("admin").await;
    let answer = admin.get(&format!("/bills/{bill}/pdf")).await.ok();
    assert_eq!(answer.header("content-type"), Some("application/pdf"));
    text(&answer.bytes)
}

#[actix_web::test]
async fn paper_has_number_lines_explanations_total_and_how_to_pay() {
    let app = TestApp::new().await;
    letterhead(&app);
    let lines = [usage_line("800", "1.5"), usage_line("3", "0.333333")];
    let bill = app.bill_with(app.customer_of("li"), "2026-10", &lines, DocumentState::Sent);
    let paper = pdf(&app, bill).await;
    for wanted in [
        "B-202610-000001",
        "CNY 1,201.00",
        "1,200.00",
        "星辰科技有限公司",
        "6225 0000 1111",
        "2026-12-20",
        "KH-li",
    ] {
        assert!(paper.contains(wanted), "{wanted} is missing: {paper}");
    }
    let plain: String = paper.chars().filter(|c| !c.is_whitespace()).collect();
    assert!(plain.contains("第1页，共1页"), "{paper}");
    // The same by the link of the customer, in English where that was chosen.
    let visitor = app.anonymous();
    visitor.set_cookie("opcms_language", Tr::En.tag());
    let path = format!("{}/bill.pdf", links::urls::page(&app.link_to(bill).token));
    let english = visitor.get(&path).await.ok();
    assert_eq!(english.header("x-robots-tag"), Some("noindex, nofollow"));
    assert!(text(&english.bytes).contains("Balance due") || text(&english.bytes).contains("Total"));
}

#[actix_web::test]
async fn many_lines_go_over_pages_with_their_headings() {
    let app = TestApp::new().await;
    let lines: Vec<_> = (1..=60).map(|number| usage_line(&number.to_string(), "1.5")).collect();
    let bill = app.bill_with(app.customer_of("li"), "2026-10", &lines, DocumentState::Sent);
    let paper = pdf(&app, bill).await;
    let pages: Vec<&str> = paper.split('\u{c}').filter(|page| !page.trim().is_empty()).collect();
    assert!(pages.len() > 2, "{} pages", pages.len());
    for page in &pages[..pages.len() - 1] {
        assert!(page.contains("计费区间"), "{page}");
    }
}

#[actix_web::test]
async fn a_hostile_name_is_a_name() {
    let app = TestApp::new().await;
    let name = "#panic(\"x\") *强* $x^2$ \\ [公司] @ref";
    let customer = app.customer("KH-#1", name, None, Some("li"));
    let bill = app.bill_of(customer, "2026-10", "88.00", DocumentState::Sent);
    let paper = pdf(&app, bill).await;
    let plain: String = paper.chars().filter(|c| !c.is_whitespace()).collect();
    let wanted: String = name.chars().filter(|c| !c.is_whitespace()).collect();
    assert!(plain.contains(&wanted), "{paper}");
}

#[actix_web::test]
async fn the_workbook_says_the_same() {
    let app = TestApp::new().await;
    let lines = [usage_line("800", "1.5"), usage_line("3", "0.333333")];
    let bill = app.bill_with(app.customer_of("li"), "2026-10", &lines, DocumentState::Sent);
    let answer = app.signed_in("admin").await.get(&format!("/bills/{bill}/xlsx")).await.ok();
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(answer.bytes)).unwrap();
    let mut sheet = String::new();
    std::io::Read::read_to_string(&mut archive.by_name("xl/worksheets/sheet1.xml").unwrap(), &mut sheet)
        .unwrap();
    assert!(sheet.contains("<v>1201</v>") && sheet.contains("<v>1200</v>"), "{sheet}");
}

#[actix_web::test]
async fn without_fonts_the_page_stands_and_the_pdf_says_what_is_missing() {
    let app = TestApp::with(&[("OPCMS_FONTS", "/nowhere")]).await;
    let bill = app.bill_of(app.customer_of("li"), "2026-10", "88.00", DocumentState::Sent);
    let admin = app.signed_in("admin").await;
    admin.get(&format!("/bills/{bill}")).await.ok();
    admin.get(&format!("/bills/{bill}/pdf")).await.status(422).contains("OPCMS_FONTS");
    admin.get(&format!("/bills/{bill}/xlsx")).await.ok();
}
