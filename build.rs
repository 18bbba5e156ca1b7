//! Turns `locales/<language>/*.json` into the typed catalogue of `src/i18n.rs`.
//!
//! Every key becomes a method of `Tr`, so that a missing word does not compile. A key that stands in one
//! language only, or whose placeholders differ between languages, stops the build with a sentence.
//!
//! Placeholders are `{name}`; `{name#one|many}` chooses by whether `name` is exactly 1 (English plurals).

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

const LANGUAGES: [(&str, &str); 2] = [("zh-CN", "ZhCn"), ("en", "En")];

type Words = BTreeMap<String, String>;

/// A piece of a message.
enum Part<'a> {
    Text(&'a str),
    Value(&'a str),
    Plural { name: &'a str, one: &'a str, many: &'a str },
}

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=locales");
    println!("cargo:rerun-if-changed=migrations");
    let mut catalogues = Vec::new();
    for (folder, variant) in LANGUAGES {
        catalogues.push((variant, read_language(&Path::new("locales").join(folder))?));
    }
    let [(_, first), (_, second)] = catalogues.as_slice() else { return Err("two languages".into()) };
    check_same_keys(first, second)?;
    fs::write(PathBuf::from(out_dir()?).join("catalogue.rs"), generate(&catalogues)?)?;
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "cargo tells a build script its place in this way")]
fn out_dir() -> Result<String, env::VarError> {
    env::var("OUT_DIR")
}

fn read_language(folder: &Path) -> Result<Words, Box<dyn Error>> {
    let mut words = Words::new();
    let mut files: Vec<_> = fs::read_dir(folder)?.collect::<Result<_, _>>()?;
    files.sort_by_key(fs::DirEntry::path);
    for file in files {
        let path = file.path();
        println!("cargo:rerun-if-changed={}", path.display());
        let part: Words = serde_json::from_str(&fs::read_to_string(&path)?)
            .map_err(|e| format!("{}: {e}", path.display()))?;
        for (key, text) in part {
            if words.insert(key.clone(), text).is_some() {
                return Err(format!("{}: the key {key} is defined twice", path.display()).into());
            }
        }
    }
    Ok(words)
}

fn check_same_keys(first: &Words, second: &Words) -> Result<(), String> {
    let a: BTreeSet<_> = first.keys().collect();
    let b: BTreeSet<_> = second.keys().collect();
    let lonely: Vec<_> = a.symmetric_difference(&b).collect();
    if lonely.is_empty() { Ok(()) } else { Err(format!("in one language only: {lonely:?}")) }
}

fn parse(text: &str) -> Result<Vec<Part<'_>>, String> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        if !before.is_empty() {
            parts.push(Part::Text(before));
        }
        let (inside, tail) = after.split_once('}').ok_or_else(|| format!("unclosed brace in {text:?}"))?;
        parts.push(match inside.split_once('#') {
            None => Part::Value(inside),
            Some((name, forms)) => {
                let (one, many) = forms.split_once('|').ok_or_else(|| format!("no plural in {text:?}"))?;
                Part::Plural { name, one, many }
            }
        });
        rest = tail;
    }
    if !rest.is_empty() {
        parts.push(Part::Text(rest));
    }
    Ok(parts)
}

fn names<'a>(parts: &[Part<'a>]) -> BTreeSet<&'a str> {
    parts
        .iter()
        .filter_map(|part| match part {
            Part::Text(_) => None,
            Part::Value(name) | Part::Plural { name, .. } => Some(*name),
        })
        .collect()
}

fn generate(catalogues: &[(&str, Words)]) -> Result<String, Box<dyn Error>> {
    let mut code = String::from("impl Tr {\n");
    let mut plain = String::new();
    let Some((_, first)) = catalogues.first() else { return Err("no language".into()) };
    for key in first.keys() {
        let method = key.replace(['.', '-'], "_");
        let mut arms = String::new();
        let mut arguments: Option<BTreeSet<&str>> = None;
        for (variant, words) in catalogues {
            let text = words.get(key).ok_or("checked above")?;
            let parts = parse(text)?;
            let here = names(&parts);
            if arguments.as_ref().is_some_and(|there| *there != here) {
                return Err(format!("the placeholders of {key} differ between languages").into());
            }
            writeln!(arms, "            Tr::{variant} => {},", expression(&parts))?;
            arguments = Some(here);
        }
        let arguments = arguments.unwrap_or_default();
        let doc = words_in_english(catalogues, key);
        writeln!(code, "    /// {doc:?}")?;
        if arguments.is_empty() {
            writeln!(
                code,
                "    pub const fn {method}(self) -> &'static str {{\n        match self {{\n{arms}        }}\n    }}"
            )?;
            writeln!(plain, "            {key:?} => self.{method}(),")?;
        } else {
            let list: Vec<_> = arguments.iter().map(|a| format!("{a}: impl std::fmt::Display")).collect();
            let list = list.join(", ");
            writeln!(
                code,
                "    pub fn {method}(self, {list}) -> String {{\n        match self {{\n{arms}        }}\n    }}"
            )?;
        }
    }
    code.push_str(
        "    /// The words of a key that is known only at run time, such as the label of a permission.\n",
    );
    code.push_str("    pub fn lookup(self, key: &str) -> Option<&'static str> {\n        Some(match key {\n");
    code.push_str(&plain);
    code.push_str("            _ => return None,\n        })\n    }\n}\n");
    let keys: Vec<_> = first.keys().collect();
    writeln!(
        code,
        "/// Every key of the catalogue; a test looks for the unused.\npub const KEYS: &[&str] = &{keys:?};"
    )?;
    Ok(code)
}

fn words_in_english<'a>(catalogues: &'a [(&str, Words)], key: &str) -> &'a str {
    catalogues.iter().rev().find_map(|(_, words)| words.get(key)).map_or("", String::as_str)
}

fn expression(parts: &[Part<'_>]) -> String {
    if parts.is_empty() {
        return "\"\"".to_owned();
    }
    if let [Part::Text(text)] = parts {
        return format!("{text:?}");
    }
    let mut format = String::new();
    let mut values = Vec::new();
    for part in parts {
        match part {
            Part::Text(text) => format.push_str(text),
            Part::Value(name) => {
                format.push_str("{}");
                values.push((*name).to_owned());
            }
            Part::Plural { name, one, many } => {
                format.push_str("{}");
                values.push(format!("if {name}.to_string() == \"1\" {{ {one:?} }} else {{ {many:?} }}"));
            }
        }
    }
    format!("format!({format:?}, {})", values.join(", "))
}
