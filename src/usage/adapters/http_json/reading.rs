//! How an answer becomes records, and where it says that the next page is.

use std::collections::BTreeMap;

use serde_json::value::RawValue;
use url::Url;

use crate::i18n::{Said, Tr};
use crate::types::money::grouped;
use crate::usage::adapters::{Cursor, DayRange, Fault, Page};
use crate::usage::records::model::RawRecord;

use super::path::{NoPath, Path, is_list, list, text_of};
use super::requests;
use super::settings::{HttpSettings, Paging};

/// What a text of the form begins with that means itself, and is no path.
pub const CONSTANT: char = '=';

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    Constant(String),
    Path(Path),
}

impl Place {
    fn parse(text: &str) -> Result<Option<Place>, NoPath> {
        match text.trim() {
            "" => Ok(None),
            text => match text.strip_prefix(CONSTANT) {
                Some(constant) => Ok(Some(Place::Constant(constant.trim().to_owned()))),
                None => Path::parse(text).map(Place::Path).map(Some),
            },
        }
    }

    fn value(&self, record: &RawValue) -> String {
        match self {
            Place::Constant(text) => text.clone(),
            Place::Path(path) => path.first(record).map(text_of).unwrap_or_default(),
        }
    }
}

/// Whether a text of the form can be read: a path, or a constant behind `=`.
///
/// # Errors
/// Where it cannot.
pub fn check_place(text: &str) -> Result<(), NoPath> {
    Place::parse(text).map(|_| ())
}

/// How their names of customers become ours.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Codes {
    prefix: String,
    suffix: String,
    table: BTreeMap<String, String>,
}

impl Codes {
    /// The codes of these settings.
    ///
    /// # Errors
    /// The number of the line of the table that is none, from 1.
    pub fn new(prefix: &str, suffix: &str, table: &str) -> Result<Codes, usize> {
        let lines = table.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
        let pair = |(index, line): (usize, &str)| {
            let (theirs, ours) = line.rsplit_once('=').ok_or(index + 1)?;
            let (theirs, ours) = (theirs.trim().to_owned(), ours.trim().to_owned());
            if theirs.is_empty() || ours.is_empty() { Err(index + 1) } else { Ok((theirs, ours)) }
        };
        let table = lines.map(pair).collect::<Result<_, _>>()?;
        Ok(Codes { prefix: prefix.trim().to_owned(), suffix: suffix.trim().to_owned(), table })
    }

    /// Our code of what they call `theirs`. The table goes before the rule.
    pub fn ours(&self, theirs: &str) -> String {
        if let Some(ours) = self.table.get(theirs) {
            return ours.clone();
        }
        let bare = theirs.strip_prefix(&self.prefix).unwrap_or(theirs);
        let bare = bare.strip_suffix(&self.suffix).unwrap_or(bare);
        self.table.get(bare).cloned().unwrap_or_else(|| bare.to_owned())
    }
}

/// Reads answers.
pub struct Reader {
    source: String,
    settings: HttpSettings,
    records: Path,
    next: Path,
    company: Option<Place>,
    day: Option<Place>,
    meter: Option<Place>,
    series: Option<Place>,
    layer: Option<Place>,
    quantity: Option<Place>,
    codes: Codes,
}

/// The most records of a page: they are taken in one piece.
pub const MAX_RECORDS: usize = 50_000;

impl Reader {
    /// The reader of a source of this code.
    ///
    /// # Errors
    /// When a path of the settings cannot be read.
    pub fn new(source: &str, settings: &HttpSettings) -> Result<Reader, NoPath> {
        let codes = Codes::new(&settings.code_prefix, &settings.code_suffix, &settings.code_table);
        Ok(Reader {
            source: source.to_owned(),
            records: Path::parse(&settings.records_path)?,
            next: Path::parse(&settings.next_path)?,
            company: Place::parse(&settings.company_path)?,
            day: Place::parse(&settings.day_path)?,
            meter: Place::parse(&settings.meter_path)?,
            series: Place::parse(&settings.series_path)?,
            layer: Place::parse(&settings.layer_path)?,
            quantity: Place::parse(&settings.quantity_path)?,
            codes: codes.map_err(NoPath)?,
            settings: settings.clone(),
        })
    }

