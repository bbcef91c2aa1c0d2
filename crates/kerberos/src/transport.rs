//! One request and its reply over TCP (RFC 4120 section 7.2.2): each with its length in front.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::Reason;

/// A ticket with the largest PAC that Windows issues (`MaxTokenSize`, 65,535 bytes) fits twice.
const LONGEST_REPLY: usize = 128 * 1024;

/// Sends a request and reads the reply. Never ends by itself if the other side is silent.
pub(crate) async fn ask(address: SocketAddr, request: &[u8]) -> Result<Vec<u8>, Reason> {
    let length = u32::try_from(request.len()).map_err(|_| Reason::Local("the request is too long"))?;
    let mut stream = TcpStream::connect(address).await.map_err(|error| reason(&error))?;
    let frame = [&length.to_be_bytes(), request].concat();
    stream.write_all(&frame).await.map_err(|error| reason(&error))?;
    read_frame(&mut stream).await
}

async fn read_frame(stream: &mut TcpStream) -> Result<Vec<u8>, Reason> {
    let length = stream.read_u32().await.map_err(|error| reason(&error))?;
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    if length == 0 || length > LONGEST_REPLY {
        return Err(Reason::Malformed("its length"));
    }
    let mut reply = vec![0; length];
    stream.read_exact(&mut reply).await.map_err(|error| reason(&error))?;
    Ok(reply)
}

fn reason(error: &io::Error) -> Reason {
    match error.kind() {
        ErrorKind::ConnectionRefused => Reason::Refused,
        ErrorKind::TimedOut => Reason::TimedOut,
        _ => Reason::Broken,
    }
}
