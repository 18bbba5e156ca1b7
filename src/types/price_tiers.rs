//! Prices by quantity, written as people write them: `0-500:1.0; 501-1000:0.8; 1001+:0.6`.
//!
//! Source of the grammar: `domain.md` §4, "Text grammar of column 16". People write closed whole numbers; the upper
//! number of each range is the tier's bound, so that tier i covers what is above the bound before it, up to and with
//! its own. Tiers follow each other without gap or overlap from 0 on, and the last has no bound.

use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;
use unicode_normalization::UnicodeNormalization as _;

use crate::i18n::Tr;

use super::{Quantity, UnitPrice};

/// The most tiers of a text.
pub const MAX_TIERS: usize = 40;

/// The price of the quantities up to a bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PriceTier {
    /// The largest quantity that still has this price; `None` in the last tier.
    pub upper: Option<Quantity>,
    /// The price of one.
    pub price: UnitPrice,
}

/// Tiers that follow each other from 0 on, the last without a bound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceTiers(Vec<PriceTier>);

impl PriceTiers {
    /// The tiers, the lowest first. There is one at least.
    pub fn tiers(&self) -> &[PriceTier] {
        &self.0
    }

    /// The text of tiers by their bounds and prices; none when they do not follow each other.
    pub fn written(tiers: &[(Option<Decimal>, Decimal)]) -> Option<String> {
        let tiers = tiers
            .iter()
            .map(|(upper, price)| PriceTier { upper: upper.map(Quantity), price: UnitPrice(*price) });
        let text = PriceTiers(tiers.collect()).to_string();
        text.parse::<PriceTiers>().ok().map(|tiers| tiers.to_string())
    }
}

/// Why a text is no list of tiers: what is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TierFault {
    /// Which tier it is, from 1.
    pub place: usize,
    /// The text of the tier.
    pub text: String,
    /// What is wrong with it.
    pub kind: TierFaultKind,
}

/// What can be wrong with a tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TierFaultKind {
    /// There is nothing.
    Empty,
    /// There are too many tiers.
    TooMany,
    /// There is no price.
    WithoutPrice,
    /// There is no range of quantities.
    Range,
    /// A bound is no number.
    Bound,
    /// The price is no number, or below zero.
    Price,
    /// A number has more digits than can be kept.
    Precision,
    /// It does not begin where the tier before ends: at this quantity, or one above it.
    Start(Quantity),
    /// It says “more than”, but not more than the bound of the tier before, which is this.
    StartAbove(Quantity),
    /// It ends where the tier before ends, or earlier.
    Order(Quantity),
    /// It has no bound, and yet it is not the last.
    OpenWithin,
    /// It is the last and has a bound, which is this.
    ClosedLast(Quantity),
}

impl TierFault {
    /// The sentence that says what is wrong and where.
    pub fn text(&self, t: Tr) -> String {
        let fault = match self.kind {
            TierFaultKind::Empty => return t.price_tiers_fault_empty().to_owned(),
            TierFaultKind::TooMany => return t.price_tiers_fault_too_many(MAX_TIERS),
            TierFaultKind::WithoutPrice => t.price_tiers_fault_without_price().to_owned(),
            TierFaultKind::Range => t.price_tiers_fault_range().to_owned(),
            TierFaultKind::Bound => t.price_tiers_fault_bound().to_owned(),
            TierFaultKind::Price => t.price_tiers_fault_price().to_owned(),
            TierFaultKind::Precision => t.price_tiers_fault_precision().to_owned(),
            TierFaultKind::Start(upper) => {
                t.price_tiers_fault_start_after(plain(after(upper.0), 0), plain(upper.0, 0))
            }
            TierFaultKind::StartAbove(upper) => t.price_tiers_fault_start(format!(">{}", plain(upper.0, 0))),
            TierFaultKind::Order(upper) => t.price_tiers_fault_order(plain(upper.0, 0)),
            TierFaultKind::OpenWithin => t.price_tiers_fault_open_within().to_owned(),
            TierFaultKind::ClosedLast(upper) => {
                t.price_tiers_fault_closed_last(format!("{}+", plain(after(upper.0), 0)))
            }
        };
        t.price_tiers_at(fault, self.place, &self.text)
    }
}

/// The text from which the same tiers are read again: `0-500:1.0; 501-1000:0.8; 1001+:0.6`.
impl fmt::Display for PriceTiers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lower = Decimal::ZERO;
        for (place, tier) in self.0.iter().enumerate() {
            let separator = if place == 0 { "" } else { "; " };
            let (start, price) = (plain(lower, 0), plain(tier.price.0, 1));
            match tier.upper {
                Some(upper) => {
                    write!(f, "{separator}{start}-{}:{price}", plain(upper.0, 0))?;
                    lower = after(upper.0);
                }
                None => write!(f, "{separator}{start}+:{price}")?,
            }
        }
        Ok(())
    }
}

