//! The answer to a person as a page to print, in Indonesian.

use std::collections::BTreeSet;
use std::fmt::Write;

use chrono::{DateTime, FixedOffset, Utc};

use super::words::{attribute, purpose, role, value};
use super::{Enterprise, Person, Report};

const STYLE: &str = "body{font:11pt/1.4 sans-serif;max-width:50em;margin:2em auto;padding:0 1em}\
    table{border-collapse:collapse;width:100%;margin:.5em 0 1.5em;font-size:9pt}\
    th,td{border:1px solid #999;padding:.25em .5em;text-align:left;vertical-align:top;\
    overflow-wrap:break-word}th{background:#eee}h2{margin-top:2em;} h4{margin:1.5em 0 .3em} small{font-weight:normal;color:#666;font-size:8pt} h2{break-before:auto}\
    tr{break-inside:avoid}.w{border:2px solid #900;padding:.5em 1em}\
    @media print{body{margin:0;max-width:none}}";

/// The report as one HTML page that needs nothing else.
pub fn page(report: &Report) -> String {
    let mut out = String::from(
        "<!doctype html>\n<html lang=\"id\"><head><meta charset=\"utf-8\">\
         <title>Data pribadi yang disimpan</title><style>",
    );
    out += STYLE;
    out += "</style></head><body><h1>Data pribadi yang disimpan tentang Anda</h1>\n";
    let _ = writeln!(
        out,
        "<p>Dibuat {} (UU No. 27 Tahun 2022 tentang Pelindungan Data Pribadi, Pasal 5, 7 dan 32).</p>",
        time(report.made_at)
    );
    match report.persons.as_slice() {
        [] => {
            out += "<p>Tidak ada baris yang memuat NIK ini. Baris tanpa NIK tidak ditemukan dengan cara ini: bila Anda tercatat pada suatu instansi, minta petugas mencarinya menurut nama.</p>"
        }
        [one] => person(&mut out, report, one),
        several => {
            out += "<p class=\"w\">NIK ini tertulis pada data lebih dari satu orang. Serahkan kepada pemohon \
                    hanya bagian tentang dirinya, setelah identitasnya diperiksa.</p>\n";
            several.iter().for_each(|it| person(&mut out, report, it));
        }
    }
    out += "</body></html>\n";
    out
}

/// What an enterprise is called; its id is small print for whoever looks it up.
fn called(it: &Enterprise) -> &str {
    let named = it.values.iter().find(|it| it.chosen && it.attribute == "business_name");
    named.map_or("Usaha tanpa nama", |it| &it.value)
}

