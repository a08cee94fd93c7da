//! Places: the kecamatan and kelurahan of Kota Serang, and how people write them.
//!
//! [`kecamatan`] and [`kelurahan`] list the official areas, [`locate`](locate::locate) reads what an
//! agency wrote. Codes and names follow Kepmendagri 300.2.2-2138/2025 (`data/SOURCES.md`).

use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

pub mod locate;
pub mod rt_rw;

/// A text that is not the code of an area at the expected level.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected an area code of {digits} digits, such as {example}")]
pub struct PlaceCodeError {
    /// How many digits the code has.
    pub digits: usize,
    /// A code of that level.
    pub example: &'static str,
}

/// The Kemendagri code of a kecamatan: 367301 is written `36.73.01`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KecamatanCode(pub u32);

/// The Kemendagri code of a kelurahan or desa: 3673011001 is written `36.73.01.1001`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KelurahanCode(pub u64);

impl KelurahanCode {
    /// The kecamatan it lies in.
    pub fn kecamatan(self) -> KecamatanCode {
        KecamatanCode(u32::try_from(self.0 / 10_000).unwrap_or(0))
    }
}

impl fmt::Display for KecamatanCode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:02}.{:02}.{:02}", self.0 / 10_000, self.0 / 100 % 100, self.0 % 100)
    }
}

impl fmt::Display for KelurahanCode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}.{:04}", self.kecamatan(), self.0 % 10_000)
    }
}

/// The digits of `text` as a number, when it holds exactly `digits` digits and else only dots.
fn digits_of(text: &str, digits: usize) -> Option<u64> {
    let plain: String = text.trim().chars().filter(|it| *it != '.').collect();
    let fits = plain.len() == digits && plain.bytes().all(|it| it.is_ascii_digit());
    if fits { plain.parse().ok() } else { None }
}

impl FromStr for KecamatanCode {
    type Err = PlaceCodeError;

    /// Reads `36.73.01` or `367301`; the area need not be one of Kota Serang.
    fn from_str(text: &str) -> Result<KecamatanCode, PlaceCodeError> {
        let number = digits_of(text, 6).and_then(|it| u32::try_from(it).ok());
        number.map(KecamatanCode).ok_or(PlaceCodeError { digits: 6, example: "36.73.01" })
    }
}

impl FromStr for KelurahanCode {
    type Err = PlaceCodeError;

    /// Reads `36.73.01.1001` or `3673011001`; the area need not be one of Kota Serang.
    fn from_str(text: &str) -> Result<KelurahanCode, PlaceCodeError> {
        let error = PlaceCodeError { digits: 10, example: "36.73.01.1001" };
        digits_of(text, 10).map(KelurahanCode).ok_or(error)
    }
}

/// A kecamatan of Kota Serang.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kecamatan {
    /// Its code.
    pub code: KecamatanCode,
    /// Its official name.
    pub name: String,
}

/// A kelurahan of Kota Serang.
#[derive(Debug, Clone, PartialEq)]
pub struct Kelurahan {
    /// Its code.
    pub code: KelurahanCode,
    /// Its official name; two kelurahan are called Sukawana.
    pub name: String,
    /// The kecamatan it lies in.
    pub kecamatan: KecamatanCode,
    /// The latitude of its centre, in degrees.
    pub latitude: f64,
    /// The longitude of its centre, in degrees.
    pub longitude: f64,
}

struct Gazetteer {
    kecamatan: Vec<Kecamatan>,
    kelurahan: Vec<Kelurahan>,
    /// Regencies and cities of Banten: four digits and name, ordered.
    regencies: Vec<(u32, String)>,
}

static GAZETTEER: LazyLock<Gazetteer> = LazyLock::new(Gazetteer::read);

const CITY: &str = "36.73";

impl Gazetteer {
    fn read() -> Gazetteer {
        let centres = rows(include_str!("../data/serang_kelurahan_centres.csv"));
        let centre_of = |code: KelurahanCode| {
            let row = centres.iter().find(|it| column(it, 0).parse() == Ok(code));
            let degrees = |index| row.and_then(|it| column(it, index).parse::<f64>().ok());
            (degrees(1).unwrap_or(f64::NAN), degrees(2).unwrap_or(f64::NAN))
        };
        let mut read = Gazetteer { kecamatan: vec![], kelurahan: vec![], regencies: vec![] };
        for row in rows(include_str!("../data/regions_banten.csv")) {
            let (code, name) = (column(&row, 0), column(&row, 4).to_owned());
            match column(&row, 2) {
                "kabupaten_kota" => {
                    let number = digits_of(code, 4).and_then(|it| u32::try_from(it).ok());
                    read.regencies.extend(number.map(|it| (it, name)));
                }
                "kecamatan" if code.starts_with(CITY) => {
                    read.kecamatan.extend(code.parse().ok().map(|code| Kecamatan { code, name }));
                }
                "kelurahan_desa" if code.starts_with(CITY) => {
                    if let Ok(code) = code.parse::<KelurahanCode>() {
                        let ((latitude, longitude), kecamatan) =
                            (centre_of(code), code.kecamatan());
                        let area = Kelurahan { code, name, kecamatan, latitude, longitude };
                        read.kelurahan.push(area);
                    }
                }
                _ => {}
            }
        }
        read.kecamatan.sort_by_key(|it| it.code);
        read.kelurahan.sort_by_key(|it| it.code);
        read.regencies.sort();
        read
    }
}

