//! What is asked, in words for the office.

use ingest::plan::field_name;
use ingest::problem::Lang;

use super::{Asked, Kind};

/// What is wrong, without the value.
pub fn message(asked: &Asked, lang: Lang) -> String {
    let field = field_name(asked.field, lang);
    match (asked.kind, lang) {
        (Kind::Unreadable, _) => asked.problem.map_or("", |it| it.message(lang)).to_owned(),
        (Kind::Duplicate, Lang::Indonesian) => {
            "Usaha ini sudah tercatat pada baris lain dalam daftar Anda".to_owned()
        }
        (Kind::Duplicate, Lang::English) => {
            "Another row of your list is the same enterprise".to_owned()
        }
        (Kind::Conflict, Lang::Indonesian) => {
            format!("Instansi lain menulis {field} yang berbeda untuk usaha ini")
        }
        (Kind::Conflict, Lang::English) => {
            format!("Other agencies write another {field} for this enterprise")
        }
        (Kind::KelurahanMissing, Lang::Indonesian) => {
            "Kelurahan tempat usaha belum diketahui dari baris ini".to_owned()
        }
        (Kind::KelurahanMissing, Lang::English) => {
            "The row does not say in which kelurahan the enterprise lies".to_owned()
        }
    }
}

/// What the agency can do about it.
pub fn remedy(asked: &Asked, lang: Lang) -> String {
    match (asked.kind, asked.suggestion.is_some(), lang) {
        (_, true, Lang::Indonesian) => {
            "Tulis YA untuk menerima usulan, atau betulkan sendiri selnya".to_owned()
        }
        (_, true, Lang::English) => {
            "Write YA to take what is suggested, or correct the cell yourself".to_owned()
        }
        (Kind::Unreadable, _, _) => asked.problem.map_or("", |it| it.remedy(lang)).to_owned(),
        (Kind::Duplicate, _, Lang::Indonesian) => {
            "Hapus salah satu pada daftar lengkap berikutnya; bila memang dua usaha, tulis TIDAK dan \
             alasannya"
                .to_owned()
        }
        (Kind::Duplicate, _, Lang::English) => {
            "Leave one out of the next whole list; if they are two enterprises, write TIDAK and why"
                .to_owned()
        }
        (Kind::Conflict, _, Lang::Indonesian) => {
            "Periksa pada KTP pemilik atau surat usahanya, lalu betulkan selnya; bila sudah benar, tulis \
             TIDAK dan alasannya"
                .to_owned()
        }
        (Kind::Conflict, _, Lang::English) => {
            "Check it on the owner's KTP or the papers of the business and correct the cell; if it is \
             right, write TIDAK and why"
                .to_owned()
        }
        (Kind::KelurahanMissing, _, Lang::Indonesian) => {
            "Tanyakan kepada pemilik, lalu isi nama kelurahan resmi".to_owned()
        }
        (Kind::KelurahanMissing, _, Lang::English) => {
            "Ask the owner and write the official name of the kelurahan".to_owned()
        }
    }
}

/// Both, as one reads them in a cell.
pub fn sentence(asked: &Asked, lang: Lang) -> String {
    format!("{}. {}.", message(asked, lang), remedy(asked, lang))
}
