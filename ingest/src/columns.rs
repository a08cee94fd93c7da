//! What agencies' headings mean.

use std::collections::HashMap;
use std::sync::LazyLock;

use domain::record::Field;

use crate::heading::{without_brackets, words};

/// Headings as words, by what they mean. The first words of a line are the most exact; those after `~`
/// may mean something else in another company.
const DICTIONARY: &[(Field, &str)] = &[
    (
        Field::OwnNumber,
        "no registrasi|nomor registrasi|no reg|no register|nomor register|reg|nomor sku|no sku|no agenda|nomor agenda|nomor surat|no surat|no tdup reg|no tdup|nomor tdup|no anggota|nomor anggota|kode peserta|id peserta|no peserta|nomor peserta|kode umkm|id umkm|no umkm|nomor umkm|id pelaku usaha|no induk|nomor induk|no kta|kta|kode usaha|id usaha|nomor urut pendaftaran|no pendaftaran|nomor pendaftaran|no berkas|registrasi|kode|id",
    ),
    (
        Field::OwnerName,
        "nama pemilik|pemilik|nama pemohon|pemohon|nama lengkap pemilik|nama lengkap|nama pemilik usaha|penanggung jawab|nama penanggung jawab|nama owner|owner|pengusaha|nama pengusaha|nama anggota|nama pelaku usaha|pelaku usaha|nama pimpinan|pimpinan|nama direktur|direktur|nama ketua|nama peserta|peserta|nama sesuai ktp|nama pemilik sesuai ktp|nama pelaku umkm|pemilik nama|pemilik usaha|pemilik nama lengkap|nama pj|nama pemilik penanggung jawab|nama wajib pajak|nama pedagang|pedagang|nama pengrajin|pengrajin|nama perajin|data pemilik nama|identitas pemilik nama|pelaku usaha nama|owner name|~nama",
    ),
    (
        Field::Nik,
        "nik|no ktp|nomor ktp|ktp|no nik|nomor nik|no identitas|nomor identitas|nik pemilik|nik ktp|ktp nik|nik no ktp|no ktp nik|no nik ktp|nomor induk kependudukan|nik penanggung jawab|nik pemohon|nik anggota|nik pelaku usaha|pemilik nik|no ktp pemilik|no ktp sim|nik owner|national id",
    ),
    (
        Field::FamilyCard,
        "no kk|nomor kk|kk|no kartu keluarga|nomor kartu keluarga|kartu keluarga|nkk",
    ),
    (
        Field::Sex,
        "jenis kelamin|l p|p l|jk|kelamin|gender|sex|lk pr|laki laki perempuan|jns kelamin|pemilik l p|pemilik jk",
    ),
    (
        Field::BirthDate,
        "tanggal lahir|tgl lahir|tempat tanggal lahir|tempat tgl lahir|ttl|tempat dan tanggal lahir|pemilik tgl lahir",
    ),
    (
        Field::BusinessName,
        "nama usaha|usaha|nama jenis usaha|nama umkm|umkm|merek|merk|nama merek|merek usaha|nama perusahaan|nama perusahaan usaha|perusahaan|nama ikm|ikm|nama toko|nama warung|nama usaha merek|nama brand|brand|nama usaha umkm|nama badan usaha|usaha nama|nama usaha perusahaan|nama kegiatan usaha|nama unit usaha|nama kios|nama tempat usaha|data usaha nama|profil usaha nama|nama dagang|merk dagang|merek dagang|business name|~nama produk merek",
    ),
    (
        Field::Trade,
        "jenis usaha|bidang usaha|bidang|sektor|sektor usaha|jenis|produk|komoditi|komoditas|jenis produk|nama produk|produk utama|kegiatan usaha|klasifikasi usaha|kategori usaha|kategori|jenis kegiatan usaha|bidang usaha utama|usaha jenis|jenis dagangan|dagangan|subsektor|sub sektor|uraian kbli|deskripsi usaha|keterangan usaha|jenis barang|jenis barang jasa|produk usaha|jenis komoditi",
    ),
    (Field::Kbli, "kbli|kode kbli|no kbli|kbli 2020|nomor kbli"),
    (
        Field::LegalForm,
        "badan hukum|bentuk usaha|bentuk badan usaha|bentuk badan hukum|status badan hukum|jenis badan usaha|legal form",
    ),
    (
        Field::Nib,
        "nib|no nib|nomor nib|nomor induk berusaha|no induk berusaha|legalitas nib|nib oss|izin usaha nib|perizinan nib",
    ),
    (Field::Npwp, "npwp|no npwp|nomor npwp|npwp usaha|npwp pemilik|legalitas npwp|npwp pribadi"),
    (
        Field::Pirt,
        "pirt|p irt|no pirt|nomor pirt|no p irt|spp irt|legalitas pirt|izin pirt|sertifikat pirt|pirt no",
    ),
    (
        Field::Halal,
        "halal|sertifikat halal|no halal|no sertifikat halal|nomor halal|nomor sertifikat halal|legalitas halal|id halal|sertifikasi halal",
    ),
    (
        Field::BusinessLetter,
        "sku|skdu|surat keterangan usaha|no skdu|iumk|no iumk|nomor iumk|siup|no siup|tdp|legalitas iumk|surat izin|nomor surat keterangan usaha|no surat keterangan usaha",
    ),
    (
        Field::Phone,
        "no hp|hp|hp wa|no hp wa|no telp|no tlp|telp|tlp|kontak|no whatsapp|whatsapp|wa|no wa|telepon|no telepon|nomor telepon|nomor hp|no handphone|nomor handphone|handphone|no telp hp|no hp telp|telp hp|telepon hp|no kontak|nomor kontak|nomor whatsapp|nomor wa|no hp wa aktif|no hp aktif|contact person|cp|kontak person|pemilik no hp wa|pemilik no hp|pemilik hp|no telpon|telpon|nomor hp wa|phone|no hp pemilik|telp wa|no telp wa|hp wa aktif|no telepon hp|hp whatsapp|no hp whatsapp|no telepon wa",
    ),
    (Field::Email, "email|e mail|alamat email|surel|alamat surel|alamat e mail|pemilik email"),
    (
        Field::Street,
        "alamat|alamat usaha|jalan|alamat lengkap|alamat jalan|alamat usaha jalan|alamat lengkap usaha|alamat tempat usaha|lokasi usaha|lokasi|alamat perusahaan|alamat toko|kampung|nama jalan|jln|lingkungan|alamat kampung|usaha alamat|alamat usaha alamat|~alamat rumah|~alamat pemilik|~alamat ktp|~alamat tinggal|~alamat domisili|~alamat pemohon|~pemilik alamat|~alamat sesuai ktp",
    ),
    (Field::RtRw, "rt rw|alamat rt rw|alamat usaha rt rw"),
    (Field::Rt, "rt|alamat rt|alamat usaha rt"),
    (Field::Rw, "rw|alamat rw|alamat usaha rw"),
    (
        Field::Kelurahan,
        "kelurahan|desa kel|desa kelurahan|kel desa|kelurahan desa|desa|kel|alamat kelurahan|alamat usaha kelurahan|kelurahan usaha|nama kelurahan|nama desa|alamat desa|alamat desa kel|alamat kel|kel usaha",
    ),
    (
        Field::Kecamatan,
        "kecamatan|kec|alamat kecamatan|alamat usaha kecamatan|kecamatan usaha|nama kecamatan|alamat kec",
    ),
    (Field::City, "kota|kabupaten|kabupaten kota|kab kota|kota kabupaten|kota kab"),
    (Field::Latitude, "latitude|lat|lintang|garis lintang|koordinat lintang|koordinat lat"),
    (Field::Longitude, "longitude|long|lng|lon|bujur|garis bujur|koordinat bujur|koordinat long"),
    (
        Field::Established,
        "tahun berdiri|thn tgl berdiri|tahun mulai|thn mulai|mulai usaha|sejak|berdiri sejak|berdiri|tgl berdiri|tanggal berdiri|thn berdiri|tahun mulai usaha|tahun pendirian|usaha sejak|th berdiri|tgl mulai usaha|tanggal mulai usaha|tahun usaha|mulai berdiri|tahun tgl berdiri|lama berdiri sejak|tahun berdiri usaha",
    ),
    (
        Field::AnnualSales,
        "omzet tahun|omset tahun|omzet tahunan|omset tahunan|omzet per tahun|omset per tahun|omzet thn|omset thn|omzet setahun|omset setahun|omzet pertahun|omset pertahun|penjualan per tahun|penjualan tahunan|hasil penjualan tahunan|nilai penjualan|omzet th|omset th|omzet rp tahun|omzet per th|pendapatan per tahun|~omset|~omzet|~omzet usaha|~omset usaha|~penjualan|~pendapatan|~penghasilan",
    ),
    (
        Field::MonthlySales,
        "omset per bulan|omzet per bulan|omset bulan|omzet bulan|omset bulanan|omzet bulanan|omset perbulan|omzet perbulan|omset bln|omzet bln|omset sebulan|omzet sebulan|penjualan per bulan|pendapatan per bulan|penghasilan per bulan|rata rata omset per bulan|rata rata omzet per bulan|omset rata rata per bulan",
    ),
    (
        Field::Capital,
        "modal|modal awal|modal usaha|modal sendiri|nilai modal|jumlah modal|modal kerja|nilai investasi|investasi|total modal|permodalan|modal dasar",
    ),
    (
        Field::LoanCapital,
        "modal luar|modal pinjaman|pinjaman|modal hutang|kredit|modal kredit|pinjaman modal|modal pinjaman luar",
    ),
    (
        Field::Assets,
        "aset|asset|nilai aset|total aset|kekayaan|nilai asset|total asset|jumlah aset|aset usaha",
    ),
    (
        Field::Workers,
        "tenaga kerja|jumlah tenaga kerja|jml tenaga kerja|tk|jumlah tk|jml tk|karyawan|jumlah karyawan|jml karyawan|pekerja|jumlah pekerja|jml pekerja|jumlah pegawai|pegawai|jumlah tenaga kerja orang|naker|jumlah naker|tenaga kerja jumlah|tenaga kerja jml|tenaga kerja total|tenaga kerja orang",
    ),
    (
        Field::WorkersMale,
        "tenaga kerja l|tenaga kerja laki laki|tk l|karyawan l|karyawan laki laki|pekerja laki laki|tk laki laki|tenaga kerja pria|jumlah tenaga kerja l|jml tenaga kerja l|tk lk|tenaga kerja lk|karyawan pria|jumlah tenaga kerja laki laki",
    ),
    (
        Field::WorkersFemale,
        "tenaga kerja p|tenaga kerja perempuan|tk p|karyawan p|karyawan perempuan|pekerja perempuan|tk perempuan|tenaga kerja wanita|jumlah tenaga kerja p|jml tenaga kerja p|tk pr|tenaga kerja pr|karyawan wanita|jumlah tenaga kerja perempuan",
    ),
    (
        Field::Status,
        "status|status usaha|aktif|status aktif|kondisi usaha|keadaan usaha|aktif tidak aktif|status keaktifan|keterangan aktif",
    ),
    (
        Field::Website,
        "website|web|instagram|ig|facebook|fb|media sosial|medsos|sosial media|akun instagram|akun medsos|link toko online|marketplace|toko online|alamat website",
    ),
    (
        Field::RecordedOn,
        "tgl update|tanggal update|tgl input|tanggal input|timestamp|tanggal surat|tgl surat|didata|terdaftar|update terakhir|tanggal|tgl|tanggal pendataan|tgl pendataan|tahun pendataan|tanggal daftar|tgl daftar|tanggal registrasi|tgl registrasi|tanggal terdaftar|tgl terdaftar|terakhir diperbarui|tanggal data|cap waktu|stempel waktu|tgl didata|tanggal pengajuan|tgl pengajuan|tanggal terbit|tgl terbit|tanggal masuk|tgl masuk|tanggal pendaftaran|tgl pendaftaran",
    ),
    (Field::Remark, "keterangan|ket|catatan|remark|remarks|keterangan lain|ket lain|lain lain"),
];

