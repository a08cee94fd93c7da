use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::NaiveDate;
use parquet::basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical};
use parquet::data_type::{
    BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int32Type, Int64Type,
};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{
    SerializedColumnWriter, SerializedFileWriter, SerializedRowGroupWriter,
};
use parquet::schema::types::Type;

use crate::{Cell, Column, Error, Kind, Table};

/// Rows of a group: what is held in memory.
const GROUP: usize = 10_000;

/// What was written and has not gone out yet.
#[derive(Clone, Default)]
struct Out(Arc<Mutex<Vec<u8>>>);

impl Out {
    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A file of row groups.
pub(crate) struct Groups {
    kinds: Vec<Kind>,
    rows: Vec<Vec<Cell>>,
    file: SerializedFileWriter<Out>,
    out: Out,
}

impl Groups {
    pub(crate) fn begin(table: &Table) -> Result<Groups, Error> {
        let fields = table.columns.iter().map(|it| field(it).map(Arc::new));
        let fields = fields.collect::<Result<_, ParquetError>>()?;
        let schema = Type::group_type_builder("table").with_fields(fields).build()?;
        let notes = table.notes.iter().map(|it| KeyValue::new(it.0.clone(), it.1.clone()));
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_key_value_metadata(Some(notes.collect()))
            .build();
        let out = Out::default();
        let file = SerializedFileWriter::new(out.clone(), Arc::new(schema), Arc::new(properties))?;
        let kinds = table.columns.iter().map(|it| it.kind).collect();
        Ok(Groups { kinds, rows: vec![], file, out })
    }

    pub(crate) fn block(&mut self, rows: Vec<Vec<Cell>>) -> Result<Vec<u8>, Error> {
        self.rows.extend(rows);
        while GROUP <= self.rows.len() {
            let rest = self.rows.split_off(GROUP);
            let full = std::mem::replace(&mut self.rows, rest);
            self.write(&full)?;
        }
        Ok(self.out.take())
    }

    pub(crate) fn finish(mut self) -> Result<Vec<u8>, Error> {
        let rest = std::mem::take(&mut self.rows);
        if !rest.is_empty() {
            self.write(&rest)?;
        }
        self.file.close()?;
        Ok(self.out.take())
    }

    fn write(&mut self, rows: &[Vec<Cell>]) -> Result<(), Error> {
        let mut group = self.file.next_row_group()?;
        for (at, kind) in self.kinds.iter().enumerate() {
            column(&mut group, *kind, rows.iter().map(|row| &row[at]))?;
        }
        group.close()?;
        self.file.flush()?;
        Ok(())
    }
}

fn field(column: &Column) -> Result<Type, ParquetError> {
    let of = |name: &str, physical, logical, repetition| {
        Type::primitive_type_builder(name, physical)
            .with_logical_type(logical)
            .with_repetition(repetition)
            .build()
    };
    let one = |physical, logical| of(&column.name, physical, logical, Repetition::OPTIONAL);
    match column.kind {
        Kind::Text => one(Physical::BYTE_ARRAY, Some(LogicalType::String)),
        Kind::Whole => one(Physical::INT64, None),
        Kind::Decimal => one(Physical::DOUBLE, None),
        Kind::Boolean => one(Physical::BOOLEAN, None),
        Kind::Date => one(Physical::INT32, Some(LogicalType::Date)),
        Kind::Moment => one(Physical::INT64, Some(LogicalType::timestamp(true, TimeUnit::MILLIS))),
        Kind::Texts => {
            let text = Some(LogicalType::String);
            let element = of("element", Physical::BYTE_ARRAY, text, Repetition::REQUIRED)?;
            let list = Type::group_type_builder("list")
                .with_repetition(Repetition::REPEATED)
                .with_fields(vec![Arc::new(element)])
                .build()?;
            Type::group_type_builder(&column.name)
                .with_repetition(Repetition::OPTIONAL)
                .with_logical_type(Some(LogicalType::List))
                .with_fields(vec![Arc::new(list)])
                .build()
        }
    }
}

fn column<'a>(
    group: &mut SerializedRowGroupWriter<'_, Out>,
    kind: Kind,
    cells: impl Iterator<Item = &'a Cell>,
) -> Result<(), Error> {
    let Some(mut to) = group.next_column()? else { return Ok(()) };
    match kind {
        Kind::Text => optional::<ByteArrayType>(&mut to, cells, |it| match it {
            Cell::Text(it) => Some(ByteArray::from(it.as_str())),
            _ => None,
        }),
        Kind::Whole => optional::<Int64Type>(&mut to, cells, |it| match it {
            Cell::Whole(it) => Some(*it),
            _ => None,
        }),
        Kind::Decimal => optional::<DoubleType>(&mut to, cells, |it| match it {
            Cell::Decimal(it) if it.is_finite() => Some(*it),
            _ => None,
        }),
        Kind::Boolean => optional::<BoolType>(&mut to, cells, |it| match it {
            Cell::Boolean(it) => Some(*it),
            _ => None,
        }),
        Kind::Date => optional::<Int32Type>(&mut to, cells, |it| match it {
            Cell::Date(it) => {
                let days = it.signed_duration_since(NaiveDate::default()).num_days();
                i32::try_from(days).ok()
            }
            _ => None,
        }),
        Kind::Moment => optional::<Int64Type>(&mut to, cells, |it| match it {
            Cell::Moment(it) => Some(it.timestamp_millis()),
            _ => None,
        }),
        Kind::Texts => repeated(&mut to, cells),
    }?;
    to.close()?;
    Ok(())
}

/// Cells of which each is there (level 1) or not (0).
fn optional<'a, T: DataType>(
    to: &mut SerializedColumnWriter<'_>,
    cells: impl Iterator<Item = &'a Cell>,
    value: impl Fn(&Cell) -> Option<T::T>,
) -> Result<(), Error> {
    let (mut values, mut levels) = (vec![], vec![]);
    for cell in cells {
        let value = value(cell);
        levels.push(i16::from(value.is_some()));
        values.extend(value);
    }
    to.typed::<T>().write_batch(&values, Some(&levels), None)?;
    Ok(())
}

/// Lists: not there (level 0), empty (1), or with texts (2), of which each but the first repeats the list.
fn repeated<'a>(
    to: &mut SerializedColumnWriter<'_>,
    cells: impl Iterator<Item = &'a Cell>,
) -> Result<(), Error> {
    let (mut values, mut levels, mut repeats) = (vec![], vec![], vec![]);
    for cell in cells {
        match cell {
            Cell::Texts(texts) if !texts.is_empty() => {
                for (at, text) in texts.iter().enumerate() {
                    values.push(ByteArray::from(text.as_str()));
                    levels.push(2);
                    repeats.push(i16::from(0 < at));
                }
            }
            other => {
                levels.push(i16::from(matches!(other, Cell::Texts(_))));
                repeats.push(0);
            }
        }
    }
    to.typed::<ByteArrayType>().write_batch(&values, Some(&levels), Some(&repeats))?;
    Ok(())
}