    /// The page that an answer is.
    ///
    /// # Errors
    /// When it is no JSON, when no list stands where the records should, or when the next page is none.
    pub fn read(&self, body: &str, range: DayRange, cursor: &Cursor) -> Result<Page, Fault> {
        let body = body.trim_start_matches('\u{feff}');
        let root: &RawValue =
            serde_json::from_str(body).map_err(|_| Fault::Passing(Said::new(Tr::sources_fault_not_json)))?;
        let found = self.found(root)?;
        let record = |(number, value): (u32, &&RawValue)| self.record(value, number, range);
        let records: Vec<RawRecord> = (cursor.seen.saturating_add(1)..).zip(&found).map(record).collect();
        let count = u32::try_from(records.len()).unwrap_or(u32::MAX);
        let next = self.next(root, cursor, count)?;
        Ok(Page { records, next })
    }

    /// The records: where the path leads to a list, each of its members.
    fn found<'a>(&self, root: &'a RawValue) -> Result<Vec<&'a RawValue>, Fault> {
        let path = self.settings.records_path.trim();
        let none = || Fault::Lasting(Said::new(|t| t.sources_fault_no_list(path)));
        let found = self.records.select(root).map_err(|_| none())?;
        let mut records = Vec::new();
        for value in found {
            if is_list(value) {
                records.extend(list(value).map_err(|_| none())?);
            } else if value.get().starts_with('{') && self.records.is_many() {
                records.push(value);
            } else {
                return Err(none());
            }
        }
        if records.len() > MAX_RECORDS {
            return Err(Fault::Lasting(Said::new(|t| {
                t.sources_fault_many(grouped(&MAX_RECORDS.to_string()))
            })));
        }
        Ok(records)
    }

    fn record(&self, value: &RawValue, number: u32, range: DayRange) -> RawRecord {
        let read = |place: &Option<Place>| place.as_ref().map(|place| place.value(value)).unwrap_or_default();
        let day = self.day.as_ref().map_or_else(|| range.from.to_string(), |day| day.value(value));
        RawRecord {
            line: Some(number),
            source: self.source.clone(),
            company_code: self.codes.ours(&read(&self.company)),
            day,
            meter: read(&self.meter),
            device_series: read(&self.series),
            layer: read(&self.layer),
            quantity: read(&self.quantity),
        }
    }

    /// Where the next page begins, if there is one.
    fn next(&self, root: &RawValue, cursor: &Cursor, count: u32) -> Result<Option<Cursor>, Fault> {
        let after = |token| Cursor {
            page: cursor.page.saturating_add(1),
            seen: cursor.seen.saturating_add(count),
            token,
        };
        let named = match self.settings.paging {
            Paging::Single => return Ok(None),
            Paging::Number => {
                let is_last = count == 0 || count < self.settings.page_size;
                return Ok((!is_last).then(|| after(None)));
            }
            Paging::Cursor => self.next.first(root).map(text_of).filter(|text| !is_none(text)),
            Paging::Link => match self.next.first(root).and_then(link_of) {
                Some(link) => Some(self.linked(&link)?),
                None => None,
            },
        };
        // A place that leads back to where it stands would be read for ever.
        if named.is_some() && named == cursor.token {
            return Err(Fault::Lasting(Said::new(Tr::sources_fault_circle)));
        }
        Ok(named.map(|token| after(Some(token))))
    }

    /// The address of the next page, which is where the first one was: nobody else is told the secret.
    fn linked(&self, link: &str) -> Result<String, Fault> {
        let first = requests::sample(&self.settings.url);
        let base = Url::parse(&first).map_err(|_| elsewhere())?;
        let url = base.join(link).map_err(|_| elsewhere())?;
        if url.origin() == base.origin() { Ok(url.into()) } else { Err(elsewhere()) }
    }
}

fn elsewhere() -> Fault {
    Fault::Lasting(Said::new(Tr::sources_fault_elsewhere))
}

/// What stands for no next page.
fn is_none(text: &str) -> bool {
    text.is_empty() || text == "false"
}

/// A link, in its full length: addresses are longer than codes.
fn link_of(value: &RawValue) -> Option<String> {
    let link: Option<String> = serde_json::from_str(value.get()).ok()?;
    link.map(|link| link.trim().to_owned()).filter(|link| !link.is_empty() && link.len() <= 4000)
}
