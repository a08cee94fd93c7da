//! An answer, compared with what was declared.

use std::collections::{BTreeMap, BTreeSet};

use domain::enterprise::Attribute;
use domain::purpose::Purpose;
use domain::record::Field as Column;
use domain::view::attribute_of;
use domain::viewer::{Role, Scope, Viewer};
use domain::visibility::{Access, Origin, Relation, Ruling, Standing, origin};
use serde_json::Value;
use tunggal::graphql::declared::{Takes, takes};

use super::city::{AGREED, CANARIES, City, Of};
use super::shape::Shape;

/// Who asks, and what was found wrong with what came back.
pub struct Judge<'a> {
    pub city: &'a City,
    pub shape: &'a Shape,
    /// As whom the hub reads for her.
    pub viewer: &'a Viewer,
    /// What was asked, for whoever reads a failure.
    pub asked: String,
    /// The fields that came back.
    pub reached: BTreeSet<(String, String)>,
    /// What is wrong, and the first question that showed it.
    pub wrong: BTreeMap<String, String>,
}

/// What the objects above say.
#[derive(Clone, Copy, Default)]
struct Around<'v> {
    enterprise: Option<Of>,
    agency: Option<&'v str>,
    claim: Option<Attribute>,
}

impl Judge<'_> {
    pub fn blame(&mut self, what: impl Into<String>) {
        let (role, purpose) = (self.viewer.role.code(), self.viewer.purpose().code());
        let what = format!("{role} for {purpose}: {}", what.into());
        self.wrong.entry(what).or_insert_with(|| self.asked.clone());
    }

    /// Whether the enterprise is in the viewer's scope.
    pub fn finds(&self, of: Of) -> bool {
        match self.viewer.scope() {
            Scope::All | Scope::Used => true,
            Scope::Agency(agency) => of.is_known_to(agency.as_str()),
            Scope::Consent(institution, purpose) => {
                (institution.as_str(), purpose) == ("bank", Purpose::Financing) && of == Of::Kominfo
            }
            Scope::Person(_) => of == Of::Kominfo,
            Scope::Nothing => false,
        }
    }

    /// How the viewer stands to what `agency` wrote. Whom a consent or her own row lets in finds one enterprise,
    /// and all its rows are of the person who agreed, or of herself.
    fn standing(&self, agency: &str) -> Standing {
        let own = self.viewer.agency.as_ref().is_some_and(|it| it.as_str() == agency);
        let own = own || self.viewer.role == Role::Owner;
        let relation = if own { Relation::Own } else { Relation::Others };
        let agreed = if self.finds(Of::Kominfo) { AGREED } else { &[] };
        let consented = agreed.iter().copied().collect();
        Standing { relation, consented, restricted: false }
    }

    fn is_told_dates_alone(&self) -> bool {
        origin(self.viewer.role) == Origin::Dated
    }

    fn sees(&self, agency: &str, attribute: Attribute) -> Ruling {
        self.viewer.sees(&self.standing(agency), attribute)
    }

    /// Judges the value of `field` of the type `of`.
    pub fn field(&mut self, of: &str, field: &str, value: &Value) {
        self.judge(of, field, value, Around::default());
    }

    fn judge(&mut self, of: &str, field: &str, value: &Value, around: Around<'_>) {
        self.reached.insert((of.to_owned(), field.to_owned()));
        match takes(of, field) {
            None => self.blame(format!(
                "{of}.{field} is not declared: say in api/src/graphql/declared.rs what it takes"
            )),
            Some(Takes::Right(it)) if !self.viewer.may(it) && !value.is_null() => {
                self.blame(format!("{of}.{field} came back without the right to {}", it.phrase()));
            }
            Some(Takes::Narrowed(it)) if !self.viewer.may(it) && !is_nothing(value) => {
                self.blame(format!(
                    "{of}.{field} holds something without the right to {}",
                    it.phrase()
                ));
            }
            Some(Takes::Value(attribute)) => self.value(of, field, attribute, value, around),
            Some(Takes::SizeValue) => self.size(value, around),
            Some(Takes::Place) if self.is_told_dates_alone() && !is_nothing(value) => {
                self.blame(format!("{of}.{field} tells where a row stands"));
            }
            Some(Takes::WholeRow) => self.row(value, around),
            Some(_) => {}
        }
        let claim = match takes(of, field) {
            Some(Takes::Value(attribute)) => Some(attribute),
            _ => around.claim,
        };
        self.below(of, field, value, Around { claim, ..around });
    }

    fn below(&mut self, of: &str, field: &str, value: &Value, around: Around<'_>) {
        match value {
            Value::Array(all) => all.iter().for_each(|it| self.below(of, field, it, around)),
            Value::Object(fields) => {
                let name = value["__typename"].as_str().unwrap_or_default().to_owned();
                let around = self.inside(&name, value, around);
                for (field, value) in fields.iter().filter(|it| it.0 != "__typename") {
                    self.judge(&name, field, value, around);
                }
            }
            Value::String(text) => self.leaf(of, field, text, around),
            Value::Number(number) => self.leaf(of, field, &number.to_string(), around),
            Value::Null | Value::Bool(_) => {}
        }
    }

    fn inside<'v>(&mut self, name: &str, value: &'v Value, around: Around<'v>) -> Around<'v> {
        match name {
            "Enterprise" => {
                let id = value["id"].as_str().unwrap_or_default();
                let of = self.city.enterprises.iter().find(|it| it.1 == id).map(|it| *it.0);
                if of.is_none_or(|it| !self.finds(it)) {
                    self.blame("an enterprise out of scope came back");
                }
                Around { enterprise: of, agency: None, claim: None }
            }
            "SourceRecord" => Around { agency: value["agency"].as_str(), ..around },
            "RecordText" => {
                self.text(value, around);
                around
            }
            "Owner" => Around::default(),
            _ => around,
        }
    }

    /// A value with how much of it is shown and why.
    fn value(
        &mut self,
        of: &str,
        field: &str,
        attribute: Attribute,
        value: &Value,
        around: Around<'_>,
    ) {
        let writers = match (of, around.enterprise) {
            ("Owner", _) => &["nobody"][..],
            (_, Some(it)) => it.writers(attribute),
            (_, None) => return,
        };
        let told = (value["access"].as_str().unwrap_or_default(), value["reason"].as_str());
        if writers.is_empty() || (of == "Owner" && told.0 == "UNKNOWN") {
            return;
        }
        let rulings: Vec<Ruling> = writers.iter().map(|it| self.sees(it, attribute)).collect();
        // Where the walk ends above it, a value that has fields was not asked for.
        let shown = |it: &Ruling| value.get("value").is_none_or(|value| shown_as(it, value));
        if !rulings.iter().any(|it| told == words(it) && shown(it)) {
            let is = rulings.iter().map(words).collect::<Vec<_>>();
            self.blame(format!("{of}.{field} is told as {told:?}, declared as {is:?}"));
        }
    }

    fn size(&mut self, value: &Value, around: Around<'_>) {
        let Some(of) = around.enterprise else { return };
        let writers = of.writers(Attribute::AnnualSales).iter();
        let mut rulings = writers.map(|it| self.sees(it, Attribute::AnnualSales));
        let told = value["access"].as_str().unwrap_or_default();
        let fits = |it: Ruling| match it.access {
            Access::Whole => told == "WHOLE" && !value["class"].is_null(),
            _ => told == "HIDDEN" && value["class"].is_null() && value["basis"].is_null(),
        };
        if !rulings.any(fits) {
            self.blame(format!("the size class is {told}"));
        }
    }

    fn row(&mut self, value: &Value, around: Around<'_>) {
        let Some(agency) = around.agency else { return };
        let whole = |it: &Attribute| self.sees(agency, *it).access == Access::Whole;
        if Attribute::ALL.iter().all(whole) == value.is_null() {
            self.blame("the cells of a row are not shown as declared");
        }
    }

    fn text(&mut self, value: &Value, around: Around<'_>) {
        let Some(agency) = around.agency else { return };
        let column = Column::from_code(value["field"].as_str().unwrap_or_default()).unwrap();
        let ruling = self.sees(agency, attribute_of(column));
        let told = (value["access"].as_str().unwrap_or_default(), value["reason"].as_str());
        if self.is_told_dates_alone()
            && (ruling.access == Access::Hidden || column == Column::OwnNumber)
        {
            self.blame(format!("the row is told to have a {}", column.code()));
        }
        if told != words(&ruling) || (ruling.access == Access::Hidden) != value["text"].is_null() {
            let is = words(&ruling);
            self.blame(format!(
                "the text {} is told as {told:?}, declared as {is:?}",
                column.code()
            ));
        }
    }

    /// No canary is where it must not be, and no id of what is out of scope.
    fn leaf(&mut self, of: &str, field: &str, text: &str, around: Around<'_>) {
        let decoded = unhexed(text);
        for canary in CANARIES {
            let holds = |text: &str| match canary.attribute {
                Attribute::Workers | Attribute::AnnualSales | Attribute::Capital => {
                    text == canary.text
                }
                _ => text.to_lowercase().contains(&canary.text.to_lowercase()),
            };
            if !holds(text) && !decoded.as_deref().is_some_and(holds) {
                continue;
            }
            let ruling = self.sees(canary.agency, canary.attribute);
            if takes(of, field) == Some(Takes::Answer) {
                // The walk has one person answered, and of her everything is told.
                if canary.of != Of::Kominfo {
                    self.blame(format!("LEAK: {of}.{field} holds what is of another person"));
                }
                continue;
            }
            if !self.finds(canary.of) || ruling.access != Access::Whole {
                let what = canary.attribute.code();
                self.blame(format!("LEAK: {of}.{field} holds a {what} of {}", canary.agency));
            }
            // Told by a field that is declared to hold something else.
            let told = around.claim.filter(|_| of.ends_with("Attribute") || of.ends_with("Claim"));
            let astray = |it| it != canary.attribute && canary.attribute != Attribute::Nik;
            if told.is_some_and(astray) {
                self.blame(format!("{of}.{field} holds a {}", canary.attribute.code()));
            }
        }
        let hidden: Vec<Of> = Of::ALL.into_iter().filter(|it| !self.finds(*it)).collect();
        for it in hidden {
            let ids = [&self.city.enterprises[&it], &self.city.owners[&it]];
            if ids.iter().any(|it| text.contains(it.as_str())) {
                self.blame(format!("LEAK: {of}.{field} holds an id out of scope"));
            }
        }
    }
}

