//! The agency sheets of the bundled city are read whole, each column with its meaning.

#![expect(clippy::unwrap_used, reason = "the helpers of tests fail the test")]

use std::collections::BTreeMap;
use std::path::PathBuf;

use domain::record::Field;
use ingest::file::{self, Limits};
use ingest::interpret::{RowOutcome, interpret};
use ingest::plan::{Plan, plan};
use ingest::read::{RowKind, rows};

struct Whole {
    plan: Plan,
    kinds: BTreeMap<String, usize>,
    accepted: usize,
    rejected: usize,
    per_field: BTreeMap<Field, usize>,
}

fn read(name: &str) -> Whole {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../sample").join(name);
    let mut file = file::open(&path, name, &Limits::default()).unwrap();
    let plan = plan(&mut file, None).unwrap();
    let mut whole = Whole {
        plan: plan.clone(),
        kinds: BTreeMap::new(),
        accepted: 0,
        rejected: 0,
        per_field: BTreeMap::new(),
    };
    for row in rows(&file, &plan).unwrap() {
        let row = row.unwrap();
        *whole.kinds.entry(format!("{:?}", row.kind)).or_default() += 1;
        match interpret(&plan, &row) {
            RowOutcome::Structural => assert_ne!(row.kind, RowKind::Record),
            RowOutcome::Rejected { .. } => whole.rejected += 1,
            RowOutcome::Accepted { fields, .. } => {
                whole.accepted += 1;
                for (field, _) in fields.iter() {
                    *whole.per_field.entry(field).or_default() += 1;
                }
            }
        }
    }
    whole
}

fn check(name: &str, records: usize, mapping: &str) {
    check_with(name, records, 0, mapping);
}

/// `nameless` rows name neither a person nor a business nor an identifier.
fn check_with(name: &str, records: usize, nameless: usize, mapping: &str) {
    let whole = read(name);
    assert_eq!(whole.plan.questions, [], "{name}");
    let used: Vec<_> = whole.plan.sheets.iter().filter(|it| it.used).collect();
    assert_eq!(used.len(), 1, "{name}");
    let columns: Vec<String> = used[0]
        .columns
        .iter()
        .map(|it| {
            let codes: Vec<&str> = it.fields.iter().map(|it| it.code()).collect();
            if it.ignored { "-".to_owned() } else { codes.join("+") }
        })
        .collect();
    assert_eq!(columns.join(" "), mapping, "{name}");
    assert_eq!(whole.accepted + whole.rejected, records, "{name}: {:?}", whole.kinds);
    assert_eq!(whole.kinds.get("Record"), Some(&records), "{name}: {:?}", whole.kinds);
    assert_eq!(whole.rejected, nameless, "{name}");
}

#[test]
fn disperindakop() {
    check(
        "disperindakop.xlsx",
        6707,
        "- own_number business_name owner_name nik phone street rt_rw kelurahan kecamatan nib npwp \
         kbli trade established capital annual_sales workers email recorded_on",
    );
}

#[test]
fn kecamatan_serang() {
    check(
        "kecamatan_serang.csv",
        2793,
        "- own_number owner_name nik business_name trade street rt_rw kelurahan phone nib npwp \
         established capital annual_sales workers kbli recorded_on",
    );
}

#[test]
fn kecamatan_cipocok_jaya() {
    check(
        "kecamatan_cipocok_jaya.csv",
        1244,
        "- own_number owner_name nik business_name trade street phone email nib npwp established \
         capital annual_sales workers recorded_on",
    );
}

#[test]
fn kecamatan_kasemen() {
    check_with(
        "kecamatan_kasemen.xlsx",
        1583,
        2,
        "- own_number owner_name business_name nik street rt_rw kelurahan phone trade nib established \
         capital annual_sales workers recorded_on",
    );
}

#[test]
fn kecamatan_taktakan() {
    check(
        "kecamatan_taktakan.csv",
        983,
        "- own_number owner_name nik business_name trade street rt_rw kelurahan phone nib npwp \
         established capital annual_sales workers recorded_on",
    );
}

#[test]
fn kecamatan_curug() {
    check_with(
        "kecamatan_curug.csv",
        613,
        1,
        "- own_number owner_name+nik business_name trade street phone nib established recorded_on",
    );
}

#[test]
fn kecamatan_walantaka() {
    check(
        "kecamatan_walantaka.csv",
        1416,
        "- own_number owner_name nik business_name trade street rt_rw kelurahan phone email nib npwp \
         established capital annual_sales workers recorded_on",
    );
}

#[test]
fn pariwisata() {
    check(
        "pariwisata.csv",
        1313,
        "- own_number business_name owner_name nik trade kbli nib npwp street rt_rw kelurahan \
         kecamatan phone email established capital annual_sales workers recorded_on",
    );
}

#[test]
fn kominfo() {
    check_with(
        "kominfo.csv",
        2614,
        1,
        "recorded_on own_number business_name owner_name phone email trade street rt_rw kelurahan \
         kecamatan nib nik npwp kbli established capital annual_sales workers",
    );
}

#[test]
fn hipmikindo() {
    check(
        "hipmikindo.csv",
        2341,
        "- own_number owner_name business_name trade phone email street kecamatan nik nib npwp kbli \
         established capital monthly_sales workers recorded_on",
    );
}

#[test]
fn a_group_line_gives_its_kelurahan_to_the_rows_below() {
    let whole = read("kecamatan_curug.csv");
    assert!(500 < whole.per_field[&Field::Kelurahan], "{:?}", whole.per_field);
    assert!(10 < whole.kinds["Group"]);
}