/// Headings of columns that say nothing of an enterprise: the count of rows, and what the hub itself
/// writes into the workbook it gives back.
const IGNORED: &str = "no|nomor|no urut|nomor urut|urut|nmr|status tunggal|perbaikan|kode tunggal|yang perlu diperbaiki|usulan nama usaha|usulan kelurahan|usulan kbli|diterima ya tidak|alasan bila tidak|paraf|ttd|tanda tangan|foto|foto usaha|foto ktp|nama pasangan|nik pasangan|nama suami|nama istri|nik suami|nik istri|no hp pasangan|nama petugas|petugas|petugas pendata|nama pendata|pendata|surveyor|enumerator";

/// What a heading says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Meaning {
    /// It means the fields (two for "Nama Pemilik / NIK"), as surely as the figure says, 0 to 1.
    Fields(Field, Option<Field>, f32),
    /// It is known to say nothing of an enterprise.
    Nothing,
}

static KNOWN: LazyLock<HashMap<&'static str, Meaning>> = LazyLock::new(|| {
    let mut known: HashMap<&str, Meaning> =
        IGNORED.split('|').map(|it| (it, Meaning::Nothing)).collect();
    for (field, headings) in DICTIONARY {
        for heading in headings.split('|') {
            let meaning = match heading.strip_prefix('~') {
                Some(heading) => (heading, Meaning::Fields(*field, None, 0.6)),
                None => (heading, Meaning::Fields(*field, None, 1.0)),
            };
            known.insert(meaning.0, meaning.1);
        }
    }
    known
});