fn is_nothing(value: &Value) -> bool {
    value.is_null() || value.as_array().is_some_and(Vec::is_empty)
}

/// A ruling as the API writes it.
fn words(ruling: &Ruling) -> (&'static str, Option<&'static str>) {
    use domain::visibility::Reason;
    let access = match ruling.access {
        Access::Whole => "WHOLE",
        Access::Masked => "MASKED",
        Access::Hidden => "HIDDEN",
    };
    let reason = ruling.reason.map(|it| match it {
        Reason::Role => "ROLE",
        Reason::Restricted => "RESTRICTED",
        Reason::Consent => "CONSENT",
        Reason::OtherAgency => "OTHER_AGENCY",
        Reason::OtherPerson => "OTHER_PERSON",
        Reason::Purpose => "PURPOSE",
    });
    (access, reason)
}

fn shown_as(ruling: &Ruling, value: &Value) -> bool {
    match ruling.access {
        Access::Hidden => value.is_null(),
        Access::Masked => value.as_str().is_some_and(|it| it.contains("**")),
        Access::Whole => !value.is_null(),
    }
}

/// What a cursor holds.
fn unhexed(text: &str) -> Option<String> {
    if text.len() < 16
        || !text.len().is_multiple_of(2)
        || !text.bytes().all(|it| it.is_ascii_hexdigit())
    {
        return None;
    }
    let byte = |it: usize| u8::from_str_radix(&text[it..it + 2], 16).ok();
    let bytes: Option<Vec<u8>> = (0..text.len()).step_by(2).map(byte).collect();
    String::from_utf8(bytes?).ok()
}

/// Whether the role belongs to an agency.
pub fn of_agency(role: Role) -> bool {
    matches!(role, Role::AgencyViewer | Role::AgencyOperator)
}
