//! An answer in XML, as a tree of elements; attributes are of no use here.

use quick_xml::events::{BytesRef, Event};
use quick_xml::reader::Reader;

/// Deepest element; an instance's description has some twelve levels.
const DEEPEST: usize = 64;

/// An element.
#[derive(Debug, Default)]
pub(super) struct Element {
    name: String,
    text: String,
    children: Vec<Element>,
}

impl Element {
    /// The document's element.
    pub(super) fn read(document: &str) -> Result<Self, &'static str> {
        const MALFORMED: &str = "the answer is not well-formed";
        let mut reader = Reader::from_str(document);
        reader.config_mut().expand_empty_elements = true;
        let mut open = vec![Self::default()];
        loop {
            let event = reader.read_event().map_err(|_| MALFORMED)?;
            let innermost = open.last_mut().ok_or(MALFORMED)?;
            match event {
                Event::Start(tag) => {
                    let name = tag.local_name().as_ref().to_owned();
                    open.push(Self { name, ..Self::default() });
                }
                Event::End(_) => {
                    let closed = open.pop().ok_or(MALFORMED)?;
                    open.last_mut().ok_or(MALFORMED)?.children.push(closed);
                }
                Event::Text(text) => innermost.text.push_str(&text.xml10_content()),
                Event::CData(text) => innermost.text.push_str(&text.xml10_content()),
                Event::GeneralRef(reference) => innermost.text.push_str(&referred(&reference)?),
                Event::DocType(_) => return Err("the answer has a document type"),
                Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
                Event::Eof => break,
            }
            if open.len() > DEEPEST {
                return Err("the answer is too deep");
            }
        }
        match (open.pop(), open.is_empty()) {
            (Some(mut outermost), true) => outermost.children.pop().ok_or(MALFORMED),
            _ => Err(MALFORMED),
        }
    }

    /// Whether it has this name.
    pub(super) fn is(&self, name: &str) -> bool {
        self.name == name
    }

    /// The elements at the end of a path of names from here.
    pub(super) fn all<'a>(&'a self, path: &[&str]) -> Vec<&'a Element> {
        path.iter().fold(vec![self], |found, name| {
            found.into_iter().flat_map(|element| &element.children).filter(|child| child.is(name)).collect()
        })
    }

    /// The text at the end of a path of names from here; empty when there is no such element.
    pub(super) fn text(&self, path: &[&str]) -> &str {
        self.all(path).first().map_or("", |element| element.text.trim())
    }
}

/// What a reference stands for: a character, or one of the five entities that XML itself defines.
fn referred(reference: &BytesRef<'_>) -> Result<String, &'static str> {
    const UNKNOWN: &str = "the answer refers to what XML does not define";
    if let Some(character) = reference.resolve_char_ref().map_err(|_| UNKNOWN)? {
        return Ok(character.to_string());
    }
    let name = reference.xml10_content();
    quick_xml::escape::resolve_xml_entity(&name).map(str::to_owned).ok_or(UNKNOWN)
}
