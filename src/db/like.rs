//! Patterns for `LIKE`, in which what was typed stands for itself.

/// Matches what contains `text`.
pub fn containing(text: &str) -> String {
    format!("%{}%", escaped(text))
}

/// Matches what begins with `text`.
pub fn beginning(text: &str) -> String {
    format!("{}%", escaped(text))
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_stand_for_themselves() {
        assert_eq!(containing("100%_\\"), "%100\\%\\_\\\\%");
        assert_eq!(beginning("李_娜"), "李\\_娜%");
    }
}
