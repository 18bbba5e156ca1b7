//! Documents on paper: a template and its data, typeset into a PDF.
//!
//! A template is source of [typst](https://typst.app); what it says of a document comes to it as data, in `sys.inputs`. Data
//! is never source: whatever a name contains, it is printed as it is. A [`Press`] keeps its fonts and its template, and
//! prints from any thread.

use serde_json::Value as Json;
use typst::foundations::{Bytes, Dict, IntoValue, Str, Value};
use typst::text::Font;
use typst_as_lib::{TypstEngine, TypstTemplateMainFile};

/// How many documents later what was worked out for one is still remembered.
const REMEMBERED: usize = 5;

/// What keeps a document from being printed.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// None of the fonts has the family that the template is written in.
    #[error("no font of the family {0:?}")]
    Font(String),
    /// The template and its data do not go together.
    #[error("{0}")]
    Template(String),
}

/// A template with its fonts, ready to print.
pub struct Press {
    engine: TypstEngine<TypstTemplateMainFile>,
}

impl Press {
    /// A press of a template, with the content of font files. One of them has to be of `family`.
    pub fn new(template: &str, family: &str, fonts: Vec<Vec<u8>>) -> Result<Press, Fault> {
        let fonts: Vec<Bytes> = fonts.into_iter().map(Bytes::new).collect();
        let is_there = |bytes: &Bytes| Font::iter(bytes.clone()).any(|font| font.info().family == family);
        if !fonts.iter().any(is_there) {
            return Err(Fault::Font(family.to_owned()));
        }
        let engine = TypstEngine::builder()
            .main_file(template)
            .fonts(fonts)
            .comemo_evict_max_age(Some(REMEMBERED))
            .build();
        Ok(Press { engine })
    }

    /// Prints a document. `data` is an object; `pictures` come to the template as `pictures`, by name.
    pub fn pdf(&self, data: &Json, pictures: &[(&str, Vec<u8>)]) -> Result<Vec<u8>, Fault> {
        let Value::Dict(mut inputs) = value(data) else {
            return Err(Fault::Template("the data is no object".to_owned()));
        };
        let pictures: Dict = pictures
            .iter()
            .map(|(name, content)| (Str::from(*name), Bytes::new(content.clone()).into_value()))
            .collect();
        inputs.insert("pictures".into(), Value::Dict(pictures));
        let document = self.engine.compile_with_input(inputs).output;
        let document = document.map_err(|fault| Fault::Template(fault.to_string()))?;
        typst_pdf::pdf(&document, &typst_pdf::PdfOptions::default())
            .map_err(|faults| Fault::Template(faults.iter().map(|fault| fault.message.as_str()).collect()))
    }
}

/// What JSON is in a template. Numbers that are not whole come as texts: nothing is calculated on paper.
fn value(json: &Json) -> Value {
    match json {
        Json::Null => Value::None,
        Json::Bool(yes) => Value::Bool(*yes),
        Json::Number(number) => {
            number.as_i64().map_or_else(|| number.to_string().into_value(), IntoValue::into_value)
        }
        Json::String(text) => text.as_str().into_value(),
        Json::Array(all) => Value::Array(all.iter().map(value).collect()),
        Json::Object(fields) => {
            Value::Dict(fields.iter().map(|(name, field)| (Str::from(name.as_str()), value(field))).collect())
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail")]
mod tests {
    use serde_json::json;

    use super::*;

    const FAMILY: &str = "Noto Sans CJK SC";
    const TEMPLATE: &str = "#import sys: inputs\n#set text(font: \"Noto Sans CJK SC\")\n#inputs.name";

    fn fonts() -> Vec<Vec<u8>> {
        let path = "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc";
        std::fs::read(path).into_iter().collect()
    }

    #[test]
    fn without_the_font_of_its_template_there_is_no_press() {
        assert!(matches!(Press::new(TEMPLATE, FAMILY, Vec::new()), Err(Fault::Font(_))));
        assert!(matches!(Press::new(TEMPLATE, FAMILY, vec![b"no font".to_vec()]), Err(Fault::Font(_))));
    }

    #[test]
    fn a_name_is_printed_and_never_read_as_source() {
        if fonts().is_empty() {
            return;
        }
        let press = Press::new(TEMPLATE, FAMILY, fonts()).unwrap();
        for name in ["#panic(\"ran\")", "#read(\"/etc/passwd\")", "$ x^", "*[", "\u{0}\u{202e}<&>\"", "公司"]
        {
            let pdf = press.pdf(&json!({"name": name}), &[]).unwrap();
            assert!(pdf.starts_with(b"%PDF"), "{name}");
        }
    }

    #[test]
    fn what_the_template_misses_is_a_fault() {
        if fonts().is_empty() {
            return;
        }
        let press = Press::new(TEMPLATE, FAMILY, fonts()).unwrap();
        assert!(matches!(press.pdf(&json!({}), &[]), Err(Fault::Template(_))));
        assert!(matches!(press.pdf(&json!([]), &[]), Err(Fault::Template(_))));
    }
}
