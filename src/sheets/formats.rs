//! What the format of a number says about it: whether it is a date.

/// What a number is formatted as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Format {
    /// Anything but a date.
    #[default]
    Other,
    /// A date, with or without a time, or a time.
    Date,
    /// A duration, such as `[h]:mm`.
    Duration,
}

impl Format {
    /// A format that is built into Excel, by its number. 27 to 36 and 50 to 58 are the dates of East Asia.
    pub(super) fn built_in(number: u16) -> Format {
        match number {
            14..=22 | 27..=36 | 45 | 47 | 50..=58 => Format::Date,
            46 => Format::Duration,
            _ => Format::Other,
        }
    }

    /// A format that is written out: `yyyy"年"m"月"d"日";@`.
    pub(super) fn written(code: &str) -> Format {
        let mut found = Format::Other;
        let mut rest = code.chars();
        while let Some(character) = rest.next() {
            match character {
                '"' => {
                    rest.by_ref().find(|c| *c == '"');
                }
                '\\' | '_' | '*' => {
                    rest.next();
                }
                '[' => {
                    let inner: String = rest.by_ref().take_while(|c| *c != ']').collect();
                    let inner = inner.to_lowercase();
                    if !inner.is_empty()
                        && ["h", "m", "s"].iter().any(|unit| inner.replace(unit, "").is_empty())
                    {
                        return Format::Duration;
                    }
                }
                // The first part is for positive numbers, and a date is one.
                ';' => break,
                'G' | 'g' if rest.as_str().to_lowercase().starts_with("eneral") => {
                    rest.nth("eneral".len() - 1);
                }
                'y' | 'Y' | 'm' | 'M' | 'd' | 'D' | 'h' | 'H' | 's' | 'S' => found = Format::Date,
                _ => {}
            }
        }
        found
    }
}