fn person(out: &mut String, report: &Report, it: &Person) {
    let name_of = |code: &str| report.names.get(code).cloned().unwrap_or_else(|| code.to_owned());
    let name = it.name.as_deref().unwrap_or("Tanpa nama");
    let niks: Vec<&str> = it.niks.iter().map(String::as_str).collect();
    let _ = writeln!(out, "<h2>{}</h2>\n<p>NIK: {}</p>", text(name), text(&niks.join(", ")));
    if 1 < it.niks.len() {
        *out += "<p class=\"w\">Daftar-daftar menuliskan NIK yang berbeda untuk orang ini. Anda dapat meminta \
                 perbaikannya.</p>\n";
    }
    *out += "<h3>Usaha</h3>\n";
    for enterprise in &it.enterprises {
        let _ = writeln!(
            out,
            "<h4>{} <small>({})</small></h4>",
            text(called(enterprise)),
            text(&enterprise.id)
        );
        if enterprise.shared {
            *out +=
                "<p>Usaha ini juga memuat data orang lain, yang tidak ditampilkan di sini.</p>\n";
        }
        let rows = enterprise.values.iter().map(|it| {
            let sources: BTreeSet<String> =
                it.sources.iter().map(|it| name_of(&it.agency)).collect();
            let sources: Vec<String> = sources.into_iter().collect();
            let kind = if it.chosen { "dipakai" } else { "tertulis di daftar lain" };
            vec![
                attribute(it.attribute).to_owned(),
                value(it.attribute, &it.value),
                kind.to_owned(),
                sources.join(", "),
            ]
        });
        table(out, &["Data", "Isi", "Kedudukan", "Sumber"], rows);
    }
    *out += "<h3>Baris pada daftar instansi</h3>\n";
    let rows = it.rows.iter().map(|it| {
        let texts: Vec<String> =
            it.texts.iter().map(|(field, text)| format!("{}: {text}", attribute(field))).collect();
        let from = format!("{}, berkas {} baris {}", name_of(&it.agency), it.file_name, it.row);
        let when = it.received_at.map(time).unwrap_or_default();
        let state = if it.current { "berlaku" } else { "versi lama" };
        vec![from, when, state.to_owned(), texts.join("; ")]
    });
    table(out, &["Asal", "Diterima", "Keadaan", "Isi"], rows);
    *out += "<h3>Persetujuan yang Anda berikan</h3>\n";
    let rows = it.consents.iter().map(|it| {
        let fields: Vec<&str> = it.fields.iter().map(|it| attribute(it)).collect();
        let end = match it.withdrawn_at {
            Some(at) => format!("ditarik {}", time(at)),
            None => format!("sampai {}", time(it.expires_at)),
        };
        let purpose = purpose(&it.purpose).to_owned();
        vec![name_of(&it.institution), purpose, fields.join(", "), time(it.given_at), end]
    });
    table(out, &["Lembaga", "Tujuan", "Data", "Diberikan", "Berlaku"], rows);
    *out += "<h3>Kesiapan pembiayaan</h3>\n<p>Dihitung mesin dari data di atas; bukan keputusan kredit. Anda \
             dapat meminta perbaikan data yang mendasarinya, atau membatasi penggunaannya.</p>\n";
    let rows = it.enterprises.iter().flat_map(|one| {
        one.standings.iter().map(move |it| {
            let status = match it.status {
                "likely_eligible" => "tampaknya memenuhi syarat",
                "missing" => "ada syarat yang belum lengkap",
                "not_eligible" => "tidak memenuhi syarat",
                _ => "belum dapat dikatakan",
            };
            let ceiling = it.ceiling.map(|it| format!("Rp{it}")).unwrap_or_default();
            let missing: Vec<String> = it.missing.iter().map(|it| name_of(it)).collect();
            let programme = name_of(&it.programme);
            let status = status.to_owned();
            vec![
                called(one).to_owned(),
                programme,
                status,
                ceiling,
                missing.join(", "),
                time(it.since),
            ]
        })
    });
    table(out, &["Usaha", "Program", "Keadaan", "Plafon", "Belum ada", "Sejak"], rows);
    *out += "<h3>Permintaan Anda</h3>\n";
    let rows = it.requests.iter().map(|it| {
        let answer = it.answer.clone().unwrap_or_default();
        let kind = match it.kind.as_str() {
            "rectification" => "perbaikan",
            "restriction" => "pembatasan",
            "erasure" => "penghapusan",
            other => other,
        };
        let status = match it.status.as_str() {
            "open" => "menunggu",
            "sent" => "diteruskan kepada instansi",
            "carrying_out" => "sedang dilaksanakan",
            "done" => "dilaksanakan",
            "refused" => "ditolak",
            other => other,
        };
        vec![kind.to_owned(), time(it.made_at), time(it.due_at), status.to_owned(), answer]
    });
    table(out, &["Permintaan", "Diajukan", "Batas waktu", "Keadaan", "Jawaban"], rows);
    let _ = writeln!(out, "<h3>Siapa yang melihat data Anda ({} kali)</h3>", it.reads.len());
    let rows = it.reads.iter().map(|it| {
        let list = |all: &BTreeSet<String>| {
            all.iter().map(|it| attribute(it)).collect::<Vec<_>>().join(", ")
        };
        let outcome = match it.outcome.as_str() {
            "allowed" => "ditampilkan",
            "withheld" => "tidak ditampilkan",
            "refused" => "ditolak",
            "failed" => "gagal",
            other => other,
        };
        let by = match it.of.is_empty() {
            true => format!("{} ({})", it.by, role(&it.role)),
            false => format!("{} ({}, {})", it.by, role(&it.role), name_of(&it.of)),
        };
        let purpose = purpose(&it.purpose).to_owned();
        vec![time(it.at), by, purpose, outcome.to_owned(), list(&it.shown)]
    });
    table(out, &["Waktu", "Oleh", "Tujuan", "Hasil", "Data yang dilihat"], rows);
}

fn table(out: &mut String, heads: &[&str], rows: impl Iterator<Item = Vec<String>>) {
    let mut rows = rows.peekable();
    if rows.peek().is_none() {
        *out += "<p>Tidak ada.</p>\n";
        return;
    }
    *out += "<table><thead><tr>";
    heads.iter().for_each(|it| *out += &format!("<th>{it}</th>"));
    *out += "</tr></thead><tbody>\n";
    for row in rows {
        *out += "<tr>";
        for cell in row {
            *out += "<td>";
            *out += &text(&cell);
            *out += "</td>";
        }
        *out += "</tr>\n";
    }
    *out += "</tbody></table>\n";
}

/// A time by the city's clocks.
fn time(at: DateTime<Utc>) -> String {
    let zone = FixedOffset::east_opt(7 * 3_600);
    zone.map(|it| at.with_timezone(&it).format("%d-%m-%Y %H.%M WIB").to_string())
        .unwrap_or_default()
}

/// A text as HTML writes it.
fn text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for it in text.chars() {
        match it {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            '\'' => out += "&#39;",
            it => out.push(it),
        }
    }
    out
}