/// Where the tier after a bound begins in writing: at the next whole number, or at the bound itself where that is none.
fn after(upper: Decimal) -> Decimal {
    if upper.fract().is_zero() { upper + Decimal::ONE } else { upper }
}

/// A number without thousands separators, with so many decimals at least.
fn plain(number: Decimal, decimals: u32) -> String {
    let mut number = number.normalize();
    if number.scale() < decimals {
        number.rescale(decimals);
    }
    number.to_string()
}

impl FromStr for PriceTiers {
    type Err = TierFault;

    fn from_str(text: &str) -> Result<PriceTiers, TierFault> {
        let pieces = pieces(text);
        if pieces.is_empty() {
            return Err(TierFault { place: 1, text: String::new(), kind: TierFaultKind::Empty });
        }
        if pieces.len() > MAX_TIERS {
            return Err(TierFault {
                place: MAX_TIERS + 1,
                text: String::new(),
                kind: TierFaultKind::TooMany,
            });
        }
        let mut tiers: Vec<PriceTier> = Vec::with_capacity(pieces.len());
        for (place, piece) in (1..).zip(&pieces) {
            let is_last = place == pieces.len();
            let before = tiers.last().map_or(Quantity::default(), |tier| tier.upper.unwrap_or_default());
            let tier =
                tier(piece, before, is_last).map_err(|kind| TierFault { place, text: shown(piece), kind })?;
            tiers.push(tier);
        }
        Ok(PriceTiers(tiers))
    }
}

/// The text of a tier as a sentence can show it.
fn shown(piece: &str) -> String {
    if piece.chars().count() <= 40 {
        piece.to_owned()
    } else {
        piece.chars().take(40).chain(['…']).collect()
    }
}

/// Cuts a text into its tiers. A comma before the price of a tier belongs to a number: `0-1,000:2.5, 1,001+:2`.
fn pieces(text: &str) -> Vec<String> {
    let text: String = text.nfkc().collect();
    let mut pieces = vec![String::new()];
    let mut is_priced = false;
    for character in text.chars() {
        match character {
            ';' | '\n' | '\r' | '、' => {
                pieces.push(String::new());
                is_priced = false;
            }
            ',' if is_priced => {
                pieces.push(String::new());
                is_priced = false;
            }
            _ => {
                is_priced |= matches!(character, ':' | '@');
                if let Some(piece) = pieces.last_mut().filter(|_| !character.is_whitespace()) {
                    piece.push(character);
                }
            }
        }
    }
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

/// The range of a tier as it is written.
enum Range {
    /// From one number to another, both within.
    Closed(Decimal, Decimal),
    /// From a number on.
    From(Decimal),
    /// Above a number.
    Above(Decimal),
}

fn tier(piece: &str, before: Quantity, is_last: bool) -> Result<PriceTier, TierFaultKind> {
    let (range, price) = piece.split_once([':', '@']).ok_or(TierFaultKind::WithoutPrice)?;
    let range = read_range(range)?;
    let price = read_price(price)?;
    let upper = match range {
        Range::Above(start) if start != before.0 => return Err(TierFaultKind::StartAbove(before)),
        Range::Closed(start, _) | Range::From(start)
            if start != before.0 && start != before.0 + Decimal::ONE =>
        {
            return Err(TierFaultKind::Start(before));
        }
        Range::Closed(_, upper) if upper <= before.0 => return Err(TierFaultKind::Order(before)),
        Range::Closed(_, upper) if is_last => return Err(TierFaultKind::ClosedLast(Quantity(upper))),
        Range::Closed(_, upper) => Some(Quantity(upper)),
        Range::From(_) | Range::Above(_) if !is_last => return Err(TierFaultKind::OpenWithin),
        Range::From(_) | Range::Above(_) => None,
    };
    Ok(PriceTier { upper, price })
}

fn read_range(text: &str) -> Result<Range, TierFaultKind> {
    if text.is_empty() {
        return Err(TierFaultKind::Range);
    }
    if let Some(start) = text.strip_prefix('>') {
        return match start.strip_prefix('=') {
            Some(start) => bound(start).map(Range::From),
            None => bound(start).map(Range::Above),
        };
    }
    if let Some(start) = text.strip_prefix('≥') {
        return bound(start).map(Range::From);
    }
    let text = text.replace("——", "-");
    let text = text.replace(['~', '—', '–', '―', '−', '至', '到', '〜'], "-");
    for ending in ["及以上", "以上", "起", "+", "-"] {
        if let Some(start) = text.strip_suffix(ending) {
            return bound(start).map(Range::From);
        }
    }
    match text.split_once('-') {
        Some((start, end)) => Ok(Range::Closed(bound(start)?, bound(end)?)),
        None => Err(TierFaultKind::Range),
    }
}

/// A bound: up to 14 digits before the point and 4 behind it.
fn bound(text: &str) -> Result<Decimal, TierFaultKind> {
    let text = text.strip_suffix(['张', '套', '次', '个']).unwrap_or(text);
    let number = number(text).ok_or(TierFaultKind::Bound)?;
    fits(number, 14, 4)
}

/// A price: up to 12 digits before the point and 6 behind it, with or without a sign of money.
fn read_price(text: &str) -> Result<UnitPrice, TierFaultKind> {
    if text.is_empty() {
        return Err(TierFaultKind::WithoutPrice);
    }
    let text = text.strip_prefix(['¥', '￥']).unwrap_or(text);
    let text = text.strip_suffix("/张").unwrap_or(text);
    let text = text.strip_suffix('元').unwrap_or(text);
    let number = number(text).ok_or(TierFaultKind::Price)?;
    fits(number, 12, 6).map(UnitPrice)
}

/// A number that is not below zero: digits, with a point and with thousands separators or without.
fn number(text: &str) -> Option<Decimal> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let mut groups = whole.split(',');
    let first = groups.next().unwrap_or_default();
    let is_grouped = groups.clone().count() == 0 || first.len() <= 3 && groups.all(|group| group.len() == 3);
    let whole = whole.replace(',', "");
    (is_grouped && is_digits(&whole) && is_digits(fraction))
        .then(|| format!("{whole}.{fraction}").parse().ok())
        .flatten()
}

