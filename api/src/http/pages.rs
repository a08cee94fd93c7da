//! Pages for everybody, in Indonesian, readable without a script and without anything from elsewhere: the
//! front page, and what the register is used for.

use std::fmt::Write;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use actix_web::{HttpResponse, web};
use domain::agency::Agency;
use domain::amount::grouped;
use domain::purpose::Purpose;
use quick_xml::escape::escape;

use super::{Shared, reply};
use crate::config::Config;
use crate::error::Error;
use crate::service::audit::{self, MonthlyUse};

const POLICY: &str = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const MONTHS: [&str; 12] = [
    "Januari",
    "Februari",
    "Maret",
    "April",
    "Mei",
    "Juni",
    "Juli",
    "Agustus",
    "September",
    "Oktober",
    "November",
    "Desember",
];

/// The front page.
pub async fn front(shared: web::Data<Shared>) -> HttpResponse {
    let mut body = String::from(
        "<h1>Tunggal: basis data tunggal UMKM</h1>\n\
         <p>Satu profil untuk setiap usaha mikro, kecil dan menengah, dengan sumber setiap isiannya. Data \
         pribadi hanya dapat dibaca oleh yang berhak, untuk tujuan yang dinyatakan, dan setiap pembacaan \
         dicatat.</p>\n<ul>\n<li><a href=\"/penggunaan\">Penggunaan data</a>: instansi mana membaca data, \
         berapa kali, untuk apa</li>\n",
    );
    if shared.app.config.graphiql {
        body += "<li><a href=\"/graphiql/\">GraphiQL</a>: mencoba kueri, untuk pengembang</li>\n";
    }
    body += "</ul>\n";
    page("Tunggal", &body)
}

/// What the register is used for: which institution read how often for which purpose in which month.
pub async fn usage(shared: web::Data<Shared>) -> HttpResponse {
    let (app, used) = (shared.app.clone(), shared.used.clone());
    let asked = shared.runtime.spawn(async move {
        let cells = audit::data_use(&app, &used).await?;
        Ok::<_, Error>((cells, app.store.agencies().await?))
    });
    match asked.await {
        Ok(Ok((cells, agencies))) => {
            page("Penggunaan data", &usage_body(&cells, &agencies, &shared.app.config))
        }
        Ok(Err(error)) => reply::error(error),
        Err(_) => reply::error(Error::internal("the page was not finished")),
    }
}

/// How the pages look.
pub async fn style() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/css; charset=utf-8"))
        .insert_header((CACHE_CONTROL, "max-age=3600"))
        .body(include_str!("pages/page.css"))
}

fn page(title: &str, body: &str) -> HttpResponse {
    let text = format!(
        "<!doctype html>\n<html lang=\"id\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{}</title>\n<link rel=\"stylesheet\" href=\"/page.css\">\n</head>\n<body>\n<main>\n{body}\
         </main>\n</body>\n</html>\n",
        escape(title)
    );
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/html; charset=utf-8"))
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .body(text)
}

/// The page of use; `cells` come by month, the latest first.
fn usage_body(cells: &[MonthlyUse], agencies: &[Agency], config: &Config) -> String {
    let small_cell = config.small_cell;
    let mut body = format!(
        "<h1>Penggunaan data</h1>\n\
         <p>Setiap permintaan yang menyentuh data pribadi dicatat sebelum dijawab. Halaman ini menghitung \
         permintaan yang memperlihatkan data, menurut bulan, instansi pembaca, dan tujuan yang \
         dinyatakannya (UU 27/2022 pasal 16 dan 31).</p>\n\
         <p>Jumlah di bawah {small_cell} tidak disebut, agar tidak ada orang yang dapat dikenali darinya. \
         Pemilik usaha berhak tahu siapa yang membaca data tentang dirinya (pasal 32): tanyakan kepada \
         pengelola; jawabannya diberikan dalam 3 x 24 jam.</p>\n"
    );
    if cells.is_empty() {
        body += "<p>Belum ada data pribadi yang dibaca.</p>\n";
    }
    for month in cells.chunk_by(|one, other| one.month == other.month) {
        let _ = writeln!(
            body,
            "<table>\n<caption>{}</caption>\n<thead><tr><th scope=\"col\">Pembaca</th>\
             <th scope=\"col\">Tujuan</th><th scope=\"col\">Permintaan</th></tr></thead>\n<tbody>",
            month_name(&month[0].month)
        );
        // Within the month by name; the cells come in the order of the log's codes, backwards.
        for cell in month.iter().rev() {
            let reads = match cell.reads {
                Some(reads) => format!("<td>{}</td>", grouped(reads)),
                None => format!("<td class=\"few\">kurang dari {small_cell}</td>"),
            };
            let _ = writeln!(
                body,
                "<tr><td>{}</td><td>{}</td>{reads}</tr>",
                escape(reader(&cell.reader, agencies, config)),
                purpose(&cell.purpose)
            );
        }
        body += "</tbody>\n</table>\n";
    }
    body + "<footer><a href=\"/\">Tunggal</a> &middot; Data yang sama tersedia bagi siapa pun lewat API: \
            kueri <code>dataUse</code>. Waktu Indonesia Barat.</footer>\n"
}

