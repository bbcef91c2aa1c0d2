//! A listener on this machine that answers as a test wants.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use picky_asn1::wrapper::ExplicitContextTag2 as Tag2;
use picky_krb::data_types::EncryptedData;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::Recorded;
use super::recorded::{part_of, refusal, reply_with};
use crate::der;
use crate::key::{Key, Usage};
use crate::message::{AsReq, Name, integer, number};

/// What a listener does with a request.
#[derive(Clone)]
pub(crate) enum Answer {
    /// Sends these bytes as they are and closes.
    Bytes(Vec<u8>),
    /// Sends these bytes slowly.
    Trickle(Vec<u8>),
    /// Says nothing and keeps the connection open.
    Silence,
    /// What a KDC says that knows MIT's recorded account.
    Genuine,
}

impl Answer {
    /// A reply with its length in front.
    pub(crate) fn reply(reply: &[u8]) -> Self {
        Self::Bytes(frame(reply))
    }
}

/// A listener, and how many connections it got.
pub(crate) struct Kdc {
    pub(crate) address: SocketAddr,
    connections: Arc<AtomicUsize>,
}

impl Kdc {
    pub(crate) async fn start(answer: Answer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let kdc = Self { address: listener.local_addr().unwrap(), connections: Arc::default() };
        let connections = Arc::clone(&kdc.connections);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                connections.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(serve(stream, answer.clone()));
            }
        });
        kdc
    }

    /// An address at which nothing listens.
    pub(crate) async fn nobody() -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap().to_string()
    }

    pub(crate) fn name(&self) -> String {
        self.address.to_string()
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

async fn serve(mut stream: TcpStream, answer: Answer) {
    let length = stream.read_u32().await.unwrap();
    let mut request = vec![0; usize::try_from(length).unwrap()];
    stream.read_exact(&mut request).await.unwrap();
    match answer {
        Answer::Bytes(bytes) => drop(stream.write_all(&bytes).await),
        Answer::Trickle(bytes) => {
            for byte in bytes {
                if stream.write_all(&[byte]).await.is_err() {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        Answer::Silence => std::future::pending().await,
        Answer::Genuine => drop(stream.write_all(&frame(&genuine(&request))).await),
    }
}

fn genuine(request: &[u8]) -> Vec<u8> {
    let known = Recorded::MIT;
    let request: AsReq = der::read(request).unwrap();
    if request.0.req_body.0.cname.0 != Name::user(known.user) {
        return refusal(6);
    }
    let Some(padata) = &request.0.padata.0 else { return known.asks_for_proof.to_vec() };
    let proof: EncryptedData = der::read(&padata.0.0[0].padata_data.0.0).unwrap();
    let key: Key = known.key();
    if key.decrypt(Usage::Timestamp, &proof.cipher.0.0).is_none() {
        return refusal(24);
    }
    let mut part = part_of(known.ticket, &key);
    part.nonce = Tag2::from(integer(number(&request.0.req_body.0.nonce.0).unwrap()));
    reply_with(known.ticket, part, &key)
}

fn frame(reply: &[u8]) -> Vec<u8> {
    [&u32::try_from(reply.len()).unwrap().to_be_bytes(), reply].concat()
}