fn rows(text: &str) -> Vec<csv::StringRecord> {
    csv::Reader::from_reader(text.as_bytes()).into_records().filter_map(Result::ok).collect()
}

fn column(row: &csv::StringRecord, index: usize) -> &str {
    row.get(index).unwrap_or_default()
}

/// The kelurahan of Kota Serang as GeoJSON: a feature each, with its code, name and shape, which is simplified.
pub const KELURAHAN_SHAPES: &str = include_str!("../data/serang_kelurahan.geojson");

/// The six kecamatan of Kota Serang, in the order of their codes.
pub fn kecamatan() -> &'static [Kecamatan] {
    &GAZETTEER.kecamatan
}

/// The 67 kelurahan of Kota Serang, in the order of their codes.
pub fn kelurahan() -> &'static [Kelurahan] {
    &GAZETTEER.kelurahan
}

/// The kecamatan of Kota Serang with this code.
pub fn kecamatan_by_code(code: KecamatanCode) -> Option<&'static Kecamatan> {
    let all = kecamatan();
    all.binary_search_by_key(&code, |it| it.code).ok().map(|index| &all[index])
}

/// The kelurahan of Kota Serang with this code.
pub fn kelurahan_by_code(code: KelurahanCode) -> Option<&'static Kelurahan> {
    let all = kelurahan();
    all.binary_search_by_key(&code, |it| it.code).ok().map(|index| &all[index])
}

/// Kilometres between the centres of two kelurahan of Kota Serang; `None` if either lies elsewhere.
pub fn distance_km(a: KelurahanCode, b: KelurahanCode) -> Option<f64> {
    const KM_PER_DEGREE: f64 = 111.2;
    let (a, b) = (kelurahan_by_code(a)?, kelurahan_by_code(b)?);
    let north = (a.latitude - b.latitude) * KM_PER_DEGREE;
    let shrink = ((a.latitude + b.latitude) / 2.0).to_radians().cos();
    let east = (a.longitude - b.longitude) * KM_PER_DEGREE * shrink;
    Some(north.hypot(east))
}

/// The name of a regency or city of Banten by its four-digit code, written `3673` or `36.73`.
pub fn region_name(code: &str) -> Option<&'static str> {
    let number = u32::try_from(digits_of(code, 4)?).ok()?;
    let all = &GAZETTEER.regencies;
    let index = all.binary_search_by_key(&number, |it| it.0).ok()?;
    Some(&all[index].1)
}

/// The two-digit codes of the 38 provinces, with which a NIK may begin, in order (Kemendagri).
pub const PROVINCES: [u8; 38] = [
    11, 12, 13, 14, 15, 16, 17, 18, 19, 21, 31, 32, 33, 34, 35, 36, 51, 52, 53, 61, 62, 63, 64, 65,
    71, 72, 73, 74, 75, 76, 81, 82, 91, 92, 93, 94, 95, 96,
];

/// Whether `code` is the two-digit code of a province.
pub fn is_province(code: u8) -> bool {
    PROVINCES.binary_search(&code).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_city_has_six_kecamatan_and_sixty_seven_kelurahan_with_centres() {
        assert_eq!(kecamatan().len(), 6);
        assert_eq!(kelurahan().len(), 67);
        assert!(kelurahan().iter().all(|it| it.latitude < -5.9 && 106.0 < it.longitude));
        assert!(kelurahan().iter().all(|it| kecamatan_by_code(it.kecamatan).is_some()));
    }

    #[test]
    fn a_code_is_written_with_dots_and_reads_back_with_or_without() {
        let code = KelurahanCode(3_673_011_001);
        assert_eq!(code.to_string(), "36.73.01.1001");
        assert_eq!("36.73.01.1001".parse(), Ok(code));
        assert_eq!("3673011001".parse(), Ok(code));
        assert_eq!(code.kecamatan().to_string(), "36.73.01");
        assert_eq!("36.73.01".parse(), Ok(KecamatanCode(367_301)));
        assert!("36.73.01".parse::<KelurahanCode>().is_err());
        assert!("36.73.0x".parse::<KecamatanCode>().is_err());
    }

    #[test]
    fn distance_is_between_centres_within_the_city() {
        let [serang, cipare, elsewhere] = [3_673_011_001, 3_673_011_002, 3_601_012_001];
        let [serang, cipare, elsewhere] = [serang, cipare, elsewhere].map(KelurahanCode);
        assert_eq!(distance_km(serang, serang), Some(0.0));
        assert!(distance_km(serang, cipare).is_some_and(|it| 0.2 < it && it < 5.0));
        assert_eq!(distance_km(serang, elsewhere), None);
    }

    #[test]
    fn a_region_is_named_and_a_province_is_known() {
        assert_eq!(region_name("36.73"), Some("Kota Serang"));
        assert_eq!(region_name("3604"), Some("Kabupaten Serang"));
        assert_eq!(region_name("9999"), None);
        assert!(is_province(36) && is_province(96) && !is_province(20));
    }
}
