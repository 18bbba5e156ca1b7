//! What may stand in the tags of a template: names, attributes, filters, comparisons, `not`, `and`, `or`, text in quotes
//! and numbers. What multiplies, joins or lists is refused before the template language ever sees it: `{{ [0] * 9000000000 }}`
//! would take all memory there is.

/// The signs of which a tag may be made, besides names, numbers and text in quotes.
const SIGNS: &str = ".,|()=!<>";

/// The first sign that no tag may hold, and its line. What is no tag at all is not looked at; a tag without an end is left
/// to the template language, which says so.
pub fn foreign(text: &str) -> Option<(usize, String)> {
    let (mut rest, mut line) = (text, 1);
    while let Some((before, tag)) = next_tag(rest) {
        let inside = tag.get(2..).unwrap_or_default();
        let end = if tag.starts_with("{#") {
            Ok(inside.find("#}").map_or(inside.len(), |end| end + 2))
        } else {
            end_of(inside)
        };
        let (Ok(at) | Err((at, _))) = end;
        let (seen, left) = inside.split_at_checked(at).unwrap_or((inside, ""));
        line += before.matches('\n').count() + seen.matches('\n').count();
        if let Err((_, sign)) = end {
            return Some((line, sign.to_string()));
        }
        rest = left;
    }
    None
}

/// The text before the next tag, and the rest from the tag on.
fn next_tag(text: &str) -> Option<(&str, &str)> {
    let start = ["{{", "{%", "{#"].iter().filter_map(|tag| text.find(tag)).min()?;
    text.split_at_checked(start)
}

/// Where a tag is over; or where it holds a sign that it may not, and which.
fn end_of(inside: &str) -> Result<usize, (usize, char)> {
    let mut quote = None;
    let mut is_escaped = false;
    for (at, c) in inside.char_indices() {
        let rest = inside.get(at..).unwrap_or_default();
        match quote {
            Some(_) if is_escaped => is_escaped = false,
            Some(_) if c == '\\' => is_escaped = true,
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if matches!(c, '"' | '\'') => quote = Some(c),
            None if is_end(rest) => return Ok(at + 2),
            // What trims the text around a tag stands at its very beginning or end.
            None if matches!(c, '-' | '+') && (at == 0 || rest.get(1..).is_some_and(is_end)) => {}
            None if c.is_alphanumeric() || c.is_whitespace() || c == '_' || SIGNS.contains(c) => {}
            None => return Err((at, c)),
        }
    }
    Ok(inside.len())
}

fn is_end(text: &str) -> bool {
    text.starts_with("}}") || text.starts_with("%}")
}

#[cfg(test)]
mod tests {
    use super::foreign;

    #[test]
    fn what_multiplies_joins_or_lists_is_foreign_to_a_tag() {
        for (text, wanted) in [
            ("好 * [0] { } ~", None),
            (
                "{{ job }} {{- job | upper -}} {%+ if a.b == 'x*[y]' and not (c >= 1.5) or d %}*{%- endif %}",
                None,
            ),
            ("{{ 'it\\'s * }} [' }}", None),
            ("{# * [ #}{{ job", None),
            ("{{ [0] * 9000000000 }}", Some((1, "["))),
            ("a\nb\n{{ \"x\" * 100000000 }}", Some((3, "*"))),
            ("{{ 2 ** 99 }}", Some((1, "*"))),
            ("{% if\n job ~ job %}", Some((2, "~"))),
            ("{{ job + job }}", Some((1, "+"))),
            ("{{ job - 1 }}", Some((1, "-"))),
            ("{{ {'a': 1} }}", Some((1, "{"))),
            ("{{ job[0] }}", Some((1, "["))),
            ("{{ 7 // 2 }}", Some((1, "/"))),
            ("{{ 7 % 2 }}", Some((1, "%"))),
            ("{{ job }}\n{# 一\n二 #}\n{{ ~ }}", Some((4, "~"))),
        ] {
            let wanted = wanted.map(|(line, sign): (usize, &str)| (line, sign.to_owned()));
            assert_eq!(foreign(text), wanted, "{text:?}");
        }
    }
}
