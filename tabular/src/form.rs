/// In which form a table goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Form {
    /// Comma-separated values with a header (RFC 4180), UTF-8.
    Csv,
    /// One JSON object a line, UTF-8.
    JsonLines,
    /// A workbook of Excel: the rows, and a sheet that says what they are.
    Xlsx,
    /// Apache Parquet, compressed with Snappy.
    Parquet,
}

impl Form {
    /// Every form.
    pub const ALL: [Form; 4] = [Form::Csv, Form::JsonLines, Form::Xlsx, Form::Parquet];

    /// The word for it, which is also how its files end.
    pub fn code(self) -> &'static str {
        match self {
            Form::Csv => "csv",
            Form::JsonLines => "jsonl",
            Form::Xlsx => "xlsx",
            Form::Parquet => "parquet",
        }
    }

    /// The form with this word.
    pub fn from_code(code: &str) -> Option<Form> {
        Form::ALL.into_iter().find(|it| it.code() == code)
    }

    /// Its media type, with the character set where it is text.
    pub fn media_type(self) -> &'static str {
        match self {
            Form::Csv => "text/csv; charset=utf-8; header=present",
            Form::JsonLines => "application/jsonl; charset=utf-8",
            Form::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Form::Parquet => "application/vnd.apache.parquet",
        }
    }
}
