//! What a column holds, by its contents rather than its heading.

use domain::amount::Rupiah;
use domain::date::PartialDate;
use domain::identifier::{Nib, Nik, Npwp, Phone, Reading, is_placeholder};
use domain::kbli::Kbli;
use domain::place::locate::locate;
use domain::record::Field;

/// How many of a column's texts read as what.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Content {
    /// Texts that say something.
    pub filled: u32,
    /// Texts of letters alone, as names are.
    pub wordy: u32,
    counts: Vec<(Field, u32)>,
}

/// The fields that content can speak for, the more telling first.
const TELLING: &[Field] = &[
    Field::Nik,
    Field::Nib,
    Field::Npwp,
    Field::Email,
    Field::Phone,
    Field::Kbli,
    Field::RtRw,
    Field::Kelurahan,
    Field::Kecamatan,
    Field::RecordedOn,
    Field::Capital,
];

impl Content {
    /// Reads a sample of the column's texts.
    pub fn of<'a>(texts: impl Iterator<Item = &'a str>) -> Content {
        let mut content =
            Content { filled: 0, wordy: 0, counts: TELLING.iter().map(|it| (*it, 0)).collect() };
        for text in texts.filter(|it| !is_placeholder(it)) {
            content.filled += 1;
            content.wordy += u32::from(!text.bytes().any(|it| it.is_ascii_digit()));
            for (field, count) in &mut content.counts {
                *count += u32::from(reads_as(text.trim(), *field));
            }
        }
        content
    }

    /// The share of texts that read as `field`; `None` for a field that content says nothing of.
    pub fn share(&self, field: Field) -> Option<f32> {
        let field = match field {
            Field::FamilyCard => Field::Nik,
            Field::Established | Field::BirthDate => Field::RecordedOn,
            Field::AnnualSales | Field::MonthlySales | Field::LoanCapital | Field::Assets => {
                Field::Capital
            }
            other => other,
        };
        let count = self.counts.iter().find(|it| it.0 == field)?.1;
        (0 < self.filled).then(|| count as f32 / self.filled as f32)
    }

    /// The fields at least half of the texts read as, the most telling first.
    pub fn likely(&self) -> Vec<(Field, f32)> {
        let shares = self.counts.iter().filter_map(|it| Some((it.0, self.share(it.0)?)));
        shares.filter(|it| 0.5 <= it.1).collect()
    }
}

fn reads_as(text: &str, field: Field) -> bool {
    match field {
        Field::Nik => match Nik::read(text) {
            Reading::Whole(_) => true,
            Reading::Damaged { known } => {
                text.contains('?') || text.ends_with("15") && 2 <= known.len()
            }
            _ => false,
        },
        Field::Nib => {
            Nib::read(text).whole().is_some()
                && Phone::read(text).whole().is_none_or(|it| !it.is_mobile())
        }
        Field::Npwp => Npwp::read(text).whole().is_some_and(|it| !it.is_nik()),
        Field::Email => text.contains('@') && text.contains('.') && !text.contains(' '),
        Field::Phone => Phone::read(text).whole().is_some(),
        Field::Kbli => text.len() == 5 && Kbli::parse(text).is_ok(),
        Field::RtRw => is_rt_rw(text),
        Field::Kelurahan => {
            let found = locate(Some(text), None, None, None);
            text.len() < 30 && (found.kelurahan.is_some() || !found.ambiguous.is_empty())
        }
        Field::Kecamatan => {
            let found = locate(None, Some(text), None, None);
            text.len() < 30 && found.kecamatan.is_some() && !found.unknown
        }
        Field::RecordedOn => PartialDate::read(text).whole().is_some(),
        Field::Capital => {
            Rupiah::read(text).whole().is_some_and(|it| 100_000 <= it.0)
                && Phone::read(text).whole().is_none()
                && PartialDate::read(text).whole().is_none()
        }
        _ => false,
    }
}

/// `001/002`, `RT 01 RW 02`.
fn is_rt_rw(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let marked = lower.contains("rt") && lower.len() < 24;
    let pair = text.split_once('/').is_some_and(|(rt, rw)| {
        let short = |it: &str| (1..=3).contains(&it.trim().len());
        short(rt) && short(rw)
    });
    (2..=6).contains(&digits) && (marked || pair)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(texts: &[&str], expected: Option<Field>) {
        let content = Content::of(texts.iter().copied());
        assert_eq!(content.likely().first().map(|it| it.0), expected, "{texts:?}");
    }

    #[test]
    fn columns_are_known_by_their_contents() {
        check(&["3673010404719591", "-", "3,67306E+15", "'3673055707659086"], Some(Field::Nik));
        check(&["0220951966011", "8120902630959", "220932935677"], Some(Field::Nib));
        check(&["081387654321", "0856-3344-764", "+62 898-4010-8217"], Some(Field::Phone));
        check(&["85.662.989.4-419.000", "0856629894419000"], Some(Field::Npwp));
        check(&["001/002", "RT 05 RW 17", "Rt 09/05"], Some(Field::RtRw));
        check(&["Unyur", "KEL. TEMBONG", "Sawahluhur"], Some(Field::Kelurahan));
        check(&["10392", "56104"], Some(Field::Kbli));
        check(&["25/09/2025", "6-3-15", "2014"], Some(Field::RecordedOn));
        check(&["Rp. 33.500.000,-", "154 Juta"], Some(Field::Capital));
        check(&["Ani", "Budi"], None);
        check(&["-", ""], None);
    }
}
