//! Reads decimal numbers as they are written: `1500`, `0.123456`, `1.5e3`. Never through binary floating point, and never
//! rounded on the way: a number that cannot be held exactly is refused.

use rust_decimal::Decimal;

/// The most digits of a number, the zeros at its ends not counted: more than any field has a place for.
const MAX_DIGITS: usize = 28;

/// Why a text is no number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::pricing) enum NumberFault {
    /// It is not written as a number.
    NotANumber,
    /// It has more digits than anything here.
    TooLong,
}

/// The number of a text.
pub(in crate::pricing) fn read(text: &str) -> Result<Decimal, NumberFault> {
    let (is_negative, unsigned) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (plain, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((plain, exponent)) => (plain, read_exponent(exponent)?),
        None => (unsigned, 0),
    };
    let (whole, fraction) = match plain.split_once('.') {
        Some((_, "")) => return Err(NumberFault::NotANumber),
        Some(parts) => parts,
        None => (plain, ""),
    };
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !is_digits(whole) || !is_digits(fraction) {
        return Err(NumberFault::NotANumber);
    }
    let written = format!("{whole}{fraction}");
    let digits = written.trim_start_matches('0');
    let significant = digits.trim_end_matches('0');
    if significant.is_empty() {
        return Ok(Decimal::ZERO);
    }
    // The last significant digit counts 10^-scale.
    let scale = count(fraction)? - count(digits)? + count(significant)? - exponent;
    if significant.len() > MAX_DIGITS {
        return Err(NumberFault::TooLong);
    }
    let mantissa: i128 = significant.parse().map_err(|_| NumberFault::TooLong)?;
    let mantissa = if is_negative { -mantissa } else { mantissa };
    let number = match u32::try_from(scale) {
        Ok(scale) => Decimal::try_from_i128_with_scale(mantissa, scale).ok(),
        Err(_) => u32::try_from(-scale)
            .ok()
            .and_then(|zeros| mantissa.checked_mul(10_i128.checked_pow(zeros)?))
            .and_then(|mantissa| Decimal::try_from_i128_with_scale(mantissa, 0).ok()),
    };
    number.ok_or(NumberFault::TooLong)
}

fn read_exponent(text: &str) -> Result<i64, NumberFault> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(NumberFault::NotANumber);
    }
    // An exponent beyond this is too long for any number but zero, which is told apart before.
    let size: i64 = digits.parse().map_or(1_000_000_000, |size: i64| size.min(1_000_000_000));
    Ok(if text.starts_with('-') { -size } else { size })
}

fn count(digits: &str) -> Result<i64, NumberFault> {
    i64::try_from(digits.len()).map_err(|_| NumberFault::TooLong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_they_are_written() {
        for (text, number) in [
            ("0", "0"),
            ("-0", "0"),
            ("0.1", "0.1"),
            ("1500", "1500"),
            ("0.30000000000000004", "0.30000000000000004"),
            ("-12.50", "-12.5"),
            ("007", "7"),
            ("1.5e3", "1500"),
            ("15E-1", "1.5"),
            ("1e+2", "100"),
            ("0e999999999999", "0"),
            ("1.0000000000000000000000000000000000", "1"),
            ("99999999999999.9999", "99999999999999.9999"),
            ("1000000000000000000000000000e-27", "1"),
        ] {
            assert_eq!(read(text).map(|number| number.normalize().to_string()), Ok(number.into()), "{text}");
        }
    }

    #[test]
    fn what_is_no_number_is_refused_and_nothing_is_rounded() {
        use NumberFault::{NotANumber, TooLong};
        for (text, fault) in [
            ("", NotANumber),
            ("-", NotANumber),
            ("+1", NotANumber),
            ("1.", NotANumber),
            (".5", NotANumber),
            ("1,500", NotANumber),
            ("1 500", NotANumber),
            ("１", NotANumber),
            ("0x10", NotANumber),
            ("1e", NotANumber),
            ("1e1.5", NotANumber),
            ("1.2.3", NotANumber),
            ("--1", NotANumber),
            ("NaN", NotANumber),
            ("Infinity", NotANumber),
            ("1e29", TooLong),
            ("1e-29", TooLong),
            ("1e99999999999999999999", TooLong),
            ("0.00000000000000000000000000000000000001", TooLong),
            ("12345678901234567890123456789.1", TooLong),
        ] {
            assert_eq!(read(text), Err(fault), "{text:?}");
        }
    }
}
