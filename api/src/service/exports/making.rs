//! A file that is being made: what was read becomes rows of it while the next block is read.

use tabular::{Cell, Encoder, Form, Table};
use tokio::task::JoinHandle;

use crate::error::Error;

/// Rows that were looked at; none for one that belongs in the other file of a national form.
pub(super) type Block = Vec<Option<Vec<Cell>>>;

/// A file that is being made on another thread.
pub(super) struct Making(JoinHandle<Result<File, Error>>);

/// A file as far as it is made.
struct File {
    encoder: Encoder,
    made: Made,
}

/// A file, or the first bytes of one.
#[derive(Debug, Default)]
pub(super) struct Made {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// How many rows it has.
    pub rows: usize,
    /// How many rows belong in the other file.
    pub left_out: usize,
}

impl Making {
    /// Begins a file of such a table.
    pub fn begin(form: Form, table: Table) -> Making {
        Making(tokio::task::spawn_blocking(move || {
            let (encoder, bytes) = Encoder::begin(form, table).map_err(Error::internal)?;
            Ok(File { encoder, made: Made { bytes, ..Made::default() } })
        }))
    }

    /// Goes on with the rows that `block` makes, once those before are in the file.
    pub async fn add(
        self,
        block: impl FnOnce() -> Block + Send + 'static,
    ) -> Result<Making, Error> {
        let mut file = self.file().await?;
        Ok(Making(tokio::task::spawn_blocking(move || {
            file.take(block())?;
            Ok(file)
        })))
    }

    /// Ends the file.
    pub async fn end(self) -> Result<Made, Error> {
        let File { encoder, mut made } = self.file().await?;
        let end = move || {
            let mut rest = encoder.finish().map_err(Error::internal)?;
            std::io::copy(&mut rest, &mut made.bytes)?;
            Ok(made)
        };
        tokio::task::spawn_blocking(end).await.map_err(Error::internal)?
    }

    async fn file(self) -> Result<File, Error> {
        self.0.await.map_err(Error::internal)?
    }
}

impl File {
    fn take(&mut self, block: Block) -> Result<(), Error> {
        let looked_at = block.len();
        let rows: Vec<Vec<Cell>> = block.into_iter().flatten().collect();
        self.made.rows += rows.len();
        self.made.left_out += looked_at - rows.len();
        self.made.bytes.extend(self.encoder.block(rows).map_err(Error::internal)?);
        Ok(())
    }
}
