//! The fields in the words of those who send lists.

use domain::record::Field;

use crate::problem::Lang;

/// What `field` is called in a sentence, such as `nama pemilik`.
pub fn name(field: Field, lang: Lang) -> &'static str {
    let (indonesian, english) = both(field);
    match lang {
        Lang::Indonesian => indonesian,
        Lang::English => english,
    }
}

fn both(field: Field) -> (&'static str, &'static str) {
    match field {
        Field::OwnNumber => ("nomor milik perangkat daerah", "agency's own number"),
        Field::OwnerName => ("nama pemilik", "owner's name"),
        Field::Nik => ("NIK", "NIK"),
        Field::FamilyCard => ("nomor kartu keluarga", "family card number"),
        Field::Sex => ("jenis kelamin", "sex"),
        Field::BirthDate => ("tanggal lahir", "date of birth"),
        Field::BusinessName => ("nama usaha", "business name"),
        Field::Trade => ("jenis usaha", "trade"),
        Field::Kbli => ("kode KBLI", "KBLI code"),
        Field::LegalForm => ("bentuk badan usaha", "legal form"),
        Field::Nib => ("NIB", "NIB"),
        Field::Npwp => ("NPWP", "NPWP"),
        Field::Pirt => ("nomor P-IRT", "P-IRT number"),
        Field::Halal => ("nomor sertifikat halal", "halal certificate number"),
        Field::BusinessLetter => {
            ("nomor surat keterangan usaha", "number of the letter of business")
        }
        Field::Phone => ("nomor telepon", "telephone number"),
        Field::Email => ("alamat surel", "e-mail address"),
        Field::Street => ("alamat", "street and number"),
        Field::RtRw => ("RT/RW", "RT and RW"),
        Field::Rt => ("RT", "RT"),
        Field::Rw => ("RW", "RW"),
        Field::Kelurahan => ("kelurahan", "kelurahan"),
        Field::Kecamatan => ("kecamatan", "kecamatan"),
        Field::City => ("kota atau kabupaten", "city or regency"),
        Field::Latitude => ("garis lintang", "latitude"),
        Field::Longitude => ("garis bujur", "longitude"),
        Field::Established => ("tahun berdiri", "year of establishment"),
        Field::AnnualSales => ("omzet setahun", "sales of a year"),
        Field::MonthlySales => ("omzet sebulan", "sales of a month"),
        Field::Capital => ("modal", "capital"),
        Field::LoanCapital => ("modal pinjaman", "borrowed capital"),
        Field::Assets => ("aset", "assets"),
        Field::Workers => ("jumlah tenaga kerja", "workers"),
        Field::WorkersMale => ("tenaga kerja laki-laki", "male workers"),
        Field::WorkersFemale => ("tenaga kerja perempuan", "female workers"),
        Field::Status => ("status usaha", "state of the business"),
        Field::Website => ("situs web atau media sosial", "web site or social media"),
        Field::RecordedOn => ("tanggal pendataan", "date of the row"),
        Field::Remark => ("keterangan", "remark"),
        Field::CorrectionAnswer => ("jawaban atas perbaikan", "answer to corrections"),
    }
}
