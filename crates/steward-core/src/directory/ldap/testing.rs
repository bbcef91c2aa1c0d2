//! A domain controller of the tests' own: LDAP over TLS on this machine, with answers as the test gives them.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use lber::common::TagClass;
use lber::structure::{PL, StructureTag};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::{LdapDirectory, LdapSettings};

pub(super) const DOMAIN: &str = "corp.example.test";
pub(super) const PASSWORD: &str = "correct horse battery staple";

static NUMBER: AtomicU32 = AtomicU32::new(0);

/// Signs certificates.
pub(super) struct Authority(CertifiedIssuer<'static, KeyPair>);

/// What one request is answered with.
pub(super) enum Answer {
    /// Nothing, and the connection stays open.
    Silence,
    /// The connection ends.
    Close,
    /// A result code and words.
    Result(u32, &'static str),
    /// Objects, then success; with the cookie of a next page if there is one.
    Objects(Vec<Object>, &'static str),
    /// A reference to another domain, then objects and success.
    WithReference(Vec<Object>),
}

/// A name, and attributes with values.
pub(super) type Object = (String, Vec<(&'static str, Vec<Vec<u8>>)>);

/// What was asked, a line for each request.
pub(super) type Asked = Arc<Mutex<Vec<String>>>;

impl Authority {
    pub(super) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        // Each has a name of its own, by which it is looked for.
        let serial = NUMBER.fetch_add(1, Ordering::Relaxed);
        params.distinguished_name.push(DnType::CommonName, format!("authority {serial}"));
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    pub(super) fn pem(&self) -> String {
        self.0.pem()
    }

    fn server(&self, name: &str) -> Arc<ServerConfig> {
        let key = KeyPair::generate().unwrap();
        let certificate =
            CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, &self.0).unwrap();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder =
            ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        Arc::new(
            builder.with_no_client_auth().with_single_cert(vec![certificate.der().clone()], key).unwrap(),
        )
    }

    /// A domain controller with a certificate for this name.
    pub(super) async fn controller(
        &self,
        name: &str,
        answer: impl Fn(&str) -> Answer + Send + Sync + 'static,
    ) -> (SocketAddr, Asked) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, asked) = (listener.local_addr().unwrap(), Asked::default());
        let (tls, answer, noted) = (TlsAcceptor::from(self.server(name)), Arc::new(answer), asked.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (tls, answer, noted) = (tls.clone(), answer.clone(), noted.clone());
                tokio::spawn(async move {
                    if let Ok(stream) = tls.accept(stream).await {
                        serve(stream, &*answer, &noted).await;
                    }
                });
            }
        });
        (address, asked)
    }

    /// The domain, with these controllers and short deadlines.
    pub(super) fn directory(&self, controllers: Vec<SocketAddr>) -> LdapDirectory {
        let settings = LdapSettings {
            domain: DOMAIN.to_owned(),
            controllers: controllers.iter().map(SocketAddr::ip).collect(),
            ca_pem: self.pem(),
            user: "svc-leave".to_owned(),
            password: PASSWORD.to_owned().into(),
        };
        let directory = LdapDirectory::new(settings).unwrap();
        LdapDirectory {
            controllers,
            operation: Duration::from_secs(6),
            connect: Duration::from_secs(1),
            ..directory
        }
    }
}

/// One that lets our account in and answers everything else so.
pub(super) fn after_bind(answer: impl Fn(&str) -> Answer) -> impl Fn(&str) -> Answer {
    move |asked| if asked.starts_with("bind") { Answer::Result(0, "") } else { answer(asked) }
}

async fn serve(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    answer: &impl Fn(&str) -> Answer,
    asked: &Asked,
) {
    let mut received = Vec::new();
    loop {
        let request = loop {
            match lber::Parser::new().parse(&received) {
                Ok((rest, tag)) => {
                    received = rest.to_vec();
                    break tag;
                }
                Err(_) => match stream.read_buf(&mut received).await {
                    Ok(length) if length > 0 => {}
                    _ => return,
                },
            }
        };
        let mut parts = request.expect_constructed().unwrap().into_iter();
        let (id, operation) = (parts.next().unwrap(), parts.next().unwrap());
        let (name, last) = match operation.id {
            0 => ("bind", 1),
            3 => ("search", 5),
            6 => ("modify", 7),
            10 => ("delete", 11),
            _ => return,
        };
        let line = format!(
            "{name} {}{}",
            shown(&operation),
            parts.map(|control| shown(&control)).collect::<String>()
        );
        let answer = answer(&line);
        asked.lock().unwrap().push(line);
        let replies = match answer {
            Answer::Silence => continue,
            Answer::Close => return,
            Answer::Result(code, text) => vec![vec![id, result(last, code, text)]],
            Answer::Objects(objects, cookie) => {
                let entries = objects.into_iter().map(|found| vec![id.clone(), entry(found)]);
                entries.chain([vec![id.clone(), result(last, 0, ""), page(cookie)]]).collect()
            }
            Answer::WithReference(objects) => {
                let reference = application(19, PL::C(vec![octets(b"ldap://other.example.test/DC=other")]));
                let entries = objects.into_iter().map(|found| vec![id.clone(), entry(found)]);
                [vec![id.clone(), reference]]
                    .into_iter()
                    .chain(entries)
                    .chain([vec![id.clone(), result(last, 0, "")]])
                    .collect()
            }
        };
        for reply in replies {
            let mut bytes = Default::default();
            lber::write::encode_into(&mut bytes, universal(16, PL::C(reply))).unwrap();
            if stream.write_all(&bytes).await.is_err() {
                return;
            }
        }
    }
}

/// A request as a text: brackets for what has parts, text for what is text, else hexadecimal digits.
fn shown(tag: &StructureTag) -> String {
    match &tag.payload {
        PL::C(parts) => format!("({})", parts.iter().map(shown).collect::<Vec<_>>().join(" ")),
        PL::P(bytes) => match str::from_utf8(bytes) {
            Ok(text) if !text.contains(char::is_control) => text.to_owned(),
            _ => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
        },
    }
}

fn result(id: u64, code: u32, text: &str) -> StructureTag {
    let code = universal(10, PL::P(vec![u8::try_from(code).unwrap()]));
    application(id, PL::C(vec![code, octets(b""), octets(text.as_bytes())]))
}

fn entry((dn, attributes): Object) -> StructureTag {
    let attributes = attributes.into_iter().map(|(name, values)| {
        let values = values.iter().map(|value| octets(value)).collect();
        universal(16, PL::C(vec![octets(name.as_bytes()), universal(17, PL::C(values))]))
    });
    application(4, PL::C(vec![octets(dn.as_bytes()), universal(16, PL::C(attributes.collect()))]))
}

/// The control of paged results, RFC 2696.
fn page(cookie: &str) -> StructureTag {
    let value = universal(16, PL::C(vec![universal(2, PL::P(vec![0])), octets(cookie.as_bytes())]));
    let mut bytes = Default::default();
    lber::write::encode_into(&mut bytes, value).unwrap();
    let control = universal(16, PL::C(vec![octets(b"1.2.840.113556.1.4.319"), octets(&bytes)]));
    StructureTag { class: TagClass::Context, id: 0, payload: PL::C(vec![control]) }
}

fn octets(bytes: &[u8]) -> StructureTag {
    universal(4, PL::P(bytes.to_vec()))
}

fn universal(id: u64, payload: PL) -> StructureTag {
    StructureTag { class: TagClass::Universal, id, payload }
}

fn application(id: u64, payload: PL) -> StructureTag {
    StructureTag { class: TagClass::Application, id, payload }
}
