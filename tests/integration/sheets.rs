//! Tables from outside: what people save, what goes wrong on the way, and what is made to do harm.

use std::fs::{self, File};
use std::io::{Seek as _, Write as _};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use opcms::i18n::Tr;
use opcms::sheets::{Book, Cell, DateSystem, Fault, Kind, MAX_ROWS, Note, Row};
use rust_xlsxwriter::{Format, Formula, Workbook};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/sheets").join(name)
}

/// What the founders were given, where it is at hand.
fn shared(name: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let found =
        ["../shared", "../../shared"].iter().map(|up| root.join(up).join(name)).find(|path| path.exists());
    if found.is_none() {
        eprintln!("skipped: ../shared/{name} is not there");
    }
    found
}

/// A temporary file with these bytes.
fn file_of(bytes: &[u8]) -> File {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file.rewind().unwrap();
    file
}

fn open(bytes: &[u8]) -> Result<Book, Fault> {
    Book::open(file_of(bytes), "")
}

fn rows_of(book: &mut Book, sheet: usize) -> Result<Vec<Row>, Fault> {
    let mut rows = Vec::new();
    book.rows::<Fault>(sheet, |row| {
        rows.push(row);
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(rows)
}

/// The rows of the first sheet, as numbers and shown texts.
fn shown(bytes: &[u8]) -> Vec<(u32, Vec<String>)> {
    let rows = rows_of(&mut open(bytes).unwrap(), 0).unwrap();
    rows.iter()
        .map(|row| (row.number, row.cells.iter().map(|cell| cell.shown().into_owned()).collect()))
        .collect()
}

/// What is wrong with a file, whether that shows at opening or at reading.
fn fault(bytes: &[u8]) -> Fault {
    let mut book = match open(bytes) {
        Ok(book) => book,
        Err(fault) => return fault,
    };
    (0..book.sheets().len())
        .find_map(|sheet| rows_of(&mut book, sheet).err())
        .expect("the file to be refused")
}

fn workbook(fill: impl FnOnce(&mut Workbook)) -> Vec<u8> {
    let mut workbook = Workbook::new();
    fill(&mut workbook);
    workbook.save_to_buffer().unwrap()
}

/// A zip of these parts.
fn package(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let mut zip = ZipWriter::new(&mut bytes);
    for (name, content) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap();
    bytes.into_inner()
}

/// A workbook with one sheet of this XML, and a table of shared strings.
fn xlsx(sheet: &str, strings: &str) -> Vec<u8> {
    xlsx_of_bytes(sheet.as_bytes(), strings)
}

fn xlsx_of_bytes(sheet: &[u8], strings: &str) -> Vec<u8> {
    const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
    let workbook = format!(
        r#"<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>"#
    );
    let relations = format!(
        r#"<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#
    );
    let root = format!(
        r#"<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>"#
    );
    package(&[
        ("[Content_Types].xml", b"<Types/>"),
        ("_rels/.rels", root.as_bytes()),
        ("xl/workbook.xml", workbook.as_bytes()),
        ("xl/_rels/workbook.xml.rels", relations.as_bytes()),
        ("xl/sharedStrings.xml", strings.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet),
    ])
}

fn sheet_xml(rows: &str) -> String {
    format!("<worksheet><sheetData>{rows}</sheetData></worksheet>")
}

const NO_STRINGS: &str = "<sst uniqueCount=\"0\"></sst>";

#[test]
fn old_and_free_workbooks_are_read_like_new_ones() {
    for (name, kind, system) in [
        ("customers.xls", Kind::Xls, DateSystem::Excel1900),
        ("customers-1904.xls", Kind::Xls, DateSystem::Excel1904),
        ("customers.ods", Kind::Ods, DateSystem::Excel1900),
    ] {
        let mut book = Book::open_path(&fixture(name)).unwrap();
        assert_eq!((book.kind(), book.note(), book.date_system()), (kind, None, system), "{name}");
        let sheets: Vec<(&str, bool)> =
            book.sheets().iter().map(|sheet| (sheet.name.as_str(), sheet.hidden)).collect();
        assert_eq!(sheets, [("字典", true), ("客户信息", false)], "{name}");
        let rows = rows_of(&mut book, 1).unwrap();
        assert_eq!(rows[0], Row { number: 1, cells: vec!["客户信息台账".into()] }, "{name}: merged cells");
        let day = Cell::Date("2025-03-01T00:00:00".parse().unwrap());
        let first = &rows[2];
        assert_eq!(first.number, 3);
        assert_eq!(first.cells[..2], ["KH001".into(), "杭州诺合公寓管理有限公司".into()], "{name}");
        assert_eq!(first.cell(2), &day, "{name}");
        assert_eq!((first.cell(3).shown().as_ref(), first.cell(4)), ("2.66", &Cell::Bool(true)), "{name}");
        let second = &rows[3];
        assert_eq!(
            (second.cell(1), second.cell(3).shown().as_ref()),
            (&"Acme 😀 Ltd".into(), "1234567"),
            "{name}"
        );
    }
}

#[test]
fn old_workbooks_have_long_texts_errors_and_exact_numbers() {
    let mut book = Book::open_path(&fixture("customers.xls")).unwrap();
    let rows = rows_of(&mut book, 1).unwrap();
    assert_eq!(rows[2].cell(5).shown(), "长".repeat(5000) + "abc");
    let numbers: Vec<_> = rows[4].cells.iter().map(|cell| cell.shown().into_owned()).collect();
    assert_eq!(
        (rows[4].number, numbers),
        (6, ["10001", "0.1", "0.3", "-5", "1.5", "12.34"].map(str::to_owned).to_vec())
    );
    assert_eq!(rows_of(&mut book, 0).unwrap().len(), 41);
}

#[test]
fn free_workbooks_repeat_rows_and_columns_and_have_comments() {
    let mut book = Book::open_path(&fixture("customers.ods")).unwrap();
    let rows = rows_of(&mut book, 1).unwrap();
    assert_eq!(rows[2].cell(5), &"月底  对账 & <b>\n下行".into());
    assert_eq!(rows[3].cell(2), &Cell::Date("2025-03-01T10:30:00".parse().unwrap()));
    let repeated: Vec<_> = rows[4..].iter().map(|row| (row.number, row.cells.len())).collect();
    assert_eq!(repeated, [(6, 5), (7, 5)]);
    assert_eq!(rows[4].cell(4).shown(), "7");
}

#[test]
fn every_value_of_a_workbook_is_what_it_shows() {
    let bytes = workbook(|workbook| {
        let sheet = workbook.add_worksheet();
        let day = Format::new().set_num_format("yyyy\"年\"m\"月\"d\"日\"");
        let moment = Format::new().set_num_format("yyyy-mm-dd hh:mm");
        let duration = Format::new().set_num_format("[h]:mm:ss");
        sheet.write(0, 0, "文本").unwrap();
        sheet.write(0, 1, 0.1 + 0.2).unwrap();
        sheet.write(0, 2, 123_456_789_012_345_f64).unwrap();
        sheet.write(0, 3, true).unwrap();
        sheet.write_with_format(0, 4, 45_717, &day).unwrap();
        sheet.write_with_format(0, 5, 45_717.4375, &moment).unwrap();
        sheet.write_with_format(0, 6, 1.5, &duration).unwrap();
        sheet.write(0, 7, Formula::new("=1/0").set_result("#DIV/0!")).unwrap();
        sheet.write(0, 8, Formula::new("=1+1").set_result("2")).unwrap();
        sheet.write(0, 9, -0.000_015).unwrap();
        sheet.write(0, 10, 1e15).unwrap();
        sheet.write(0, 11, 2.675).unwrap();
        sheet.write(0, 12, 1.005e-7).unwrap();
    });
    let expected = [
        "文本",
        "0.3",
        "123456789012345",
        "TRUE",
        "2025-03-01",
        "2025-03-01 10:30:00",
        "36:00:00",
        "#DIV/0!",
        "2",
        "-0.000015",
        "1000000000000000",
        "2.675",
        "0.0000001005",
    ];
    assert_eq!(shown(&bytes), [(1, expected.map(str::to_owned).to_vec())]);
}

#[test]
fn days_count_from_1904_where_the_workbook_says_so() {
    let Some(path) = shared("xlsx/test_files__1904.xlsx") else { return };
    let mut book = Book::open_path(&path).unwrap();
    assert_eq!(book.date_system(), DateSystem::Excel1904);
    let rows = rows_of(&mut book, 0).unwrap();
    let dates = rows.iter().flat_map(|row| &row.cells).filter(|cell| matches!(cell, Cell::Date(_))).count();
    assert!(dates > 0, "{rows:?}");
}

#[test]
fn hidden_sheets_are_listed_as_such() {
    let bytes = workbook(|workbook| {
        workbook.add_worksheet().set_name("说明").unwrap();
        workbook.add_worksheet().set_name("字典").unwrap().set_hidden(true);
        workbook.add_worksheet().set_name("底稿").unwrap().set_very_hidden(true);
    });
    let book = open(&bytes).unwrap();
    let sheets: Vec<_> = book.sheets().iter().map(|sheet| (sheet.name.as_str(), sheet.hidden)).collect();
    assert_eq!(sheets, [("说明", false), ("字典", true), ("底稿", true)]);
}

#[test]
fn columns_far_to_the_right_are_counted_and_not_kept() {
    let bytes = workbook(|workbook| {
        let sheet = workbook.add_worksheet();
        for column in 0..300 {
            sheet.write(0, column, format!("列{column}")).unwrap();
        }
    });
    let mut book = open(&bytes).unwrap();
    let mut kept = 0;
    let width = book.rows::<Fault>(0, |row| {
        kept = row.cells.len();
        Ok(ControlFlow::Continue(()))
    });
    let width = width.unwrap();
    assert_eq!((kept, width.columns, width.ignored()), (256, 300, 44));
}

#[test]
fn a_text_is_a_table_whatever_its_encoding_its_separator_and_its_name() {
    let text = "公司ID,公司名称\nKH1,\"杭州,诺合\n公寓\"\n\nKH2,中\n";
    let wanted: Vec<(u32, Vec<String>)> = vec![
        (1, vec!["公司ID".into(), "公司名称".into()]),
        (2, vec!["KH1".into(), "杭州,诺合\n公寓".into()]),
        (4, vec!["KH2".into(), "中".into()]),
    ];
    let wide: Vec<u8> = format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    for bytes in [
        text.as_bytes().to_vec(),
        format!("\u{feff}{text}").into_bytes(),
        encoding_rs::GB18030.encode(text).0.into_owned(),
        wide,
        text.replace("公司ID,", "公司ID;").replace("KH1,", "KH1;").replace("KH2,", "KH2;").into_bytes(),
        text.replace("公司ID,", "公司ID\t").replace("KH1,", "KH1\t").replace("KH2,", "KH2\t").into_bytes(),
    ] {
        assert_eq!(shown(&bytes), wanted, "{}", String::from_utf8_lossy(&bytes));
    }
    let book = Book::open(file_of(text.as_bytes()), "客户.XLSX").unwrap();
    assert_eq!(book.kind(), Kind::Text);
    assert_eq!(book.note(), Some(&Note::MisleadingName(Kind::Text)));
    assert!(book.note().unwrap().text(Tr::ZhCn).contains("CSV"));
    assert_eq!(Book::open(file_of(text.as_bytes()), "客户.csv").unwrap().note(), None);
}

#[test]
fn a_file_that_is_no_table_is_refused_with_what_it_is() {
    let page = "<html><body><table><tr><td>公司ID</td></tr></table></body></html>";
    let old_xml =
        "<?xml version=\"1.0\"?><Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\"></Workbook>";
    for (bytes, wanted) in [
        (b"".to_vec(), Fault::Empty),
        (b"\xef\xbb\xbf \r\n".to_vec(), Fault::Empty),
        (page.into(), Fault::Html),
        (format!("\u{feff}  \n<!DOCTYPE html>{page}").into_bytes(), Fault::Html),
        (format!("<meta charset=gbk>{page}").into_bytes(), Fault::Html),
        (old_xml.into(), Fault::Xml),
        (b"%PDF-1.7\n1 0 obj".to_vec(), Fault::NotTable),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0d".to_vec(), Fault::NotTable),
        (b"\x7fELF\x02\x01\x01\x00".to_vec(), Fault::NotTable),
        (b"Rar!\x1a\x07\x01\x00".to_vec(), Fault::Archive),
        (b"a,b\nc,\xff\xff\n".to_vec(), Fault::NotText),
        (b"a,b\nc,\x01\n".to_vec(), Fault::NotText),
        ("甲,乙\n丙,\"丁\n戊,己\n".into(), Fault::UnclosedQuote(2)),
        (package(&[("a.txt", b"a")]), Fault::Archive),
        (package(&[("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<w/>")]), Fault::NotTable),
        (package(&[("[Content_Types].xml", b"<Types/>"), ("xl/workbook.bin", b"")]), Fault::Unsupported),
        (package(&[]), Fault::Archive),
        (b"PK\x03\x04 and nothing more".to_vec(), Fault::Damaged),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and nothing more".to_vec(), Fault::Damaged),
    ] {
        let found = fault(&bytes);
        assert_eq!(found, wanted, "{}", String::from_utf8_lossy(&bytes));
    }
}

#[test]
fn every_fault_says_what_to_do_in_both_languages() {
    for fault in [
        Fault::Empty,
        Fault::TooLarge,
        Fault::Password,
        Fault::Html,
        Fault::Xml,
        Fault::Archive,
        Fault::Unsupported,
        Fault::NotTable,
        Fault::Damaged,
        Fault::Bomb,
        Fault::NoSheet,
        Fault::SheetGone,
        Fault::TooManyRows,
        Fault::CellTooLong(3, 28),
        Fault::NotText,
        Fault::UnclosedQuote(3),
        Fault::Disk("EIO".into()),
    ] {
        assert!(fault.text(Tr::ZhCn).ends_with('。') && fault.text(Tr::En).ends_with('.'), "{fault:?}");
        assert!(fault.code().starts_with("sheet_"));
    }
    assert!(Fault::CellTooLong(3, 28).text(Tr::En).contains("row 3, column AB"));
}

#[test]
fn a_file_that_was_cut_off_is_damaged_wherever_it_was_cut() {
    let whole = workbook(|workbook| {
        let sheet = workbook.add_worksheet();
        for row in 0..500 {
            sheet.write(row, 0, format!("KH{row}")).unwrap();
        }
    });
    for name in ["customers.xls", "customers.ods"] {
        let whole = fs::read(fixture(name)).unwrap();
        for tenth in 1..10 {
            let found = open(&whole[..whole.len() * tenth / 10]).and_then(|mut book| rows_of(&mut book, 1));
            assert!(found.is_err() || name.ends_with("xls"), "{name} at {tenth}0 %");
        }
    }
    for tenth in 1..10 {
        assert_eq!(fault(&whole[..whole.len() * tenth / 10]), Fault::Damaged, "at {tenth}0 %");
    }
}

#[test]
fn a_workbook_with_flipped_bytes_is_read_or_refused_and_nothing_else() {
    for name in ["customers.xls", "customers-1904.xls", "customers.ods"] {
        let whole = fs::read(fixture(name)).unwrap();
        let step = (whole.len() / 400).max(1);
        for place in (0..whole.len()).step_by(step) {
            let mut bytes = whole.clone();
            bytes[place] ^= 0xff;
            if let Ok(mut book) = open(&bytes) {
                for sheet in 0..book.sheets().len() {
                    let _: Result<_, Fault> = rows_of(&mut book, sheet);
                }
            }
        }
    }
}

#[test]
fn chains_that_run_in_circles_end() {
    let mut bytes = fs::read(fixture("customers.xls")).unwrap();
    // The first table of sectors: every sector is followed by itself.
    let table = u32::from_le_bytes(bytes[76..80].try_into().unwrap());
    let begin = (table as usize + 1) * 512;
    for sector in 0..128_u32 {
        let at = begin + sector as usize * 4;
        bytes[at..at + 4].copy_from_slice(&sector.to_le_bytes());
    }
    assert_eq!(fault(&bytes), Fault::Damaged);
}

#[test]
fn a_zip_that_unpacks_to_much_more_is_refused_before_it_does() {
    let zeros = vec![b' '; 200 * 1024 * 1024];
    let bomb = xlsx(&sheet_xml(""), &format!("<sst>{}</sst>", String::from_utf8(zeros).unwrap()));
    assert!(bomb.len() < 1024 * 1024);
    assert_eq!(fault(&bomb), Fault::Bomb);
}

#[test]
fn a_part_that_lies_about_its_size_is_measured() {
    let mut bytes = xlsx(&sheet_xml(""), &format!("<sst>{}</sst>", " ".repeat(120 * 1024 * 1024)));
    // Both headers of the part claim that it unpacks to 100 bytes.
    for (magic, name_at, size_at) in [(b"PK\x03\x04", 30, 22), (b"PK\x01\x02", 46, 24)] {
        let begin = (0..bytes.len() - 64).find(|at| {
            bytes[*at..].starts_with(magic) && bytes[*at + name_at..].starts_with(b"xl/sharedStrings")
        });
        let at = begin.unwrap() + size_at;
        bytes[at..at + 4].copy_from_slice(&100_u32.to_le_bytes());
    }
    assert!(matches!(fault(&bytes), Fault::Bomb | Fault::Damaged));
}

#[test]
fn what_makes_a_reader_take_all_memory_is_refused() {
    let many = |element: &str, count: usize| format!("<sst>{}</sst>", element.repeat(count));
    for (what, bytes) in [
        ("strings that are not there", xlsx(&sheet_xml(""), "<sst uniqueCount=\"99999999999\"></sst>")),
        ("the same in other quotes", xlsx(&sheet_xml(""), "<sst  a='>' uniqueCount = '99999999999'></sst>")),
        ("more strings than anybody has", xlsx(&sheet_xml(""), &many("<si/>", 2_000_001))),
        ("a prefix before them", xlsx(&sheet_xml(""), &many("<x:si/>", 2_000_001))),
        (
            "one text without an end",
            xlsx(&sheet_xml(""), &format!("<sst><si><t>{}</t></si></sst>", "x".repeat(2 << 20))),
        ),
        ("one tag without an end", xlsx(&format!("<worksheet a=\"{}\"/>", "x".repeat(2 << 20)), NO_STRINGS)),
        ("one comment without an end", xlsx(&format!("<!--{}-->", "<a>".repeat(1 << 20)), NO_STRINGS)),
        (
            "a literal text without an end",
            xlsx(&format!("<![CDATA[{}]]>", "<a>".repeat(1 << 20)), NO_STRINGS),
        ),
        ("thousands of sheets", package(&[("xl/workbook.xml", "<sheet/>".repeat(2_000).as_bytes())])),
    ] {
        assert_eq!(fault(&bytes), Fault::Bomb, "{what}");
    }
    let parts: Vec<String> = (0..10_100).map(|number| format!("xl/{number}")).collect();
    let parts: Vec<(&str, &[u8])> = parts.iter().map(|name| (name.as_str(), &b""[..])).collect();
    assert_eq!(fault(&package(&parts)), Fault::Bomb);
}

#[test]
fn a_million_empty_rows_cost_nothing() {
    let mut rows = String::from("<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>公司ID</t></is></c></row>");
    for number in 2..=1_048_575 {
        rows.push_str(&format!("<row r=\"{number}\"><c r=\"A{number}\" s=\"1\"/></row>"));
    }
    rows.push_str("<row r=\"1048576\"><c r=\"A1048576\"><v>1</v></c></row>");
    let found = shown(&xlsx(&sheet_xml(&rows), NO_STRINGS));
    assert_eq!(found, [(1, vec!["公司ID".to_owned()]), (1_048_576, vec!["1".to_owned()])]);
}

#[test]
fn too_many_rows_are_refused_at_the_first_one_too_many() {
    let text = "x\n".repeat(MAX_ROWS);
    assert_eq!(shown(text.as_bytes()).len(), MAX_ROWS);
    assert_eq!(fault((text + "x\n").as_bytes()), Fault::TooManyRows);
}

#[test]
fn a_cell_has_as_many_characters_as_excel_allows() {
    let full = "长".repeat(32_767);
    let inline = |text: &str| {
        xlsx(
            &sheet_xml(&format!("<row r=\"2\"><c r=\"B2\" t=\"inlineStr\"><is><t>{text}</t></is></c></row>")),
            NO_STRINGS,
        )
    };
    assert_eq!(shown(&inline(&full))[0].1[1].chars().count(), 32_767);
    assert_eq!(fault(&inline(&(full.clone() + "长"))), Fault::CellTooLong(2, 2));
    assert_eq!(fault(format!("a\n,{full}长").as_bytes()), Fault::CellTooLong(2, 2));
}

#[test]
fn rows_that_run_backwards_or_out_of_the_sheet_are_refused() {
    let cell = |at: &str| format!("<row><c r=\"{at}\"><v>1</v></c></row>");
    assert_eq!(fault(&xlsx(&sheet_xml(&(cell("A5") + &cell("A4"))), NO_STRINGS)), Fault::Damaged);
    for at in ["A0", "5", "A", "ZZZZZZZZZZZZ1", "A99999999999999"] {
        // Whatever comes of it, somebody is answered.
        let _: Result<_, Fault> =
            open(&xlsx(&sheet_xml(&cell(at)), NO_STRINGS)).and_then(|mut book| rows_of(&mut book, 0));
    }
    assert_eq!(
        fault(&xlsx(&sheet_xml("<row><c r=\"A1\" t=\"s\"><v>7</v></c></row>"), NO_STRINGS)),
        Fault::Damaged
    );
}

#[test]
fn what_runs_the_other_way_than_the_xml_says_is_refused() {
    let wide: Vec<u8> =
        format!("\u{feff}{}", sheet_xml("")).encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(fault(&xlsx_of_bytes(&wide, NO_STRINGS)), Fault::Damaged);
    let endless = "<office:spreadsheet><table:table table:name=\"S\"><table:table-row><table:table-cell>";
    let ods = package(&[
        ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"),
        ("META-INF/manifest.xml", b"<manifest/>"),
        ("content.xml", endless.as_bytes()),
    ]);
    assert_eq!(fault(&ods), Fault::Damaged);
    let locked = package(&[
        ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"),
        ("META-INF/manifest.xml", b"<manifest:encryption-data/>"),
        ("content.xml", b"noise"),
    ]);
    assert_eq!(fault(&locked), Fault::Password);
}

#[test]
fn an_error_newer_than_the_reader_does_not_spoil_the_sheet() {
    let rows = "<row r=\"1\"><c r=\"A1\" t=\"e\"><v>#SPILL!</v></c><c r=\"B1\" t=\"e\"><v>#N/A</v></c><c r=\"C1\"><v>3</v></c></row>";
    assert_eq!(
        shown(&xlsx(&sheet_xml(rows), NO_STRINGS)),
        [(1, vec![String::new(), "#N/A".into(), "3".into()])]
    );
}

#[test]
fn a_workbook_with_macros_is_read_like_any_other() {
    for name in ["poi__61495-test.xlsm", "calamine__issue281.xlsm", "test_files__number_format_russian.xlsm"]
    {
        let Some(path) = shared(&format!("xlsx/{name}")) else { return };
        let mut book = Book::open_path(&path).unwrap();
        assert_eq!((book.kind(), book.note()), (Kind::Xlsx, None));
        rows_of(&mut book, 0).unwrap();
    }
}

/// Workbooks in which we see fewer cells than calamine does, how many fewer, and why.
const FEWER: [(&str, usize, &str); 5] = [
    ("PhpSpreadsheet__issue.3843a.template.xlsx", 1, "white space is nothing"),
    ("calamine__issue_261.xlsx", 22, "white space is nothing"),
    ("calamine__issue_530.xlsx", 1, "white space is nothing"),
    ("calamine__minimal_package.xlsx", 1, "white space is nothing"),
    ("poi__45544.xlsx", 2, "white space is nothing"),
];

/// How many cells have a value. The index does not count formulas that failed; of a workbook of which one sheet is
/// damaged it counts the others.
fn count_cells(book: &mut Book) -> Result<usize, Fault> {
    let mut count = None;
    let mut damage = Fault::NoSheet;
    for sheet in 0..book.sheets().len() {
        match rows_of(book, sheet) {
            Ok(rows) => {
                let is_counted = |cell: &&Cell| !matches!(cell, Cell::Blank | Cell::Error(_));
                let here = rows.iter().flat_map(|row| &row.cells).filter(is_counted).count();
                count = Some(count.unwrap_or(0) + here);
            }
            Err(fault) => damage = fault,
        }
    }
    count.ok_or(damage)
}

#[test]
fn every_workbook_of_other_projects_is_read_as_calamine_reads_it_or_refused() {
    let Some(folder) = shared("xlsx") else { return };
    let mut complaints = Vec::new();
    let mut index = csv::Reader::from_path(folder.join("index.csv")).unwrap();
    for record in index.records() {
        let record = record.unwrap();
        let (name, wanted) = (&record[0], &record[3]);
        let found = Book::open_path(&folder.join(name)).and_then(|mut book| count_cells(&mut book));
        let fewer = FEWER.iter().find(|(other, ..)| *other == name).map_or(0, |(_, fewer, _)| *fewer);
        let as_wanted = match (&found, wanted.strip_prefix("ok:")) {
            (Ok(cells), Some(wanted)) => (cells + fewer).to_string() == wanted,
            (Err(fault), None) => !fault.text(Tr::ZhCn).is_empty(),
            _ => false,
        };
        if !as_wanted {
            complaints.push(format!("{name}: {found:?}, where calamine sees {wanted}"));
        }
        if name.contains("protected_") && wanted.starts_with("ERR") || name.contains("encrypt") {
            assert_eq!(found, Err(Fault::Password), "{name}");
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}