/// The name of a reader: an agency's as on its letterhead, or an institution's.
fn reader<'a>(code: &'a str, agencies: &'a [Agency], config: &'a Config) -> &'a str {
    match code {
        "hub" => "Pengelola Tunggal",
        _ => {
            let agency = agencies.iter().find(|it| it.code.as_str() == code).map(|it| &it.name);
            let name = agency.or_else(|| config.institutions.find(code).map(|it| &it.name));
            name.map_or(code, String::as_str)
        }
    }
}

fn purpose(code: &str) -> &'static str {
    match Purpose::from_code(code) {
        Some(Purpose::Statistics) => "Statistik",
        Some(Purpose::Development) => "Pengembangan aplikasi dengan data buatan",
        Some(Purpose::PublicService) => "Pelayanan publik dan pembinaan UMKM",
        Some(Purpose::DataQuality) => "Penautan dan perbaikan data",
        Some(Purpose::Administration) => "Pengelolaan sistem",
        Some(Purpose::Financing) => "Penilaian pembiayaan atas persetujuan pemilik",
        Some(Purpose::Audit) => "Pengawasan penggunaan data",
        Some(Purpose::SubjectRequest) => "Menjawab permintaan pemilik data",
        Some(Purpose::BreakGlass) => "Keadaan darurat, diperiksa sesudahnya",
        None => "Lainnya",
    }
}

/// `2026-01` as `Januari 2026`.
fn month_name(month: &str) -> String {
    let (year, number) = month.split_once('-').unwrap_or((month, ""));
    let index = number.parse::<usize>().ok().and_then(|it| it.checked_sub(1));
    match index.and_then(|it| MONTHS.get(it)) {
        Some(name) => format!("{name} {year}"),
        None => escape(month).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> Config {
        Config::load(None, &|_| None).unwrap()
    }

    fn cell(month: &str, reader: &str, purpose: &str, reads: Option<u64>) -> MonthlyUse {
        MonthlyUse { month: month.into(), reader: reader.into(), purpose: purpose.into(), reads }
    }

    #[test]
    fn every_purpose_has_a_name_and_numbers_read_as_in_indonesia() {
        for it in Purpose::ALL {
            assert_ne!(purpose(it.code()), "Lainnya", "{}", it.code());
        }
        assert_eq!([0, 999, 1_000, 1_234_567].map(grouped), ["0", "999", "1.000", "1.234.567"]);
        assert_eq!(month_name("2026-01"), "Januari 2026");
    }

    #[test]
    fn a_name_out_of_a_token_cannot_write_into_the_page() {
        let cells = [cell("2026-11", "<script>alert(1)</script>", "financing", Some(7))];
        let body = usage_body(&cells, &[], &config());
        assert!(!body.contains("<script") && body.contains("&lt;script&gt;"), "{body}");
    }

    #[test]
    fn a_month_is_a_table_and_few_reads_are_not_told() {
        let cells = [
            cell("2026-11", "hub", "data_quality", None),
            cell("2026-11", "bjb", "financing", Some(1_200)),
            cell("2026-10", "bjb", "financing", Some(5)),
        ];
        let body = usage_body(&cells, &[], &config());
        assert_eq!(body.matches("<table>").count(), 2);
        assert!(body.contains("<td>Bank bjb</td>") && body.contains("<td>1.200</td>"));
        assert!(body.contains("kurang dari 5</td>") && body.contains("Pengelola Tunggal"));
    }
}
