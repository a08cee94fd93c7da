//! What one record says of each attribute, in the form the hub writes it.

use domain::enterprise::{Attribute, Value};

use crate::normalise::NormalisedRecord;

/// The values of `attribute` in one record; several for telephone numbers alone.
pub(super) fn of(record: &NormalisedRecord, attribute: Attribute) -> Vec<Value> {
    let text = |it: Option<&str>| it.map(|it| Value::Text(tidy(it)));
    let place = &record.place;
    let one = match attribute {
        Attribute::Phone => return record.phones.iter().cloned().map(Value::Phone).collect(),
        Attribute::BusinessName => text(record.business.as_ref().map(|it| it.display.as_str())),
        Attribute::OwnerName => text(record.owner.as_ref().map(|it| it.display.as_str())),
        Attribute::Trade => text(record.trade.as_deref()),
        Attribute::Street => text(record.street.as_ref().map(|it| it.display.as_str())),
        Attribute::LegalForm => record.legal_form.map(|it| Value::Text(it.to_owned())),
        Attribute::Email => record.email.as_ref().map(|it| Value::Text(it.0.clone())),
        Attribute::Pirt => record.pirt.clone().map(Value::Text),
        Attribute::Halal => record.halal.clone().map(Value::Text),
        Attribute::Kbli => record.kbli.map(Value::Kbli),
        Attribute::Nib => record.nib.clone().map(Value::Nib),
        Attribute::Nik => record.nik.clone().map(Value::Nik),
        Attribute::Npwp => record.npwp.clone().map(Value::Npwp),
        Attribute::RtRw if record.rt == 0 && record.rw == 0 => None,
        Attribute::RtRw => Some(Value::Text(format!("{:03}/{:03}", record.rt, record.rw))),
        Attribute::Kelurahan => place.kelurahan.map(Value::Kelurahan),
        Attribute::Kecamatan => place.kecamatan.map(Value::Kecamatan),
        Attribute::Established => record.established.map(Value::Date),
        Attribute::AnnualSales => record.annual_sales.map(Value::Sales),
        Attribute::Capital => record.capital.map(Value::Rupiah),
        Attribute::Workers => record.workers.map(Value::Count),
    };
    one.into_iter().collect()
}

/// A text written all in capitals or all in small letters gets capitals where words begin; quotes around it
/// go.
fn tidy(text: &str) -> String {
    let text = text.trim_matches('"').trim();
    let mixed = text.chars().any(char::is_lowercase) && text.chars().any(char::is_uppercase);
    if mixed {
        return text.to_owned();
    }
    let words = text.split(' ').map(|word| match word.trim_end_matches(['.', ',']) {
        form if is_abbreviation(form) => word.to_uppercase(),
        _ => capitalised(word),
    });
    words.collect::<Vec<_>>().join(" ")
}

fn is_abbreviation(word: &str) -> bool {
    let known = ["cv", "pt", "ud", "pd", "rm", "rt", "rw", "ac", "rt/rw", "km", "ii", "iii", "it"];
    known.iter().any(|it| word.eq_ignore_ascii_case(it))
}

/// The first letter and every letter after a mark in capitals, the rest small.
fn capitalised(word: &str) -> String {
    let mut after_mark = true;
    let mut out = String::with_capacity(word.len());
    for letter in word.chars() {
        if after_mark {
            out.extend(letter.to_uppercase());
        } else {
            out.extend(letter.to_lowercase());
        }
        after_mark = !letter.is_alphanumeric() && letter != '\'';
    }
    out
}