fn fits(number: Decimal, whole: u32, decimals: u32) -> Result<Decimal, TierFaultKind> {
    let number = number.normalize();
    let digits = number.trunc().to_string().len();
    let is_small = digits <= usize::try_from(whole).unwrap_or(usize::MAX);
    if number.scale() <= decimals && is_small { Ok(number) } else { Err(TierFaultKind::Precision) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(text: &str) -> String {
        let tiers: PriceTiers =
            text.parse().unwrap_or_else(|fault: TierFault| panic!("{text}: {}", fault.text(Tr::En)));
        let written = tiers.to_string();
        assert_eq!(written.parse::<PriceTiers>().unwrap(), tiers, "{text} is read again from {written}");
        written
    }

    #[test]
    fn every_way_of_writing_tiers_is_understood() {
        for (text, written) in [
            ("0-500:1.0; 501-1000:0.8; 1001+:0.6", "0-500:1.0; 501-1000:0.8; 1001+:0.6"),
            ("0-500:1；501-1000:0.80；1001-:0.6", "0-500:1.0; 501-1000:0.8; 1001+:0.6"),
            ("0~500@1,500~1000@0.8,>1000@0.6", "0-500:1.0; 501-1000:0.8; 1001+:0.6"),
            ("０－５００：１．０；５０１以上：０．８", "0-500:1.0; 501+:0.8"),
            ("0至500：1元，501至1000：¥0.8，1001及以上：0.6元/张", "0-500:1.0; 501-1000:0.8; 1001+:0.6"),
            ("0 - 500 : 1.0\n501 - 1000 : 0.8\r\n1001 以上 : 0.6\n", "0-500:1.0; 501-1000:0.8; 1001+:0.6"),
            ("1-500张:1.2; ≥501张:1.1;", "0-500:1.2; 501+:1.1"),
            ("0-1,000:2.5, 1,001-20,000:2, 20,001+:1.5", "0-1000:2.5; 1001-20000:2.0; 20001+:1.5"),
            ("0-1000:1,1001+:0.5", "0-1000:1.0; 1001+:0.5"),
            ("0-0.5:3; 0.5-2.25:2; 2.25+:1", "0-0.5:3.0; 0.5-2.25:2.0; 2.25+:1.0"),
            ("0+:0.123456", "0+:0.123456"),
            (">0:0", "0+:0.0"),
            // From the workbooks of the world.
            ("0—200：2.66;200~300:2.61;301以上:2.53", "0-200:2.66; 201-300:2.61; 301+:2.53"),
            ("0—2000:2.5；2001—2100:2.19；2101以上:2.08", "0-2000:2.5; 2001-2100:2.19; 2101+:2.08"),
            (
                "0~2000:2.66;2001~2500：2.05;2501—4500：1.89;4501以上:1.55",
                "0-2000:2.66; 2001-2500:2.05; 2501-4500:1.89; 4501+:1.55",
            ),
            ("0~500：2.47；501+：1.75", "0-500:2.47; 501+:1.75"),
            ("0~2000:2.74；2001—2200：2.37；>2200：2.19", "0-2000:2.74; 2001-2200:2.37; 2201+:2.19"),
            (
                "0~2000:2.49；2001~4000:2.41；4001~5000：1.97；>5000:1.93",
                "0-2000:2.49; 2001-4000:2.41; 4001-5000:1.97; 5001+:1.93",
            ),
            ("0-1000：2.57;>1000：2.38", "0-1000:2.57; 1001+:2.38"),
            ("0-100：2.19;101—2100:1.51;2101以上:1.34", "0-100:2.19; 101-2100:1.51; 2101+:1.34"),
            (
                "0-500：2.76;501-2500：2.27;2501-2600:2.11;2601以上:1.65",
                "0-500:2.76; 501-2500:2.27; 2501-2600:2.11; 2601+:1.65",
            ),
            (
                "0-100:2.73;101~200：2.14;201—1200:1.22;1201+：1.13",
                "0-100:2.73; 101-200:2.14; 201-1200:1.22; 1201+:1.13",
            ),
            ("0-1000：2.69；1000~3000:2.64；3001+：1.59", "0-1000:2.69; 1001-3000:2.64; 3001+:1.59"),
            ("0-200：2.34;200~400:2.01;>400:1.54", "0-200:2.34; 201-400:2.01; 401+:1.54"),
            ("0-2000：2.73；2001-2100：2.62；>2100：2.55", "0-2000:2.73; 2001-2100:2.62; 2101+:2.55"),
            (
                "0—500：2.72；500—1000：2.49；1001—1200:2.42；1201以上:2.06",
                "0-500:2.72; 501-1000:2.49; 1001-1200:2.42; 1201+:2.06",
            ),
        ] {
            assert_eq!(canonical(text), written, "{text}");
        }
    }

    #[test]
    fn bounds_and_prices_are_exact() {
        let tiers: PriceTiers = "0-500:0.10; 501+:0.123456".parse().unwrap();
        let bounds: Vec<_> = tiers.tiers().iter().map(|tier| tier.upper.map(|upper| upper.0)).collect();
        assert_eq!(bounds, [Some(Decimal::from(500)), None]);
        assert_eq!(tiers.tiers().last().unwrap().price.0.to_string(), "0.123456");
    }

    #[test]
    fn a_fault_says_which_tier_and_what_is_wrong_with_it() {
        for (text, place, part) in [
            ("", 1, "nothing"),
            (" ;；\n", 1, "nothing"),
            ("很多", 1, "price is missing"),
            ("0-500", 1, "price is missing"),
            ("0-500:", 1, "price is missing"),
            (":1.0", 1, "range of quantities is missing"),
            ("500:1.0", 1, "range of quantities is missing"),
            ("a-b:1", 1, "quantity as a number"),
            ("0-5 00x:1;501+:1", 1, "quantity as a number"),
            ("0-500:一元;501+:1", 1, "price as a number"),
            ("0-500:-1;501+:1", 1, "price as a number"),
            ("0-500:1e3;501+:1", 1, "price as a number"),
            ("0-500:1.2.3;501+:1", 1, "price as a number"),
            ("2-500:1;501+:1", 1, "begin at 1 or 0"),
            ("0-500:1;502-1000:0.8;1001+:0.6", 2, "begin at 501 or 500"),
            ("0-500:1;400-1000:0.8;1001+:0.6", 2, "begin at 501 or 500"),
            ("0-500:1;>501:0.8", 2, "begin at >500"),
            ("0-500:1;501-500:0.8;501+:0.6", 2, "above that of the tier before, 500"),
            ("0-0:1;1+:0.8", 1, "above that of the tier before, 0"),
            ("0-500:1;501+:0.8;1001+:0.6", 2, "Only the last tier"),
            ("0-500:1;501-1000:0.8", 2, "as in 1001+"),
            ("0-500:1.0000001;501+:1", 1, "too long"),
            ("0-0.00001:1;1+:1", 1, "too long"),
            ("0-999999999999999:1;1000000000000000+:1", 1, "too long"),
            ("0-99999999999999999999999999999999999999:1;1+:1", 1, "quantity as a number"),
            ("0-1,00:2.5;101+:2", 1, "quantity as a number"),
        ] {
            let fault = text.parse::<PriceTiers>().unwrap_err();
            let said = fault.text(Tr::En);
            assert_eq!(fault.place, place, "{text}: {said}");
            assert!(said.contains(part), "{text}: {said}");
            assert_ne!(fault.text(Tr::ZhCn), said);
        }
        let many = "0-1:1;".repeat(101);
        assert_eq!(many.parse::<PriceTiers>().unwrap_err().kind, TierFaultKind::TooMany);
    }

    #[test]
    fn any_text_is_answered() {
        for text in [
            "-",
            "--",
            "+:+",
            ">",
            ">:1",
            "≥",
            "@@@",
            "：：",
            "\u{0}",
            "0-500:1;;;501+:2;",
            "至:至",
            "０",
            "元",
        ] {
            let _: Result<PriceTiers, TierFault> = text.parse();
        }
    }
}
