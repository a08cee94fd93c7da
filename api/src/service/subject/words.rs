//! Codes as a citizen reads them, in Indonesian.

use domain::amount::{Rupiah, grouped};
use domain::enterprise::{Attribute, Value};
use domain::place::{kecamatan_by_code, kelurahan_by_code};

use crate::store::profile_json::read_value;

/// A value of an attribute, as it is kept.
pub fn value(attribute: &str, text: &str) -> String {
    let value = Attribute::from_code(attribute).and_then(|it| read_value(it, text));
    match value {
        Some(Value::Kecamatan(code)) => {
            kecamatan_by_code(code).map_or_else(|| text.to_owned(), |it| it.name.clone())
        }
        Some(Value::Kelurahan(code)) => {
            kelurahan_by_code(code).map_or_else(|| text.to_owned(), |it| it.name.clone())
        }
        Some(Value::Kbli(code)) => format!("{} (KBLI {code})", code.title()),
        Some(Value::Rupiah(it)) => rupiah(it),
        Some(Value::Sales(it)) if it.from_month => {
            let month = rupiah(Rupiah(it.annual.0 / 12));
            format!("{} setahun (12 x {month} sebulan)", rupiah(it.annual))
        }
        Some(Value::Sales(it)) => format!("{} setahun", rupiah(it.annual)),
        Some(Value::Count(it)) => format!("{it} orang"),
        _ => text.to_owned(),
    }
}

fn rupiah(it: Rupiah) -> String {
    let sign = if it.0 < 0 { "-" } else { "" };
    format!("{sign}Rp{}", grouped(it.0.unsigned_abs()))
}

/// In which role somebody read.
pub fn role(code: &str) -> &str {
    match code {
        "public" => "masyarakat umum",
        "developer" => "pengembang aplikasi",
        "owner" => "pemilik usaha",
        "agency_viewer" => "petugas instansi",
        "agency_operator" => "operator data instansi",
        "steward" => "walidata",
        "administrator" => "administrator sistem",
        "lender" => "petugas lembaga keuangan",
        "central_bank" => "bank sentral",
        "auditor" => "pengawas pelindungan data",
        "command_line" => "pengelola sistem",
        other => other,
    }
}

/// What for.
pub fn purpose(code: &str) -> &str {
    match code {
        "statistics" => "statistik",
        "development" => "pengembangan",
        "public_service" => "pelayanan publik",
        "data_quality" => "mutu data",
        "administration" => "pengelolaan sistem",
        "financing" => "pembiayaan",
        "audit" => "pengawasan",
        "subject_request" => "permintaan pemilik data",
        "break_glass" => "keadaan darurat",
        other => other,
    }
}

/// What is known by a code: an attribute, a column of a list, or what the log calls what was read.
pub fn attribute(code: &str) -> &str {
    match code {
        "business_name" => "nama usaha",
        "trade" => "jenis usaha",
        "kbli" => "kelompok usaha (KBLI)",
        "legal_form" => "bentuk usaha",
        "nib" => "NIB",
        "owner_name" => "nama pemilik",
        "nik" => "NIK",
        "npwp" => "NPWP",
        "phone" => "telepon",
        "email" => "surel",
        "street" => "alamat",
        "rt_rw" => "RT/RW",
        "rt" => "RT",
        "rw" => "RW",
        "kelurahan" => "kelurahan",
        "kecamatan" => "kecamatan",
        "city" => "kota",
        "latitude" => "lintang",
        "longitude" => "bujur",
        "established" => "mulai usaha",
        "annual_sales" => "omzet setahun",
        "monthly_sales" => "omzet sebulan",
        "capital" => "modal",
        "loan_capital" => "modal pinjaman",
        "assets" => "aset",
        "workers" => "tenaga kerja",
        "workers_male" => "tenaga kerja laki-laki",
        "workers_female" => "tenaga kerja perempuan",
        "pirt" => "nomor PIRT",
        "halal" => "sertifikat halal",
        "business_letter" => "surat keterangan usaha",
        "own_number" => "nomor pada daftar",
        "correction_answer" => "jawaban instansi atas permintaan perbaikan",
        "family_card" => "nomor KK",
        "birth_date" => "tanggal lahir",
        "sex" => "jenis kelamin",
        "website" => "situs web",
        "pseudonym" => "nama samaran",
        "inclusion" => "ciri umum tanpa nama",
        "status" => "keadaan usaha",
        "recorded_on" => "tanggal pencatatan",
        "remark" => "keterangan",
        "size_class" => "kelas usaha",
        "cells" => "seluruh baris",
        "rows" => "baris yang menyusun usaha",
        "subject_report" => "seluruh data",
        "consent" => "persetujuan",
        "right" => "permintaan Anda",
        "proposed" => "isi perbaikan yang diminta",
        "decision" => "keputusan penautan",
        "id" => "nomor usaha",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::record::Field;
    use domain::viewer::Role;

    #[test]
    fn nobody_reads_a_code() {
        for code in
            Attribute::ALL.iter().map(|it| it.code()).chain(Field::ALL.iter().map(|it| it.code()))
        {
            let named = attribute(code);
            assert!(named != code || ["kelurahan", "kecamatan"].contains(&code), "{code}");
        }
        assert!(Role::ALL.iter().all(|it| role(it.code()) != it.code()));
    }

    #[test]
    fn amounts_and_places_read_as_in_indonesia() {
        for (of, text, expected) in [
            ("annual_sales", "120000000", "Rp120.000.000 setahun"),
            ("annual_sales", "12x10000000", "Rp120.000.000 setahun (12 x Rp10.000.000 sebulan)"),
            ("capital", "4500000", "Rp4.500.000"),
            ("kecamatan", "36.73.02", "Kasemen"),
            ("workers", "3", "3 orang"),
            ("owner_name", "12x", "12x"),
        ] {
            assert_eq!(value(of, text), expected, "{of}");
        }
    }
}
