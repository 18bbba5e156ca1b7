//! Quantities by time and by series of devices: what the pages of usage put into a table and a chart.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

/// The most columns of series; what is beyond them stands in one column together.
pub const MAX_COLUMNS: usize = 6;

/// A quantity at a time, in a series of devices; blank for none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact<K> {
    /// The day, or the month.
    pub key: K,
    /// The series.
    pub series: String,
    /// How much.
    pub quantity: Decimal,
    /// Of how many records.
    pub records: i64,
}

/// What stands in a column.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Column {
    /// One series; blank for records without one.
    Series(String),
    /// All series that have no column of their own.
    Rest,
}

/// A row: a day, or a month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row<K> {
    /// Which.
    pub key: K,
    /// The quantity in each column; none where nothing came in.
    pub cells: Vec<Option<Decimal>>,
    /// The sum of them; none where nothing came in at all.
    pub total: Option<Decimal>,
    /// How many records came in.
    pub records: i64,
}

/// The quantities by time and series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pivot<K> {
    /// The columns, by code, the rest last.
    pub columns: Vec<Column>,
    /// A row for each key that was asked for, in that order.
    pub rows: Vec<Row<K>>,
}

impl<K: Ord + Clone> Pivot<K> {
    /// Puts facts into the rows of `keys`; those of other keys are left out.
    pub fn of(keys: impl IntoIterator<Item = K>, facts: &[Fact<K>]) -> Pivot<K> {
        let columns = columns(facts);
        let mut by_key: BTreeMap<&K, Vec<&Fact<K>>> = BTreeMap::new();
        for fact in facts {
            by_key.entry(&fact.key).or_default().push(fact);
        }
        let rows = keys
            .into_iter()
            .map(|key| {
                let own = by_key.get(&key).map(Vec::as_slice).unwrap_or_default();
                row(key, own, &columns)
            })
            .collect();
        Pivot { columns, rows }
    }

    /// The sum of all rows.
    pub fn total(&self) -> Decimal {
        self.rows.iter().filter_map(|row| row.total).sum()
    }

    /// The sum of each column.
    pub fn column_totals(&self) -> Vec<Decimal> {
        let sum = |at: usize| self.rows.iter().filter_map(|row| row.cells.get(at).copied().flatten()).sum();
        (0..self.columns.len()).map(sum).collect()
    }

    /// How many records there are.
    pub fn records(&self) -> i64 {
        self.rows.iter().map(|row| row.records).sum()
    }
}

/// The series with the largest quantities, by code.
fn columns<K>(facts: &[Fact<K>]) -> Vec<Column> {
    let mut sums: BTreeMap<&str, Decimal> = BTreeMap::new();
    for fact in facts {
        *sums.entry(&fact.series).or_default() += fact.quantity;
    }
    let mut ranked: Vec<(&str, Decimal)> = sums.into_iter().collect();
    ranked.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(other.0)));
    let has_rest = ranked.len() > MAX_COLUMNS;
    let own: BTreeSet<&str> = ranked.iter().take(MAX_COLUMNS).map(|(series, _)| *series).collect();
    let mut columns: Vec<Column> = own.into_iter().map(|series| Column::Series(series.to_owned())).collect();
    columns.extend(has_rest.then_some(Column::Rest));
    columns
}

fn row<K>(key: K, facts: &[&Fact<K>], columns: &[Column]) -> Row<K> {
    let is_own = |fact: &Fact<K>| columns.iter().any(|column| is_in(fact, column));
    let sum = |column: &Column| {
        let mut inside = facts
            .iter()
            .filter(|fact| if *column == Column::Rest { !is_own(fact) } else { is_in(fact, column) })
            .peekable();
        inside.peek()?;
        Some(inside.map(|fact| fact.quantity).sum())
    };
    Row {
        cells: columns.iter().map(sum).collect(),
        total: (!facts.is_empty()).then(|| facts.iter().map(|fact| fact.quantity).sum()),
        records: facts.iter().map(|fact| fact.records).sum(),
        key,
    }
}

fn is_in<K>(fact: &Fact<K>, column: &Column) -> bool {
    matches!(column, Column::Series(series) if *series == fact.series)
}

#[cfg(test)]
mod tests {
    use rust_decimal::dec;

    use super::*;

    fn fact(key: u8, series: &str, quantity: Decimal) -> Fact<u8> {
        Fact { key, series: series.into(), quantity, records: 1 }
    }

    #[test]
    fn a_row_without_records_is_a_hole_and_no_zero() {
        let pivot =
            Pivot::of([1, 2, 3], &[fact(1, "X", dec!(5)), fact(3, "X", dec!(0)), fact(9, "X", dec!(7))]);
        let totals: Vec<_> = pivot.rows.iter().map(|row| row.total).collect();
        assert_eq!(totals, [Some(dec!(5)), None, Some(dec!(0))]);
        assert_eq!((pivot.total(), pivot.records()), (dec!(5), 2));
    }

    #[test]
    fn series_stand_in_columns_of_their_own_up_to_a_number() {
        let series = ["A", "B", "C", "D", "E", "F", "G", ""];
        let facts: Vec<_> = (1_i64..).zip(series).map(|(n, code)| fact(1, code, Decimal::from(n))).collect();
        let pivot = Pivot::of([1], &facts);
        let named = |code: &str| Column::Series(code.to_owned());
        assert_eq!(
            pivot.columns,
            [named(""), named("C"), named("D"), named("E"), named("F"), named("G"), Column::Rest]
        );
        assert_eq!(pivot.column_totals().last(), Some(&dec!(3)), "A and B are the rest");
        assert_eq!(pivot.column_totals().iter().sum::<Decimal>(), pivot.total());
    }
}
