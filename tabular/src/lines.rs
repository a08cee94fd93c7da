use serde_json::Value;

use crate::cell::moment;
use crate::{Cell, Column, Error};

pub(crate) fn block(columns: &[Column], rows: &[Vec<Cell>]) -> Result<Vec<u8>, Error> {
    let mut out = vec![];
    for row in rows {
        for (at, (column, cell)) in columns.iter().zip(row).enumerate() {
            out.push(if at == 0 { b'{' } else { b',' });
            serde_json::to_writer(&mut out, &column.name)?;
            out.push(b':');
            serde_json::to_writer(&mut out, &value(cell))?;
        }
        out.extend_from_slice(b"}\n");
    }
    Ok(out)
}

fn value(cell: &Cell) -> Value {
    match cell {
        Cell::Nothing => Value::Null,
        Cell::Text(it) => it.as_str().into(),
        Cell::Texts(it) => it.as_slice().into(),
        Cell::Whole(it) => (*it).into(),
        Cell::Decimal(it) => (*it).into(),
        Cell::Boolean(it) => (*it).into(),
        Cell::Date(it) => it.to_string().into(),
        Cell::Moment(it) => moment(it).into(),
    }
}