/// The meaning of a heading, `group` being what stands over it in a heading of two rows.
pub fn meaning(group: &str, heading: &str) -> Option<Meaning> {
    let lookup = |text: &str| KNOWN.get(text).copied();
    let (group, full) = (words(&without_brackets(group)), words(heading));
    let bare = words(&without_brackets(heading));
    let within = |it: &str| format!("{group} {it}").trim().to_owned();
    if !group.is_empty()
        && let Some(found) = lookup(&within(&bare)).or_else(|| lookup(&within(&full)))
    {
        return Some(found);
    }
    lookup(&full)
        .or_else(|| lookup(&bare))
        .or_else(|| if bare.is_empty() { lookup(&group) } else { None })
        .or_else(|| both_in_one(heading))
        .or_else(|| by_key_word(&full))
}

/// "Nama Pemilik / NIK", "Nama (NIK)", "NIK dan Nama".
fn both_in_one(heading: &str) -> Option<Meaning> {
    let parts: Vec<String> = heading
        .split(['/', '&', '+', ',', '(', ')', '\n'])
        .flat_map(|it| it.split(" dan "))
        .map(words)
        .filter(|it| !it.is_empty())
        .collect();
    let [first, second] = parts.as_slice() else { return None };
    let field = |it: &String| match KNOWN.get(it.as_str()) {
        Some(Meaning::Fields(field, None, _)) => Some(*field),
        _ => None,
    };
    let (first, second) = (field(first)?, field(second)?);
    let pairs = [
        (Field::OwnerName, Field::Nik),
        (Field::OwnerName, Field::BusinessName),
        (Field::OwnerName, Field::Phone),
        (Field::BusinessName, Field::Trade),
        (Field::Latitude, Field::Longitude),
    ];
    if first == second {
        return Some(Meaning::Fields(first, None, 0.9));
    }
    let found = pairs.iter().find(|it| **it == (first, second) || **it == (second, first))?;
    Some(match found {
        (Field::BusinessName, Field::Trade) => Meaning::Fields(Field::BusinessName, None, 0.9),
        (first, second) => Meaning::Fields(*first, Some(*second), 0.9),
    })
}

