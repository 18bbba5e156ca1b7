//! How long tables take and how much memory, each piece of work in a process of its own. `script/bench` calls it.
//!
//! `cargo bench --bench sheets` makes its own files; `… -- read FILE` and `… -- write ROWS FILE` do one thing each.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement is no product")]

use std::ops::ControlFlow;
use std::path::Path;
use std::process::Command;
use std::time::Instant;
use std::{env, fs, io};

use opcms::sheets::write::{Cell, Format, Table};
use opcms::sheets::{Book, Fault};

/// The columns of the customers' workbook.
const COLUMNS: usize = 18;

fn main() {
    let arguments: Vec<String> = env::args().skip(1).filter(|argument| argument != "--bench").collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["read", file] => measured(|| read(Path::new(file))),
        ["write", rows, file] => measured(|| write(rows.parse().unwrap(), Path::new(file))),
        _ => all(),
    }
}

/// Does everything, and prints a table of it.
fn all() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    println!("| rows × {COLUMNS} columns | seconds | peak MB |");
    println!("|---|---|---|");
    for (rows, ending) in [("100000", "xlsx"), ("100000", "csv"), ("50000", "xlsx"), ("50000", "csv")] {
        let line = run(&["write", rows, &file(&format!("{rows}.{ending}"))]);
        println!("| write {rows}, .{ending} | {line} |");
    }
    for ending in ["xlsx", "csv"] {
        println!("| read 50000, .{ending} | {} |", run(&["read", &file(&format!("50000.{ending}"))]));
    }
}

fn run(arguments: &[&str]) -> String {
    let output = Command::new(env::current_exe().unwrap()).args(arguments).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Prints how many seconds some work took, and the most memory that was resident.
fn measured(work: impl FnOnce()) {
    let begin = Instant::now();
    work();
    let seconds = begin.elapsed().as_secs_f64();
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
    let peak = peak.and_then(|kilobytes| kilobytes.parse::<u32>().ok()).unwrap_or_default() / 1024;
    println!("{seconds:.2} | {peak}");
}

fn read(file: &Path) {
    let outcome = Book::open_path(file).and_then(|mut book| {
        let (mut rows, mut cells) = (0, 0);
        for sheet in 0..book.sheets().len() {
            book.rows::<Fault>(sheet, |row| {
                rows += 1;
                cells += row.cells.len();
                Ok(ControlFlow::Continue(()))
            })?;
        }
        Ok((rows, cells))
    });
    match outcome {
        Ok((rows, cells)) => eprintln!("{rows} rows, {cells} cells"),
        Err(fault) => eprintln!("refused: {}", fault.code()),
    }
}

fn write(rows: i64, file: &Path) {
    let format =
        if file.extension().is_some_and(|ending| ending == "csv") { Format::Csv } else { Format::Xlsx };
    let heading: Vec<String> = (1..=COLUMNS).map(|column| format!("第{column}列")).collect();
    let mut table = Table::begin(format, "客户信息", &heading).unwrap();
    for number in 0..rows {
        table.row(&row(number)).unwrap();
    }
    let mut written = table.finish().unwrap().into_file();
    io::copy(&mut written, &mut fs::File::create(file).unwrap()).unwrap();
}

/// A customer such as there are many of.
fn row(number: i64) -> [Cell; COLUMNS] {
    let day = chrono::NaiveDate::from_ymd_opt(2023, 1, 1).unwrap()
        + chrono::Days::new(number.unsigned_abs() % 1000);
    [
        format!("KH{number:06}").into(),
        format!("杭州诺合{number}公寓管理有限公司").into(),
        "正式账号".into(),
        "房产经纪".into(),
        "好房通".into(),
        day.into(),
        "A".into(),
        "刘洋".into(),
        "黄涛".into(),
        "正常使用".into(),
        Cell::YesNo(true, "是"),
        Cell::YesNo(false, "否"),
        "价格见合同补充协议".into(),
        "阶梯结算".into(),
        Cell::Decimal(rust_decimal::Decimal::new(1000 + number % 2000, 3)),
        "0-500:2.47; 501+:1.75".into(),
        "C3".into(),
        Cell::Number(number % 9000),
    ]
}
