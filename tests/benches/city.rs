//! The rows of a made city, as lists of their agencies.

use std::collections::BTreeMap;
use std::path::Path;

use domain::agency::AgencyCode;
use domain::viewer::{Role, Viewer};
use tunggal::app::App;
use tunggal::service::ingest::{Options, receive};

/// Headings for the columns of a city after the source.
const HEADINGS: &str = "Kode UMKM,Nama Usaha,Nama Pemilik,NIK,NIB,NPWP,No HP,Email,Alamat,RT/RW,Kelurahan,\
     Kecamatan,KBLI,Jenis Usaha,Tahun Berdiri,Omzet per Tahun,Modal,Jumlah Tenaga Kerja,Tgl Update";

pub type Failure = Box<dyn std::error::Error + Send + Sync>;
/// An agency, and its cells.
pub type Row = (String, Vec<String>);

/// The rows of a city with their sources. `city` is a directory made by `make_city`.
pub fn rows(city: &Path) -> Result<Vec<Row>, Failure> {
    let mut reader = csv::Reader::from_path(city.join("records.csv"))?;
    let mut rows = vec![];
    for record in reader.records() {
        let record = record?;
        let cells = record.iter().enumerate().filter(|it| it.0 != 1).map(|it| it.1.to_owned());
        rows.push((record[1].to_owned(), cells.collect()));
    }
    Ok(rows)
}

/// Takes rows as lists of their agencies.
pub async fn take(app: &App, rows: &[Row]) -> Result<(), Failure> {
    let mut lists: BTreeMap<&str, Vec<&[String]>> = BTreeMap::new();
    for (source, cells) in rows {
        lists.entry(source).or_default().push(cells);
    }
    for (source, rows) in lists {
        let agency = AgencyCode::parse(source)?;
        let list = tempfile::NamedTempFile::new()?;
        let mut writer = csv::Writer::from_writer(list.as_file());
        writer.write_record(HEADINGS.split(','))?;
        for cells in rows {
            writer.write_record(cells)?;
        }
        writer.flush()?;
        drop(writer);
        let by = Viewer {
            subject: "bench".into(),
            role: Role::AgencyOperator,
            agency: Some(agency.clone()),
            ..Viewer::public()
        };
        let options = Options { synthetic: true, ..Options::default() };
        let receipt = receive(app, &by, &agency, list.path(), "list.csv", options).await?;
        if !receipt.questions.is_empty() {
            return Err("the list raised questions".into());
        }
    }
    Ok(())
}
