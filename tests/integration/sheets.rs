//! Tables from outside: what people save, what goes wrong on the way, and what is made to do harm.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{Read as _, Seek as _, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use opcms::i18n::Tr;
use opcms::sheets::header::{self, KnownColumn};
use opcms::sheets::template::{Template, TemplateColumn, Value};
use opcms::sheets::write::{self, Format as FileFormat, Table};
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
        sheet.write_with_format(0, 5, 45_717.437_5, &moment).unwrap();
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
        Fault::TooLarge(opcms::sheets::MAX_BYTES),
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
        Fault::TooManyRows(opcms::sheets::MAX_ROWS),
        Fault::TooManyColumns(3),
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
        write!(rows, "<row r=\"{number}\"><c r=\"A{number}\" s=\"1\"/></row>").unwrap();
    }
    rows.push_str("<row r=\"1048576\"><c r=\"A1048576\"><v>1</v></c></row>");
    let found = shown(&xlsx(&sheet_xml(&rows), NO_STRINGS));
    assert_eq!(found, [(1, vec!["公司ID".to_owned()]), (1_048_576, vec!["1".to_owned()])]);
}

#[test]
fn too_many_rows_are_refused_at_the_first_one_too_many() {
    let text = "x\n".repeat(MAX_ROWS);
    assert_eq!(shown(text.as_bytes()).len(), MAX_ROWS);
    assert_eq!(fault((text + "x\n").as_bytes()), Fault::TooManyRows(opcms::sheets::MAX_ROWS));
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
fn a_text_that_is_no_table_at_all_is_given_up_early() {
    assert_eq!(fault(",".repeat(20_000).as_bytes()), Fault::TooManyColumns(1));
    assert_eq!(fault(format!("a,b\n{}\n", "x;".repeat(20_000)).as_bytes()), Fault::CellTooLong(2, 1));
    let late = format!("a,b\n1,\"{}\"\n", "x\n".repeat(5 << 20));
    assert_eq!(fault(late.as_bytes()), Fault::CellTooLong(2, 2));
}

#[test]
fn one_text_in_a_million_cells_is_not_handed_on_for_ever() {
    let row = "<c t=\"s\"><v>0</v></c>".repeat(200);
    let rows = format!("<row>{row}</row>").repeat(30);
    let strings = format!("<sst uniqueCount=\"1\"><si><t>{}</t></si></sst>", "x".repeat(32_000));
    assert_eq!(fault(&xlsx(&sheet_xml(&rows), &strings)), Fault::Bomb);
}

#[test]
fn rows_that_run_backwards_or_out_of_the_sheet_are_refused() {
    let cell = |at: &str| format!("<row><c r=\"{at}\"><v>1</v></c></row>");
    assert_eq!(fault(&xlsx(&sheet_xml(&[cell("A5"), cell("A4")].concat()), NO_STRINGS)), Fault::Damaged);
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
const FEWER: [(&str, usize, &str); 6] = [
    ("PhpSpreadsheet__issue.3843a.template.xlsx", 1, "white space is nothing"),
    ("calamine__issue_261.xlsx", 22, "white space is nothing"),
    ("calamine__issue_530.xlsx", 1, "white space is nothing"),
    ("calamine__minimal_package.xlsx", 1, "white space is nothing"),
    ("poi__45544.xlsx", 2, "white space is nothing"),
    (
        "poi__clusterfuzz-testcase-minimized-POIXSSFFuzzer-5937385319563264.xlsx",
        157,
        "of a sheet that breaks off nothing is counted",
    ),
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

/// A table of one row, as a file of this kind.
fn written(format: FileFormat, heading: &[&str], cells: &[write::Cell]) -> Vec<u8> {
    let heading: Vec<String> = heading.iter().map(|text| (*text).to_owned()).collect();
    let mut table = Table::begin(format, "客户/信息", &heading).unwrap();
    table.row(cells).unwrap();
    let mut bytes = Vec::new();
    table.finish().unwrap().into_file().read_to_end(&mut bytes).unwrap();
    bytes
}

fn one_of_each() -> Vec<write::Cell> {
    vec![
        "杭州诺合".into(),
        write::Cell::Number(-5),
        write::Cell::Decimal("1234567.50".parse().unwrap()),
        chrono::NaiveDate::from_ymd_opt(2025, 3, 1).into(),
        write::Cell::Moment("2026-10-31T01:05:07".parse().unwrap()),
        write::Cell::yes_no(true, Tr::ZhCn),
        write::Cell::Blank,
        write::Cell::Decimal("0.1234567890123456".parse().unwrap()),
        write::Cell::Number(i64::MAX),
    ]
}

const EACH: [&str; 9] = ["文本", "整数", "金额", "日期", "时间", "是否", "空", "长小数", "大整数"];

#[test]
fn a_table_says_the_same_in_every_kind_of_file() {
    let csv = String::from_utf8(written(FileFormat::Csv, &EACH, &one_of_each())).unwrap();
    assert_eq!(
        csv,
        "\u{feff}文本,整数,金额,日期,时间,是否,空,长小数,大整数\n\
         杭州诺合,-5,1234567.50,2025-03-01,2026-10-31 09:05:07,是,,0.1234567890123456,9223372036854775807\n"
    );
    let json = written(FileFormat::Json, &EACH, &one_of_each());
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(
        json,
        serde_json::json!([{
            "文本": "杭州诺合", "整数": -5, "金额": "1234567.50", "日期": "2025-03-01",
            "时间": "2026-10-31T01:05:07.000000Z", "是否": true, "空": null,
            "长小数": "0.1234567890123456", "大整数": i64::MAX,
        }])
    );
    let bytes = written(FileFormat::Xlsx, &EACH, &one_of_each());
    let mut book = open(&bytes).unwrap();
    assert_eq!(book.sheets()[0].name, "客户信息");
    let row = rows_of(&mut book, 0).unwrap().remove(1);
    assert_eq!(
        row.cells,
        [
            "杭州诺合".into(),
            Cell::Number((-5).into()),
            Cell::Number("1234567.5".parse().unwrap()),
            Cell::Date("2025-03-01T00:00:00".parse().unwrap()),
            Cell::Date("2026-10-31T09:05:07".parse().unwrap()),
            "是".into(),
            Cell::Blank,
            // What a number of a workbook cannot hold is a text.
            "0.1234567890123456".into(),
            "9223372036854775807".into(),
        ]
    );
    let empty = Table::begin(FileFormat::Json, "s", &[]).unwrap().finish().unwrap();
    assert_eq!(
        serde_json::from_reader::<_, serde_json::Value>(empty.into_file()).unwrap(),
        serde_json::json!([])
    );
}

#[test]
fn a_text_never_becomes_a_formula_and_comes_back_as_it_was() {
    for text in
        ["=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "=HYPERLINK(\"http://x\",\"y\")"]
    {
        let csv = String::from_utf8(written(FileFormat::Csv, &["=x"], &[text.into()])).unwrap();
        assert!(csv.starts_with("\u{feff}'=x\n"), "{csv}");
        let value = csv.split_once('\n').unwrap().1;
        assert!(value.trim_start_matches('"').starts_with('\''), "{csv}");
        assert_eq!(shown(csv.as_bytes())[1].1[0].trim(), text.trim(), "{csv}");
        let bytes = written(FileFormat::Xlsx, &["x"], &[text.into()]);
        let row = rows_of(&mut open(&bytes).unwrap(), 0).unwrap().remove(1);
        assert!(matches!(row.cell(0), Cell::Text(_)), "{row:?}");
        let xml = part(&bytes, "xl/worksheets/sheet1.xml");
        assert!(!xml.contains("<f>"), "{xml}");
        assert!(part(&bytes, "xl/styles.xml").contains("quotePrefix=\"1\""));
    }
    let kept =
        String::from_utf8(written(FileFormat::Csv, &["x", "y"], &["'安全".into(), write::Cell::Number(-5)]))
            .unwrap();
    assert!(kept.ends_with("\n'安全,-5\n"), "{kept}");
}

/// The text of a part of a workbook.
fn part(bytes: &[u8], name: &str) -> String {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let mut text = String::new();
    archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
    text
}

#[test]
fn a_workbook_is_laid_out_for_reading() {
    let mut cells = one_of_each();
    cells[0] = "长".repeat(20).as_str().into();
    let xml = part(&written(FileFormat::Xlsx, &EACH, &cells), "xl/worksheets/sheet1.xml");
    assert!(xml.contains("<pane ySplit=\"1\"") && xml.contains("<autoFilter ref=\"A1:I2\""), "{xml}");
    assert!(xml.contains("<col min=\"1\" max=\"1\" width=\"41."), "{xml}");
    let long = written(FileFormat::Xlsx, &["x"], &[write::Cell::Text("x".repeat(40_000))]);
    assert_eq!(shown(&long)[1].1[0].len(), 32_767);
}

fn template() -> Template {
    let column = |label: &str, required, value, choices: Vec<String>| TemplateColumn {
        label: label.into(),
        value,
        required,
        choices,
        help: format!("{label}的说明"),
        example: "示例值".into(),
    };
    Template {
        sheet: "客户信息".into(),
        columns: vec![
            column("公司ID", true, Value::Text, vec![]),
            column("公司名称", true, Value::Text, vec![]),
            column("账号类型", false, Value::Text, vec!["正式账号".into(), "内部账号".into()]),
            column(
                "销售负责人",
                false,
                Value::Text,
                (0..200).map(|number| format!("员工{number}")).collect(),
            ),
            column("接入时间", false, Value::Day, vec![]),
            column("月均拍摄量", false, Value::Number, vec![]),
        ],
        example_row: false,
    }
}

#[test]
fn a_template_is_understood_by_the_import_that_it_is_for() {
    let known: Vec<KnownColumn> = template()
        .columns
        .iter()
        .map(|column| KnownColumn {
            code: column.label.clone(),
            labels: vec![column.label.clone()],
            required: column.required,
        })
        .collect();
    for t in Tr::ALL {
        for is_required in [true, false] {
            let mut template = template();
            let mut known = known.clone();
            for (column, known) in template.columns.iter_mut().zip(&mut known) {
                column.required &= is_required;
                known.required &= is_required;
            }
            let mut book = Book::open(template.write(t).unwrap().into_file(), "x.xlsx").unwrap();
            let hidden: Vec<bool> = book.sheets().iter().map(|sheet| sheet.hidden).collect();
            assert_eq!(hidden, [false, false, true]);
            let table = header::find(&mut book, &known).unwrap().unwrap();
            assert_eq!((table.sheet, table.header_row, table.first_row), (0, 1, 3), "{}", t.tag());
            assert_eq!(table.matched(), 6);
            assert_eq!(header::at(&mut book, 0, 1, &known).unwrap(), Some(table));
            assert_eq!(header::at(&mut book, 0, 9, &known).unwrap(), None);
        }
    }
}

#[test]
fn a_template_offers_what_there_is_to_choose_from() {
    let mut bytes = Vec::new();
    template().write(Tr::ZhCn).unwrap().into_file().read_to_end(&mut bytes).unwrap();
    let xml = part(&bytes, "xl/worksheets/sheet1.xml");
    assert!(xml.contains("<formula1>\"正式账号,内部账号\"</formula1>"), "{xml}");
    assert!(xml.contains("<formula1>'可选值'!$D$2:$D$201</formula1>"), "{xml}");
    assert!(xml.contains("errorStyle=\"warning\""), "{xml}");
    let rows = rows_of(&mut open(&bytes).unwrap(), 1).unwrap();
    let explained: Vec<_> = rows[3].cells.iter().map(|cell| cell.shown().into_owned()).collect();
    assert_eq!(explained, ["账号类型", "否", "账号类型的说明", "示例值", "正式账号、内部账号"]);
}

#[test]
fn the_workbooks_of_the_world_are_found_their_table_in() {
    for (world, last) in [("small", 84), ("full", 1337)] {
        let Some(path) = shared(&format!("world/{world}/customers.xlsx")) else { return };
        let labels = [
            "公司ID",
            "公司名称",
            "账号类型",
            "行业类型",
            "所属ERP",
            "接入时间",
            "客户等级",
            "销售负责人",
            "运营负责人",
            "合作状态",
            "是否结算",
            "是否停用",
            "备注",
            "结算方式",
            "单层定价",
            "多层定价",
            "客户消费等级",
            "月均拍摄量",
        ];
        let known: Vec<KnownColumn> = labels
            .iter()
            .map(|label| KnownColumn {
                code: (*label).into(),
                labels: vec![(*label).into()],
                required: label.starts_with("公司"),
            })
            .collect();
        let mut book = Book::open_path(&path).unwrap();
        let table = header::find(&mut book, &known).unwrap().unwrap();
        assert_eq!((table.header_row, table.first_row, table.matched()), (2, 4, 18), "{world}");
        let rows = rows_of(&mut book, table.sheet).unwrap();
        assert_eq!(rows.last().unwrap().number, last);
    }
}

#[test]
fn a_text_that_is_read_piece_by_piece_has_the_rows_of_one_that_is_held() {
    let lines: Vec<String> = (0..40_000).map(|n| format!("KH{n},第{n}号客户有限公司,{n}.5\r\n")).collect();
    let long = lines.concat();
    for text in [
        "a,b\n1,2\n",
        "a;b\r\n1;2",
        "\n\na\tb\n\n1\t\"2\n3\"\n",
        "a,b\r1,2\r",
        "a,\"b \"\" c\"\n , \nx,'=1\n",
        long.as_str(),
    ] {
        let utf16 =
            || [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
        let gb = encoding_rs::GB18030.encode(text).0.into_owned();
        let bom = format!("\u{feff}{text}").into_bytes();
        for bytes in [text.as_bytes().to_vec(), bom, utf16(), gb] {
            let rows = |book: &mut Book| {
                let mut cells: Vec<Vec<Cell>> = Vec::new();
                book.rows::<Fault>(0, |row| {
                    cells.push(row.cells);
                    Ok(std::ops::ControlFlow::Continue(()))
                })
                .unwrap();
                cells
            };
            let held = rows(&mut Book::open(file_of(&bytes), "").unwrap());
            let mut streamed = Book::open_large(file_of(&bytes), "").unwrap();
            assert_eq!(rows(&mut streamed), held, "{:?}", text.chars().take(40).collect::<String>());
            assert_eq!(rows(&mut streamed).len(), held.len(), "it can be read again");
        }
    }
    for (bytes, fault) in [
        (b"".as_slice(), Fault::Empty),
        (b" \n \n", Fault::Empty),
        (b"a,b\n1,\"2\n", Fault::UnclosedQuote(2)),
        (b"<html><body>", Fault::Html),
        (b"%PDF-1.7", Fault::NotTable),
        (b"a\0b\0\xff\xff\xff", Fault::NotTable),
    ] {
        let found = Book::open_large(file_of(bytes), "")
            .and_then(|mut book| book.rows::<Fault>(0, |_| Ok(std::ops::ControlFlow::Continue(()))));
        assert_eq!(found.err(), Some(fault), "{bytes:?}");
    }
}
