//! Quotes per second on one core: the models alone, with what stores and checks them, and from JSON to JSON.
//!
//! `cargo bench --bench quotes`; `benches/quotes.py` does the same work with Python's `decimal`. Both count the time of the
//! processor, so that a machine with other work gives the same figures (on Linux, where the kernel tells it).
#![expect(clippy::unwrap_used, reason = "a bench fails by panicking")]

use std::fs;
use std::hint::black_box;
use std::time::Duration;

use criterion::measurement::{Measurement, ValueFormatter, WallTime};
use criterion::{Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use opcms::i18n::Tr;
use opcms::pricing::models::{Charge, Graduated, Standard, TierDraft, Tiers, Usage, Volume};
use opcms::pricing::quotes::answers;
use opcms::pricing::terms::{Terms, TermsDraft};
use opcms::pricing::{checker, rate};
use opcms::types::Currency;
use rust_decimal::{Decimal, dec};

/// The time that this thread had a processor for itself.
struct ProcessorTime;

impl ProcessorTime {
    fn now() -> Duration {
        let told = fs::read_to_string("/proc/thread-self/schedstat").unwrap();
        Duration::from_nanos(told.split(' ').next().unwrap().parse().unwrap())
    }
}

impl Measurement for ProcessorTime {
    type Intermediate = Duration;
    type Value = Duration;

    fn start(&self) -> Duration {
        ProcessorTime::now()
    }

    fn end(&self, begun: Duration) -> Duration {
        ProcessorTime::now().saturating_sub(begun)
    }

    fn add(&self, one: &Duration, other: &Duration) -> Duration {
        *one + *other
    }

    fn zero(&self) -> Duration {
        Duration::ZERO
    }

    fn to_f64(&self, value: &Duration) -> f64 {
        WallTime.to_f64(value)
    }

    fn formatter(&self) -> &dyn ValueFormatter {
        WallTime.formatter()
    }
}

/// Quantities from 0.25 to 3,000, as a month's customers would have them.
fn quantities() -> Vec<Decimal> {
    (1..=1000_i64).map(|index| Decimal::new(index * 30_000 - 27_500, 4)).collect()
}

fn tiers() -> Tiers {
    let tier = |up_to, unit_price| TierDraft { from: None, up_to, unit_price, flat_fee: Decimal::ZERO };
    let drafts = [
        tier(Some(dec!(500)), dec!(2.75)),
        tier(Some(dec!(1000)), dec!(2.6)),
        tier(Some(dec!(2500)), dec!(2.4312)),
        tier(None, dec!(2.1)),
    ];
    Tiers::new(&drafts, false, Currency::Cny).unwrap()
}

fn terms() -> Terms {
    let draft =
        TermsDraft { minimum: Some(dec!(300)), cap: Some(dec!(5000)), discount_percent: Some(dec!(12.5)) };
    Terms::new(draft, Currency::Cny).unwrap()
}

fn quotes(criterion: &mut Criterion<ProcessorTime>) {
    let usages: Vec<Usage> = quantities().into_iter().map(|one| Usage::new(one).unwrap()).collect();
    let mut group = criterion.benchmark_group("quotes");
    group.throughput(Throughput::Elements(1000));
    // The kernel counts in ticks of some milliseconds: few samples, each of them long.
    group.sampling_mode(SamplingMode::Flat).sample_size(20);
    let (plain, full) = (Terms::plain(Currency::Cny), terms());
    let graduated = Charge::Graduated(Graduated(tiers()));
    for (name, charge, terms) in [
        ("standard", Charge::Standard(Standard::new(dec!(2.4312)).unwrap()), plain),
        ("volume", Charge::Volume(Volume(tiers())), plain),
        ("graduated", graduated.clone(), plain),
        ("graduated with minimum, cap and discount", graduated.clone(), full),
    ] {
        group.bench_function(name, |bench| {
            bench.iter(|| {
                for usage in &usages {
                    black_box(rate(black_box(&charge), usage, &terms).unwrap());
                }
            });
        });
    }
    group.bench_function("graduated, stored as JSON, read and checked", |bench| {
        bench.iter(|| {
            for usage in &usages {
                let rated = rate(&graduated, usage, &full).unwrap();
                for line in &rated.lines {
                    let stored = serde_json::to_string(&line.explanation).unwrap();
                    black_box(checker::check(&serde_json::from_str(&stored).unwrap()).unwrap());
                }
            }
        });
    });
    group.bench_function("checking alone", |bench| {
        let rated: Vec<_> = usages.iter().map(|usage| rate(&graduated, usage, &full).unwrap()).collect();
        bench.iter(|| {
            for rated in &rated {
                black_box(checker::check_lines(&rated.lines).unwrap());
            }
        });
    });
    let questions: Vec<String> = quantities()
        .iter()
        .map(|quantity| {
            format!(
                r#"{{"model":"graduated","quantity":"{quantity}","minimum":"300","cap":"5000","discount_percent":"12.5","tiers":[{{"up_to":"500","unit_price":"2.75"}},{{"up_to":"1000","unit_price":"2.6"}},{{"up_to":"2500","unit_price":"2.4312"}},{{"up_to":null,"unit_price":"2.1"}}]}}"#
            )
        })
        .collect();
    let questions = format!("[{}]", questions.join(","));
    group.bench_function("graduated, from JSON to JSON with sentences", |bench| {
        bench.iter(|| serde_json::to_string(&answers(&questions, 1000, Tr::ZhCn).unwrap()).unwrap());
    });
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().with_measurement(ProcessorTime);
    targets = quotes
}
criterion_main!(benches);
