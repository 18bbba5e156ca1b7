//! 统一社会信用代码, the number by which a company is registered and taxed in China (GB 32100-2015).

use std::fmt;
use std::str::FromStr;

use crate::i18n::Tr;

/// The characters of the code in the order of their values: no I, O, S, V or Z, which are taken for 1, 0, 5, U and 2.
const CHARACTERS: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";

/// How many characters a code has, the last of which checks the others.
const LENGTH: usize = 18;

/// Where the region of the registry stands: digits only.
const REGION: std::ops::Range<usize> = 2..8;

/// A code whose last character agrees with the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaxNumber(String);

/// Why a text is no such code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaxNumberFault {
    /// It is not made of 18 digits and capital letters of the standard, with a region in digits.
    Shape,
    /// The last character does not agree with the others: most often two were mistaken for each other.
    CheckCharacter,
}

impl TaxNumberFault {
    /// The sentence that says what is wrong.
    pub fn text(self, t: Tr) -> &'static str {
        match self {
            TaxNumberFault::Shape => t.tax_number_shape(),
            TaxNumberFault::CheckCharacter => t.tax_number_check_character(),
        }
    }
}

impl TaxNumber {
    /// The code as it is printed.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TaxNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Reads a code as people write it: in small letters, and in groups with spaces or hyphens between them.
impl FromStr for TaxNumber {
    type Err = TaxNumberFault;

    fn from_str(text: &str) -> Result<TaxNumber, TaxNumberFault> {
        let kept = text.chars().filter(|character| !character.is_whitespace() && *character != '-');
        let code: String = kept.map(|character| character.to_ascii_uppercase()).collect();
        let values: Vec<usize> = code.chars().filter_map(|character| CHARACTERS.find(character)).collect();
        let region = values.get(REGION).is_some_and(|region| region.iter().all(|value| *value < 10));
        if values.len() != LENGTH || code.chars().count() != LENGTH || !region {
            return Err(TaxNumberFault::Shape);
        }
        // Each character weighs three times the one before it, and the last one, which makes the sum a multiple, weighs 1.
        let weights = std::iter::successors(Some(1), |weight| Some(weight * 3 % CHARACTERS.len()));
        let weights = weights.take(LENGTH - 1).chain([1]);
        let sum: usize = values.iter().zip(weights).map(|(value, weight)| value * weight).sum();
        if sum.is_multiple_of(CHARACTERS.len()) {
            Ok(TaxNumber(code))
        } else {
            Err(TaxNumberFault::CheckCharacter)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_character_agrees_with_the_others() {
        use TaxNumberFault::{CheckCharacter, Shape};
        for (text, outcome) in [
            ("91350100M000100Y43", Ok("91350100M000100Y43")),
            ("9144030071526726XG", Ok("9144030071526726XG")),
            ("91330100799655058B", Ok("91330100799655058B")),
            (" 9135 0100-m000-100y43 ", Ok("91350100M000100Y43")),
            ("91350100M000100Y44", Err(CheckCharacter)),
            ("91350100M000100Y34", Err(CheckCharacter)),
            ("19350100M000100Y43", Err(CheckCharacter)),
            ("91350100M0001O0Y43", Err(Shape)),
            ("913501A0M000100Y43", Err(Shape)),
            ("91350100M000100Y4", Err(Shape)),
            ("91350100M000100Y433", Err(Shape)),
            ("350100000000000", Err(Shape)),
            ("９1350100M000100Y43", Err(Shape)),
            ("91350100M000100Y43 <b>", Err(Shape)),
            ("", Err(Shape)),
        ] {
            let read = text.parse::<TaxNumber>();
            assert_eq!(read.as_ref().map(TaxNumber::as_str).map_err(|fault| *fault), outcome, "{text:?}");
        }
    }

    #[test]
    fn any_single_mistake_and_any_swap_of_neighbours_shows() {
        let good = "91350100M000100Y43";
        let characters: Vec<char> = good.chars().collect();
        for at in 0..LENGTH {
            for other in CHARACTERS.chars().filter(|other| *other != characters[at]) {
                let mut mistaken = characters.clone();
                mistaken[at] = other;
                assert!(mistaken.iter().collect::<String>().parse::<TaxNumber>().is_err(), "{mistaken:?}");
            }
            let mut swapped = characters.clone();
            swapped.swap(at, (at + 1).min(LENGTH - 1));
            let text: String = swapped.iter().collect();
            assert!(text == good || text.parse::<TaxNumber>().is_err(), "{text}");
        }
    }
}
