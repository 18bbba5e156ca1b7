//! Reading our own pages: enough of HTML for what we write, and no more.

/// An element with its attributes and the visible text inside it.
#[derive(Debug, Clone)]
pub struct Element {
    /// The tag's name.
    pub name: String,
    /// The attributes, unescaped.
    pub attributes: Vec<(String, String)>,
    /// The text inside, without tags, white space folded.
    pub text: String,
    /// Where the element begins, and where it ends.
    pub range: (usize, usize),
}

impl Element {
    /// An attribute; the empty text for one without a value.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Whether it carries a class.
    pub fn has_class(&self, class: &str) -> bool {
        self.attribute("class").is_some_and(|classes| classes.split_whitespace().any(|one| one == class))
    }
}

const VOID: [&str; 7] = ["meta", "link", "input", "br", "hr", "img", "use"];

/// All elements of a page, in the order of their beginnings.
pub fn elements(page: &str) -> Vec<Element> {
    let mut done: Vec<Element> = Vec::new();
    let mut open: Vec<(usize, usize)> = Vec::new();
    let mut rest = 0;
    while let Some(start) = page[rest..].find('<').map(|at| at + rest) {
        let Some(end) = tag_end(page, start) else { break };
        rest = end;
        let tag = &page[start + 1..end - 1];
        if let Some(name) = tag.strip_prefix('/') {
            let Some(depth) = open.iter().rposition(|(index, _)| done[*index].name == name.trim()) else {
                continue;
            };
            for (index, inner) in open.drain(depth..) {
                done[index].text = visible_text(&page[inner..start]);
                done[index].range.1 = end;
            }
        } else if tag.starts_with(|first: char| first.is_ascii_alphabetic()) {
            let element = parse(tag, (start, end));
            let closed = tag.ends_with('/') || VOID.contains(&element.name.as_str());
            let raw = ["script", "style"].contains(&element.name.as_str());
            if !closed {
                open.push((done.len(), end));
            }
            if raw {
                rest = page[end..].find("</").map_or(page.len(), |at| at + end);
            }
            done.push(element);
        }
    }
    done
}

/// The end of the tag that begins at `start`: a `>` outside of quotes.
fn tag_end(page: &str, start: usize) -> Option<usize> {
    let mut quote = None;
    for (at, character) in page[start..].char_indices() {
        match (quote, character) {
            (None, '"' | '\'') => quote = Some(character),
            (Some(open), character) if open == character => quote = None,
            (None, '>') => return Some(start + at + 1),
            _ => {}
        }
    }
    None
}

fn parse(tag: &str, range: (usize, usize)) -> Element {
    let tag = tag.strip_suffix('/').unwrap_or(tag);
    let (name, mut rest) = tag.split_once(|c: char| c.is_whitespace()).unwrap_or((tag, ""));
    let mut attributes = Vec::new();
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            break;
        }
        let end = rest.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(rest.len());
        let key = rest[..end].to_owned();
        rest = &rest[end..];
        let mut value = String::new();
        if let Some(after) = rest.strip_prefix('=') {
            let (raw, tail) = match after.chars().next() {
                Some(quote @ ('"' | '\'')) => after[1..].split_once(quote).unwrap_or((&after[1..], "")),
                _ => after.split_once(|c: char| c.is_whitespace()).unwrap_or((after, "")),
            };
            value = unescape(raw);
            rest = tail;
        }
        attributes.push((key, value));
    }
    Element { name: name.to_owned(), attributes, text: String::new(), range }
}

/// The text of a piece of a page: no tags, no scripts, entities resolved, white space folded.
pub fn visible_text(page: &str) -> String {
    let mut text = String::new();
    let mut rest = page;
    while let Some(start) = rest.find('<') {
        text.push_str(&rest[..start]);
        let Some(end) = tag_end(rest, start) else { break };
        let tag = &rest[start..end];
        let raw = ["script", "style"].into_iter().find(|name| tag[1..].starts_with(name));
        rest = &rest[end..];
        if let Some(name) = raw {
            rest = rest.find(&format!("</{name}")).map_or("", |at| &rest[at..]);
        }
        text.push(' ');
    }
    if !rest.contains('<') {
        text.push_str(rest);
    }
    unescape(&text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Resolves the entities that askama writes.
pub fn unescape(text: &str) -> String {
    let mut plain = text.to_owned();
    for (entity, character) in [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#x27;", "'"),
        ("&#60;", "<"),
        ("&#62;", ">"),
        ("&#38;", "&"),
        ("&amp;", "&"),
    ] {
        plain = plain.replace(entity, character);
    }
    plain
}

/// The page without the elements that `unwanted` picks.
pub fn without(page: &str, unwanted: impl Fn(&Element) -> bool) -> String {
    let mut kept = String::new();
    let mut from = 0;
    for element in elements(page).into_iter().filter(unwanted) {
        let (start, end) = element.range;
        if start >= from {
            kept.push_str(&page[from..start]);
            from = end;
        }
    }
    kept.push_str(&page[from..]);
    kept
}

/// The text of the element with an id.
pub fn text_of(page: &str, id: &str) -> Option<String> {
    elements(page).into_iter().find(|element| element.attribute("id") == Some(id)).map(|element| element.text)
}

/// The token in the forms of a page.
pub fn csrf(page: &str) -> Option<String> {
    let (_, after) = page.split_once("name=\"csrf\" value=\"")?;
    Some(unescape(after.split_once('"')?.0))
}

/// What a browser would send of the form for `action` if nobody touched it.
pub fn form(page: &str, action: &str) -> Option<Vec<(String, String)>> {
    let all = elements(page);
    let form = all.iter().find(|element| {
        element.name == "form"
            && element.attribute("action") == Some(action)
            && element.attribute("method") == Some("post")
    })?;
    let id = form.attribute("id");
    let belongs = |element: &&Element| match element.attribute("form") {
        Some(other) => id == Some(other),
        None => element.range.0 > form.range.0 && element.range.1 <= form.range.1,
    };
    let mut fields = Vec::new();
    for element in all.iter().filter(belongs).filter(|element| element.attribute("disabled").is_none()) {
        let Some(name) = element.attribute("name") else { continue };
        let value = match element.name.as_str() {
            "textarea" => element.text.clone(),
            "select" => chosen(&all, element),
            "input" => match element.attribute("type").unwrap_or("text") {
                "checkbox" | "radio" if element.attribute("checked").is_none() => continue,
                "submit" | "button" | "file" => continue,
                _ => element.attribute("value").unwrap_or_default().to_owned(),
            },
            _ => continue,
        };
        fields.push((name.to_owned(), value));
    }
    Some(fields)
}

fn chosen(all: &[Element], select: &Element) -> String {
    let within = |element: &&Element| element.range.0 > select.range.0 && element.range.1 <= select.range.1;
    let options: Vec<&Element> =
        all.iter().filter(within).filter(|element| element.name == "option").collect();
    let selected = options.iter().find(|option| option.attribute("selected").is_some()).or(options.first());
    selected.map_or_else(String::new, |option| option.attribute("value").unwrap_or(&option.text).to_owned())
}
