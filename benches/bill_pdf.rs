//! How many bills are typeset in a second: `cargo bench --bench bill_pdf`. Without the fonts there is nothing to measure.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use opcms::billing::documents::Printer;
use opcms::config::Config;
use serde_json::{Value, json};

/// A bill of so many lines, as the template gets it. No two are alike, so that nothing is remembered of the one before.
fn bill(lines: usize, number: u64) -> Value {
    let line = |position: usize| {
        json!({
            "position": position,
            "label": format!("用量费：影像处理 {number}-{position}"),
            "text": [format!("用量 {position} 张，单价 1.50 元，金额 1,200.00 元。"), "金额：CNY 1,200.00"],
            "days": "10-01 – 10-31",
            "quantity": "800",
            "amount": "1,200.00",
        })
    };
    json!({
        "lang": "zh", "title": "账单", "document": "账单", "company": "星辰科技有限公司",
        "company_lines": ["杭州市西湖区文三路 1 号", "电话：0571-88888888", ""],
        "addressee_label": "致", "addressee": "杭州诺合公寓管理有限公司", "addressee_lines": ["", "公司 ID：KH0001"],
        "facts": [["账单编号", format!("B-202610-{number:06}")], ["账期", "2026-10"]],
        "columns": ["序号", "项目", "计费区间", "数量", "金额"],
        "lines": (1..=lines).map(line).collect::<Vec<_>>(),
        "totals": [["合计", "CNY 12,000.00"]],
        "notes": [], "payment_label": "付款方式", "payment": "招商银行杭州分行\n6225 0000 1111",
        "payment_hint": "汇款时请注明账单编号。", "page": "第 {page} 页，共 {pages} 页", "foot": "账单",
    })
}

fn bench(criterion: &mut Criterion) {
    let Ok(config) = Config::from(|_| None) else { return };
    let printer = Printer::new(&config);
    if let Some(complaint) = printer.complaint() {
        eprintln!("{complaint}");
        return;
    }
    let mut group = criterion.benchmark_group("bills as PDF");
    group.throughput(Throughput::Elements(1)).sample_size(50);
    for lines in [10, 200] {
        let mut number = 0;
        group.bench_function(format!("{lines} lines"), |bencher| {
            bencher.iter(|| {
                number += 1;
                black_box(printer.bill(&bill(lines, number), None).map(|pdf| pdf.len()).ok())
            });
        });
    }
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
