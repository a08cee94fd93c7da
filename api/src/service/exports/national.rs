//! A list in the form of a national system: its columns alone, of what the viewer sees whole.

use chrono::Datelike;
use domain::enterprise::{Attribute, SizeClass, Value};
use domain::identifier::Sex;
use domain::place::{kecamatan_by_code, kelurahan_by_code};
use domain::view::{Disclosure, ProfileView, SizeView};
use ingest::national::{Holds, List, Mark, NationalForm};
use tabular::{Cell, Column, Kind, Table};

use super::profile;
use crate::app::App;
use crate::clock;
use crate::error::Error;
use crate::service::access::Ledger;

/// A form, and which enterprises are asked for in it.
#[derive(Debug, Clone)]
pub struct National {
    /// The form.
    pub form: NationalForm,
    /// Those that lack what it requires, and what each lacks; otherwise those that have all of it.
    pub lacking: bool,
}

impl National {
    /// The form of this code, into which `list` is written.
    ///
    /// Fails with [`Error::InvalidInput`], which names those that there are.
    pub fn find(app: &App, code: &str, list: List, lacking: bool) -> Result<National, Error> {
        let written = app.config.forms.iter().filter(|it| it.list == Some(list));
        let known: Vec<&NationalForm> = written.collect();
        match known.iter().find(|it| it.code == code) {
            Some(form) => Ok(National { form: (*form).clone(), lacking }),
            None => {
                let codes: Vec<&str> = known.iter().map(|it| it.code.as_str()).collect();
                Err(Error::invalid("form", format!("must be one of {}", codes.join(", "))))
            }
        }
    }

    /// What the file is.
    pub(super) fn table(&self) -> Table {
        let form = &self.form;
        let assumed = form.written().filter(|it| it.0.mark == Mark::Assumed);
        let assumed: Vec<&str> = assumed.map(|it| it.0.heading.as_str()).collect();
        let notes = [
            ("form", form.code.clone()),
            ("title", form.title.clone()),
            ("version", form.version.clone()),
            ("source", form.source.clone()),
            ("assumed", assumed.join("; ")),
        ];
        let notes = notes.map(|(name, text)| (name.to_owned(), text)).to_vec();
        let columns = if self.lacking {
            vec![
                Column::new("enterprise_id", Kind::Text, "The enterprise's id, which is for ever"),
                Column::new("lacking", Kind::Texts, "What is not known of it"),
                Column::new("withheld", Kind::Texts, "What is known and not shown to you whole"),
            ]
        } else {
            let column = |(it, holds): (&ingest::national::Column, Holds)| {
                let sure = if it.mark == Mark::Verified { "verified" } else { "assumed" };
                Column::new(it.heading.clone(), kind(holds), format!("{holds:?}, {sure}"))
            };
            form.written().map(column).collect()
        };
        Table { columns, notes }
    }

    /// The cells of an enterprise; none where it belongs in the other file.
    pub(super) fn cells(
        &self,
        view: &ProfileView,
        programme: Option<&str>,
        ledger: &Ledger,
    ) -> Option<Vec<Cell>> {
        let (mut cells, mut lacking, mut withheld) = (vec![], vec![], vec![]);
        for (column, holds) in self.form.written() {
            let told = told(view, holds, programme);
            if column.required && told.is_none() {
                let known = told_by(holds).is_some_and(|it| view.attributes.contains_key(&it));
                if known { &mut withheld } else { &mut lacking }.push(column.heading.clone());
            }
            cells.push(told.unwrap_or(Cell::Nothing));
        }
        let whole = lacking.is_empty() && withheld.is_empty();
        if whole == self.lacking {
            return None;
        }
        ledger.read(view.id, "rows", true);
        if self.lacking {
            return Some(vec![view.id.to_string().into(), lacking.into(), withheld.into()]);
        }
        for attribute in self.form.written().filter_map(|it| told_by(it.1)) {
            if let Some(shown) = view.attributes.get(&attribute) {
                ledger.read(view.id, attribute.code(), shown.chosen.shown.is_seen());
            }
        }
        Some(cells)
    }
}

fn kind(holds: Holds) -> Kind {
    match holds {
        Holds::Value(attribute) => profile::kind(attribute),
        _ => Kind::Text,
    }
}

/// The attribute that a column is told from.
fn told_by(holds: Holds) -> Option<Attribute> {
    match holds {
        Holds::Value(attribute) => Some(attribute),
        Holds::KelurahanName => Some(Attribute::Kelurahan),
        Holds::KecamatanName => Some(Attribute::Kecamatan),
        Holds::OwnerSex | Holds::OwnerBirthDate => Some(Attribute::Nik),
        Holds::SizeClass => Some(Attribute::AnnualSales),
        Holds::EnterpriseId | Holds::Programme => None,
    }
}

fn told(view: &ProfileView, holds: Holds, programme: Option<&str>) -> Option<Cell> {
    let value = |attribute| match &view.attributes.get(&attribute)?.chosen.shown {
        Disclosure::Whole(value) => Some(value),
        _ => None,
    };
    let nik = || match value(Attribute::Nik)? {
        Value::Nik(nik) => Some(nik),
        _ => None,
    };
    Some(match holds {
        Holds::Value(attribute) => profile::whole(value(attribute)?),
        Holds::EnterpriseId => view.id.to_string().into(),
        Holds::KelurahanName => match value(Attribute::Kelurahan)? {
            Value::Kelurahan(code) => kelurahan_by_code(*code)?.name.as_str().into(),
            _ => return None,
        },
        Holds::KecamatanName => match value(Attribute::Kecamatan)? {
            Value::Kecamatan(code) => kecamatan_by_code(*code)?.name.as_str().into(),
            _ => return None,
        },
        Holds::SizeClass => match view.size {
            SizeView::Shown(SizeClass::Micro, _) => "Mikro".into(),
            SizeView::Shown(SizeClass::Small, _) => "Kecil".into(),
            SizeView::Shown(SizeClass::Medium, _) => "Menengah".into(),
            SizeView::Shown(SizeClass::Large, _) => "Besar".into(),
            SizeView::Unknown | SizeView::Hidden(_) => return None,
        },
        Holds::OwnerSex => match nik()?.sex() {
            Sex::Male => "L".into(),
            Sex::Female => "P".into(),
        },
        Holds::OwnerBirthDate => {
            let born = nik()?.birth_date(clock::now().year())?;
            born.format("%d/%m/%Y").to_string().into()
        }
        Holds::Programme => programme?.into(),
    })
}
