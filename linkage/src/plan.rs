//! The plan: settings turned into positions, so that reading, blocking and comparing look nothing up by name.

use crate::compare::Comparator;
use crate::settings::{FieldSettings, Kind, Settings, SettingsError};

pub(crate) use part::Part;

mod part;

/// A field with the place of its cells.
#[derive(Debug, Clone)]
pub(crate) struct PlannedField {
    pub(crate) kind: Kind,
    /// Positions in [`Plan::columns`], in the order of the settings.
    pub(crate) columns: Vec<usize>,
    /// Its first cell.
    pub(crate) at: usize,
    /// Which list of words it fills.
    pub(crate) list: usize,
}

/// A comparison with the place of what it compares.
#[derive(Debug, Clone)]
pub(crate) struct PlannedComparison {
    pub(crate) by: Comparator,
    pub(crate) at: usize,
    pub(crate) list: usize,
    /// Another comparison and whether it must agree or must not.
    pub(crate) only_if: Option<(usize, bool)>,
}

/// Settings as positions.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    /// The columns that are read; of several names for one the first that a file has counts.
    pub(crate) columns: Vec<String>,
    pub(crate) fields: Vec<PlannedField>,
    /// Cells of a record.
    pub(crate) stride: usize,
    /// Names of the fields that hold words.
    pub(crate) lists: Vec<String>,
    pub(crate) keys: Vec<Vec<Part>>,
    pub(crate) refine: Vec<Part>,
    pub(crate) comparisons: Vec<PlannedComparison>,
}

/// How many cells of 32 bits a field of this kind takes.
fn cells(kind: Kind) -> usize {
    match kind {
        Kind::PersonName | Kind::Text | Kind::Date | Kind::Amount | Kind::Count => 1,
        Kind::Nib | Kind::Npwp | Kind::Identifier | Kind::Category => 2,
        Kind::BusinessName | Kind::Phone | Kind::Email | Kind::Street => 4,
        Kind::Nik => 5,
        Kind::Place | Kind::Trade => 6,
    }
}

/// Whether a field of this kind fills a list of words.
fn has_words(kind: Kind) -> bool {
    matches!(kind, Kind::PersonName | Kind::BusinessName | Kind::Street | Kind::Text)
}

impl Plan {
    pub(crate) fn new(settings: &Settings) -> Result<Plan, SettingsError> {
        let mut plan = Plan {
            columns: vec![],
            fields: vec![],
            stride: 0,
            lists: vec![],
            keys: vec![],
            refine: vec![],
            comparisons: vec![],
        };
        for field in &settings.field {
            plan.add_field(field);
        }
        for key in &settings.block.keys {
            let parts = key.split('&').map(|it| plan.part(settings, it.trim()));
            plan.keys.push(parts.collect::<Result<_, _>>()?);
        }
        for part in &settings.block.refine {
            plan.refine.push(plan.part(settings, part.trim())?);
        }
        for (index, of) in settings.compare.iter().enumerate() {
            let refused = |text: &str| SettingsError(format!("compare {:?}: {text}", of.name));
            let place = place(settings, &of.field).ok_or_else(|| refused("no such field"))?;
            let field = &plan.fields[place];
            if !of.by.suits(field.kind) {
                return Err(refused("this field cannot be compared so"));
            }
            let only_if = match of.only_if.as_deref() {
                None => None,
                Some(text) => {
                    let name = text.strip_prefix('!').unwrap_or(text);
                    let earlier = settings.compare[..index].iter().position(|it| it.name == name);
                    let other = earlier.ok_or_else(|| {
                        refused("only_if must name a comparison that stands before")
                    })?;
                    Some((other, name.len() == text.len()))
                }
            };
            let (by, at, list) = (of.by, field.at, field.list);
            plan.comparisons.push(PlannedComparison { by, at, list, only_if });
        }
        Ok(plan)
    }

    fn add_field(&mut self, field: &FieldSettings) {
        let mut columns = vec![];
        for name in &field.from {
            let known = self.columns.iter().position(|it| it == name);
            columns.push(known.unwrap_or_else(|| {
                self.columns.push(name.clone());
                self.columns.len() - 1
            }));
        }
        let list = self.lists.len();
        if has_words(field.kind) {
            self.lists.push(field.name.clone());
        }
        self.fields.push(PlannedField { kind: field.kind, columns, at: self.stride, list });
        self.stride += cells(field.kind);
    }

    fn part(&self, settings: &Settings, text: &str) -> Result<Part, SettingsError> {
        let refused = || SettingsError(format!("block: {text:?} is no part of a key"));
        let end = text.find(['.', '/', '%']).unwrap_or(text.len());
        let place = place(settings, &text[..end]).ok_or_else(refused)?;
        let field = &self.fields[place];
        Part::parse(field.kind, field.at, &text[end..]).ok_or_else(refused)
    }
}

fn place(settings: &Settings, name: &str) -> Option<usize> {
    settings.field.iter().position(|it| it.name == name)
}
