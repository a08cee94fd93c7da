//! A profile as cells.

use std::collections::BTreeSet;

use domain::enterprise::{Attribute, SizeClass, Value};
use domain::place::{kecamatan_by_code, kelurahan_by_code};
use domain::view::{Disclosure, ProfileView, SizeView};
use tabular::{Cell, Column, Kind};

use crate::service::access::Ledger;
use crate::store::profile_json;

/// The columns of a profile.
pub fn columns() -> Vec<Column> {
    let mut columns =
        vec![Column::new("enterprise_id", Kind::Text, "The enterprise's id, which is for ever")];
    for attribute in Attribute::ALL {
        columns.push(Column::new(attribute.code(), kind(*attribute), meaning(*attribute)));
    }
    columns.push(Column::new("kelurahan_name", Kind::Text, "The kelurahan's official name"));
    columns.push(Column::new("kecamatan_name", Kind::Text, "The kecamatan's official name"));
    let size = "micro, small, medium or large, by PP 7/2021 article 35";
    columns.push(Column::new("size_class", Kind::Text, size));
    let withheld = "What is known and not shown to you, or shown in part";
    columns.push(Column::new("withheld", Kind::Texts, withheld));
    columns
}

pub(super) fn kind(attribute: Attribute) -> Kind {
    match attribute {
        Attribute::AnnualSales | Attribute::Capital | Attribute::Workers => Kind::Whole,
        _ => Kind::Text,
    }
}

fn meaning(attribute: Attribute) -> String {
    let unit = match attribute {
        Attribute::AnnualSales => "; rupiah a year",
        Attribute::Capital => "; rupiah, without land and building",
        Attribute::Workers => "; persons",
        Attribute::Kbli => "; KBLI 2020 (Peraturan BPS 2/2020)",
        Attribute::Kelurahan | Attribute::Kecamatan => "; Kepmendagri 300.2.2-2138/2025",
        _ => "",
    };
    format!("What the hub stands by for {}{unit}", attribute.code())
}

/// The cells of a profile as far as it is shown; the ledger hears of each attribute.
pub fn cells(view: &ProfileView, ledger: &Ledger) -> Vec<Cell> {
    let (mut cells, mut withheld) = (vec![Cell::from(view.id.to_string())], vec![]);
    let mut read = BTreeSet::new();
    let (mut kelurahan, mut kecamatan) = (None, None);
    for attribute in Attribute::ALL {
        let Some(shown) = view.attributes.get(attribute).map(|it| &it.chosen.shown) else {
            cells.push(Cell::Nothing);
            continue;
        };
        read.insert((attribute.code(), shown.is_seen()));
        if !matches!(shown, Disclosure::Whole(_)) {
            withheld.push(attribute.code().to_owned());
        }
        match shown {
            Disclosure::Whole(Value::Kelurahan(code)) => {
                kelurahan = kelurahan_by_code(*code).map(|it| it.name.as_str());
            }
            Disclosure::Whole(Value::Kecamatan(code)) => {
                kecamatan = kecamatan_by_code(*code).map(|it| it.name.as_str());
            }
            _ => {}
        }
        cells.push(match (shown, kind(*attribute)) {
            (Disclosure::Whole(value), _) => whole(value),
            (Disclosure::Masked(text, _), Kind::Text) => text.as_str().into(),
            _ => Cell::Nothing,
        });
    }
    cells.extend([kelurahan.into(), kecamatan.into()]);
    let size = match view.size {
        SizeView::Shown(class, _) => Some(class),
        SizeView::Unknown | SizeView::Hidden(_) => None,
    };
    if !matches!(view.size, SizeView::Unknown) {
        read.insert(("size_class", size.is_some()));
    }
    ledger.read_all(view.id, &read);
    cells.push(size.map(SizeClass::code).into());
    cells.push(withheld.into());
    cells
}

pub(super) fn whole(value: &Value) -> Cell {
    match value {
        Value::Text(it) => it.as_str().into(),
        Value::Rupiah(it) => it.0.into(),
        Value::Sales(it) => it.annual.0.into(),
        Value::Count(it) => i64::from(*it).into(),
        other => profile_json::write_value(other).into(),
    }
}
