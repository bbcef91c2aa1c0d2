//! The XML of an event, in whatever spelling: quotation marks, entities, prefixes and white space as anybody likes them.
//!
//! Namespace of events: `http://schemas.microsoft.com/win/2004/08/events/event`. Some forwarders drop it, so an element
//! without a namespace counts as well; one of another namespace does not.

use quick_xml::XmlVersion;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::name::ResolveResult;
use quick_xml::reader::NsReader;

use super::fields::{Field, Fields};
use crate::reason::Reason;

const NAMESPACE: &str = "http://schemas.microsoft.com/win/2004/08/events/event";

/// Largest message that is looked at; Windows writes 64 KiB at most.
const MOST_BYTES: usize = 256 << 10;

/// Largest tag; looking for repeated attributes takes the square of their number.
const LONGEST_TAG: usize = 4 << 10;

/// Largest value that is looked at.
const LONGEST_VALUE: usize = 4 << 10;

/// Deepest element; an event has four levels.
const DEEPEST: usize = 16;

/// Reads an event's values.
pub(super) fn read(message: &str) -> Result<Fields, Reason> {
    if message.len() > MOST_BYTES {
        return Err(Reason::TooLarge);
    }
    let document = &message[beginning(message).ok_or(Reason::NoXml)?..];
    let mut reader = NsReader::from_str(document);
    reader.config_mut().expand_empty_elements = true;
    let mut walk = Walk::default();
    loop {
        let (namespace, event) = reader.read_resolved_event().map_err(|_| Reason::MalformedXml)?;
        match event {
            Event::Start(tag) => {
                let ours = is_ours(&namespace)?;
                walk.open(&tag, ours)?;
            }
            Event::End(_) => walk.close()?,
            Event::Text(text) => walk.read_text(&text.xml10_content())?,
            Event::CData(text) => walk.read_text(&text.xml10_content())?,
            Event::GeneralRef(reference) => walk.read_reference(&reference)?,
            Event::DocType(_) => return Err(Reason::DocumentType),
            Event::Empty(_) => return Err(Reason::MalformedXml),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            Event::Eof => return walk.finish(),
        }
    }
}

/// Where the document begins: what stands before it, such as a time and a host, is no part of it.
///
/// A name ends at the next `<` too, so that a message full of them is gone through once.
fn beginning(message: &str) -> Option<usize> {
    message.match_indices('<').map(|(at, _)| at).find(|at| {
        let tag = &message[at + 1..];
        let name = tag.split([' ', '\t', '\r', '\n', '<', '>', '/']).next().unwrap_or_default();
        tag.starts_with("?xml")
            || tag.starts_with("!DOCTYPE")
            || tag.starts_with("!--")
            || local(name) == "Event"
    })
}

fn local(name: &str) -> &str {
    name.split_once(':').map_or(name, |(_, local)| local)
}

fn is_ours(namespace: &ResolveResult<'_>) -> Result<bool, Reason> {
    match namespace {
        ResolveResult::Unbound => Ok(true),
        ResolveResult::Bound(namespace) => Ok(namespace.0 == NAMESPACE),
        ResolveResult::Unknown(_) => Err(Reason::MalformedXml),
    }
}

/// An element that is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Element {
    Event,
    System,
    EventData,
    /// One whose text is a value.
    Value(Field),
    Other,
}

/// The way through a document.
#[derive(Debug, Default)]
struct Walk {
    path: Vec<Element>,
    fields: Fields,
    text: String,
    seen_event: bool,
}

impl Walk {
    fn open(&mut self, tag: &BytesStart<'_>, ours: bool) -> Result<(), Reason> {
        if self.path.len() == DEEPEST {
            return Err(Reason::TooDeep);
        }
        if tag.len() > LONGEST_TAG {
            return Err(Reason::TooLarge);
        }
        let name = tag.local_name();
        let name = if ours { name.as_ref() } else { "" };
        let element = match (self.path.last(), name) {
            (None, "Event") if !self.seen_event => Element::Event,
            // A second document, or something else than an event.
            (None, _) => return Err(Reason::MalformedXml),
            (Some(Element::Event), "System") => Element::System,
            (Some(Element::Event), "EventData") => Element::EventData,
            (Some(Element::System), name) => self.open_in_system(tag, name)?,
            (Some(Element::EventData), "Data") => {
                let name = attribute(tag, "Name")?.unwrap_or_default();
                Field::of_data(&name).map_or(Element::Other, Element::Value)
            }
            (Some(Element::Value(_)), _) => return Err(Reason::MalformedXml),
            (Some(_), _) => Element::Other,
        };
        self.seen_event = true;
        self.text.clear();
        self.path.push(element);
        Ok(())
    }

    fn open_in_system(&mut self, tag: &BytesStart<'_>, name: &str) -> Result<Element, Reason> {
        if let Some((field, holds)) = Field::of_attribute(name)
            && let Some(value) = attribute(tag, holds)?
        {
            self.fields.set(field, &value)?;
        }
        Ok(Field::of_system(name).map_or(Element::Other, Element::Value))
    }

    fn close(&mut self) -> Result<(), Reason> {
        match self.path.pop() {
            Some(Element::Value(field)) => self.fields.set(field, &self.text),
            Some(_) => Ok(()),
            None => Err(Reason::MalformedXml),
        }
    }

    fn read_text(&mut self, text: &str) -> Result<(), Reason> {
        if let Some(Element::Value(_)) = self.path.last() {
            if self.text.len() + text.len() > LONGEST_VALUE {
                return Err(Reason::TooLarge);
            }
            self.text.push_str(text);
        }
        Ok(())
    }

    fn read_reference(&mut self, reference: &BytesRef<'_>) -> Result<(), Reason> {
        let character = reference.resolve_char_ref().map_err(|_| Reason::MalformedXml)?;
        let character = match (character, reference.as_ref()) {
            (Some(character), _) => character,
            (None, "amp") => '&',
            (None, "lt") => '<',
            (None, "gt") => '>',
            (None, "apos") => '\'',
            (None, "quot") => '"',
            (None, _) => return Err(Reason::UnknownEntity),
        };
        self.read_text(character.encode_utf8(&mut [0; 4]))
    }

    fn finish(self) -> Result<Fields, Reason> {
        if self.path.is_empty() && self.seen_event { Ok(self.fields) } else { Err(Reason::MalformedXml) }
    }
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Result<Option<String>, Reason> {
    let mut found = None;
    for attribute in tag.attributes() {
        let attribute = attribute.map_err(|_| Reason::MalformedXml)?;
        if attribute.key.as_ref() == name {
            let value = attribute.normalized_value(XmlVersion::Implicit1_0);
            found = Some(value.map_err(|_| Reason::UnknownEntity)?.into_owned());
        }
    }
    Ok(found)
}
