//! The HTML of a message, made of its text: paragraphs, lists and links, and nothing that a value could bring along.

use std::fmt::Write as _;

/// The text as HTML: an empty line ends a paragraph, lines that begin with `- ` are a list, addresses of the web lead
/// there. All else is shown as it is written.
pub fn html(text: &str) -> String {
    let mut html = String::new();
    for block in text.split("\n\n").map(str::trim).filter(|block| !block.is_empty()) {
        let items: Vec<&str> = block.lines().map(|line| line.trim_start()).collect();
        if items.iter().all(|line| line.starts_with("- ")) {
            html.push_str("<ul>");
            for item in items.iter().filter_map(|line| line.strip_prefix("- ")) {
                let _ = write!(html, "<li>{}</li>", linked(item));
            }
            html.push_str("</ul>");
        } else {
            let lines: Vec<String> = block.lines().map(linked).collect();
            let _ = write!(html, "<p>{}</p>", lines.join("<br>"));
        }
    }
    html
}

/// A whole document for mail programs, which read styles only where they stand.
pub fn document(language: &str, subject: &str, text: &str, footer: &str) -> String {
    let footer = if footer.is_empty() {
        String::new()
    } else {
        format!(
            "<div style=\"margin-top:24px;padding-top:12px;border-top:1px solid #dfe3e8;color:#5f6b7a;font-size:13px\">{}</div>",
            html(footer)
        )
    };
    format!(
        "<!doctype html><html lang=\"{language}\"><head><meta charset=\"utf-8\"><title>{}</title></head>\
         <body style=\"margin:0;padding:24px;background:#f6f8fb;color:#1d2733;\
         font:15px/1.6 -apple-system,'PingFang SC','Microsoft YaHei','Noto Sans CJK SC',sans-serif\">\
         <div style=\"max-width:640px;margin:0 auto;padding:24px 28px;background:#fff;border:1px solid #dfe3e8;border-radius:6px\">\
         {}{footer}</div></body></html>",
        escape(subject),
        html(text),
    )
}

fn linked(line: &str) -> String {
    let mut html = String::new();
    let mut rest = line;
    while let Some(start) = find_url(rest) {
        let (before, from) = rest.split_at(start);
        let end = from.find(|c: char| !is_of_url(c)).unwrap_or(from.len());
        let url = from.get(..end).unwrap_or(from).trim_end_matches(['.', ',', ';', ':', '!', '?', ')', '\'']);
        let shown = escape(url);
        let _ = write!(html, "{}<a href=\"{shown}\">{shown}</a>", escape(before));
        rest = from.get(url.len()..).unwrap_or_default();
    }
    html + &escape(rest)
}

fn find_url(text: &str) -> Option<usize> {
    [text.find("http://"), text.find("https://")].into_iter().flatten().min()
}

fn is_of_url(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-._~:/?#[]@!$&'()*+,;=%".contains(c)
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}