/// The meaning by the one word that gives it away.
fn by_key_word(words: &str) -> Option<Meaning> {
    let has = |any: &[&str]| words.split(' ').any(|it| any.contains(&it));
    let sure = |field| Some(Meaning::Fields(field, None, 0.7));
    if has(&["pasangan", "suami", "istri", "petugas", "pendata", "foto", "saksi"]) {
        return Some(Meaning::Nothing);
    }
    let sales = has(&["omset", "omzet", "penjualan", "pendapatan"]);
    let name = has(&["nama"]);
    match () {
        () if has(&["npwp"]) => sure(Field::Npwp),
        () if has(&["nik", "ktp"]) && !has(&["nama", "alamat"]) => sure(Field::Nik),
        () if has(&["nib"]) => sure(Field::Nib),
        () if has(&["kbli"]) && !name => sure(Field::Kbli),
        () if has(&["pirt"]) => sure(Field::Pirt),
        () if has(&["halal"]) => sure(Field::Halal),
        () if has(&["email", "surel"]) => sure(Field::Email),
        () if sales && has(&["bulan", "bln", "bulanan", "perbulan", "sebulan"]) => {
            sure(Field::MonthlySales)
        }
        () if sales && has(&["hari", "harian", "perhari", "minggu"]) => Some(Meaning::Nothing),
        () if sales => sure(Field::AnnualSales),
        () if has(&["modal"]) && has(&["pinjaman", "luar", "hutang"]) => sure(Field::LoanCapital),
        () if has(&["modal"]) => sure(Field::Capital),
        () if has(&["aset", "asset"]) => sure(Field::Assets),
        () if has(&["hp", "telp", "telepon", "whatsapp", "wa", "telpon", "handphone"]) => {
            sure(Field::Phone)
        }
        () if has(&["karyawan", "pekerja"]) || has(&["tenaga"]) && has(&["kerja"]) => {
            sure(Field::Workers)
        }
        () if name
            && has(&["usaha", "perusahaan", "umkm", "ikm", "toko", "merek", "merk", "brand"]) =>
        {
            sure(Field::BusinessName)
        }
        () if name && has(&["pemilik", "owner", "pemohon", "pengusaha", "anggota", "pelaku"]) => {
            sure(Field::OwnerName)
        }
        () if has(&["kelurahan"]) => sure(Field::Kelurahan),
        () if has(&["kecamatan"]) => sure(Field::Kecamatan),
        () if has(&["alamat"]) => Some(Meaning::Fields(Field::Street, None, 0.6)),
        () if has(&["berdiri", "pendirian"]) => sure(Field::Established),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(group: &str, heading: &str, expected: Field) {
        match meaning(group, heading) {
            Some(Meaning::Fields(field, None, _)) => assert_eq!(field, expected, "{heading}"),
            other => panic!("{group} {heading}: {other:?}"),
        }
    }

    #[test]
    fn headings_in_many_spellings() {
        check("", "NIK (16 DIGIT)", Field::Nik);
        check("", "NAMA LENGKAP (PEMILIK)", Field::OwnerName);
        check("", "Nama/Jenis Usaha", Field::BusinessName);
        check("", "NIB (jika ada)", Field::Nib);
        check("", "MODAL (Rp)", Field::Capital);
        check("", "OMZET/TAHUN (Rp)", Field::AnnualSales);
        check("", "Omset per Bulan", Field::MonthlySales);
        check("", "Rata-rata Omzet Usaha per Bulan (Rp)", Field::MonthlySales);
        check("", "THN/TGL BERDIRI", Field::Established);
        check("", "No. TDUP / Reg", Field::OwnNumber);
        check("", "nama_pemilik", Field::OwnerName);
        check("", "Telp. / HP", Field::Phone);
    }

    #[test]
    fn a_group_decides_what_its_headings_mean() {
        check("PEMILIK", "NAMA", Field::OwnerName);
        check("USAHA", "NAMA", Field::BusinessName);
        check("PEMILIK", "NO. HP/WA", Field::Phone);
        check("TENAGA KERJA", "L", Field::WorkersMale);
        check("TENAGA KERJA", "P", Field::WorkersFemale);
        check("LEGALITAS", "NPWP", Field::Npwp);
        check("ALAMAT USAHA", "RT/RW", Field::RtRw);
    }

    #[test]
    fn two_values_in_one_column() {
        let expected = Meaning::Fields(Field::OwnerName, Some(Field::Nik), 0.9);
        assert_eq!(meaning("", "Nama Pemilik / NIK"), Some(expected));
        assert_eq!(meaning("", "NIK / Nama Pemilik"), Some(expected));
    }

    #[test]
    fn what_the_hub_wrote_itself_is_ignored() {
        assert_eq!(meaning("", "STATUS TUNGGAL"), Some(Meaning::Nothing));
        assert_eq!(meaning("", "PERBAIKAN"), Some(Meaning::Nothing));
        assert_eq!(meaning("", "No"), Some(Meaning::Nothing));
        assert_eq!(meaning("", "warna cat"), None);
    }
}
