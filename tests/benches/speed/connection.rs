//! A connection that costs little beside the server: requests as bytes, over and over.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// A connection that is kept.
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
    head: usize,
}

/// What an answer was.
pub struct Answer {
    pub status: u16,
    /// It tells of errors.
    pub errors: bool,
    /// With its head.
    #[allow(dead_code, reason = "not every bench that shares this file counts them")]
    pub bytes: usize,
}

impl Answer {
    /// It is 200 and without errors.
    pub fn is_whole(&self) -> bool {
        self.status == 200 && !self.errors
    }
}

impl Connection {
    pub async fn open(port: u16) -> Result<Connection, Failure> {
        let stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.set_nodelay(true)?;
        Ok(Connection { stream, buffer: vec![], head: 0 })
    }

    /// Sends a request and reads its answer.
    pub async fn ask(&mut self, request: &[u8]) -> Result<Answer, Failure> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        let length = loop {
            if let Some(head) = find(&self.buffer, b"\r\n\r\n") {
                self.head = head + 4;
                let text = std::str::from_utf8(&self.buffer[..head])?.to_ascii_lowercase();
                let length = text.lines().find_map(|it| it.strip_prefix("content-length:"));
                break length.ok_or("an answer without its length")?.trim().parse::<usize>()?;
            }
            self.more().await?;
        };
        while self.buffer.len() < self.head + length {
            self.more().await?;
        }
        let status = self.buffer.get(9..12).ok_or("an answer without its status")?;
        let status = std::str::from_utf8(status)?.parse()?;
        let body = self.body();
        let errors = body.starts_with(b"{\"errors\"") || find(body, b"\"errors\":").is_some();
        Ok(Answer { status, errors, bytes: self.buffer.len() })
    }

    /// The body of the last answer.
    #[allow(dead_code, reason = "not every bench that shares this file reads what is said")]
    pub fn body(&self) -> &[u8] {
        &self.buffer[self.head..]
    }

    async fn more(&mut self) -> Result<(), Failure> {
        match self.stream.read_buf(&mut self.buffer).await? {
            0 => Err("the server closed the connection".into()),
            _ => Ok(()),
        }
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|it| it == wanted)
}
