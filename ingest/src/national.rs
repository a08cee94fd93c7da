//! The forms of national systems: which columns an extract has and what each holds, and what a list must hold to be
//! sent in. What is not published is assumed, and each column says so.

use std::collections::BTreeSet;

use domain::enterprise::Attribute;
use serde::Deserialize;

use crate::plan::Mapping;

/// The forms that come with the program, each with its file.
pub const SHIPPED: [(&str, &str); 4] = [
    ("oss-nib.toml", include_str!("national/oss-nib.toml")),
    ("sidt-kumkm.toml", include_str!("national/sidt-kumkm.toml")),
    ("siinas.toml", include_str!("national/siinas.toml")),
    ("sikp.toml", include_str!("national/sikp.toml")),
];

/// A form of a national system, in the version that the file says.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NationalForm {
    /// The name that it is asked for by.
    pub code: String,
    /// Since when it stands like this.
    pub version: String,
    /// What it is.
    pub title: String,
    /// What it rests on: regulations and guides.
    pub source: String,
    /// What is written into it; none for a form that is only read.
    pub list: Option<List>,
    /// The section of KBLI whose enterprises alone it is for.
    pub section: Option<char>,
    /// Its columns from left to right.
    pub columns: Vec<Column>,
    /// The file that it was read from.
    #[serde(skip)]
    pub text: String,
}

/// What is written into a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum List {
    /// Enterprises that somebody finds.
    Enterprises,
    /// How they stand with a financing programme.
    Financing,
}

/// A column of a form.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// Its heading.
    pub heading: String,
    /// What is read from it: the code of a field, two joined by `+`, or `ignore`.
    #[serde(rename = "in")]
    pub read: Option<String>,
    /// What is written into it: the code of an attribute, or of something that follows.
    #[serde(rename = "out")]
    pub written: Option<Holds>,
    /// Nothing is sent in without it.
    #[serde(default)]
    pub required: bool,
    /// How sure it is that the system has this column.
    pub mark: Mark,
}

/// How sure a column is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mark {
    /// A source says so.
    Verified,
    /// The form is not public.
    Assumed,
}

/// What a column holds of an enterprise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// The value the hub stands by.
    Value(Attribute),
    /// The enterprise's id.
    EnterpriseId,
    /// The official name of its kelurahan.
    KelurahanName,
    /// The official name of its kecamatan.
    KecamatanName,
    /// Its size class by PP 7/2021 article 35, in Indonesian.
    SizeClass,
    /// Its owner's sex as her NIK says it: L or P.
    OwnerSex,
    /// Its owner's date of birth as her NIK says it: day/month/year.
    OwnerBirthDate,
    /// The financing programme.
    Programme,
}

impl TryFrom<&str> for Holds {
    type Error = String;

    fn try_from(code: &str) -> Result<Holds, String> {
        Ok(match code {
            "enterprise_id" => Holds::EnterpriseId,
            "kelurahan_name" => Holds::KelurahanName,
            "kecamatan_name" => Holds::KecamatanName,
            "size_class" => Holds::SizeClass,
            "owner_sex" => Holds::OwnerSex,
            "owner_birth_date" => Holds::OwnerBirthDate,
            "programme" => Holds::Programme,
            other => match Attribute::from_code(other) {
                Some(attribute) => Holds::Value(attribute),
                None => return Err(format!("{other} is nothing that can be written")),
            },
        })
    }
}

impl<'de> Deserialize<'de> for Holds {
    fn deserialize<D: serde::Deserializer<'de>>(input: D) -> Result<Holds, D::Error> {
        let code = String::deserialize(input)?;
        Holds::try_from(code.as_str()).map_err(serde::de::Error::custom)
    }
}

impl NationalForm {
    /// Reads the file of a form.
    ///
    /// Fails with what is wrong with it, its line where there is one, and what to do.
    pub fn read(text: &str) -> Result<NationalForm, String> {
        let form: NationalForm =
            toml::from_str(text).map_err(|it| it.to_string().trim_end().to_owned())?;
        let form = NationalForm { text: text.to_owned(), ..form };
        let mapping = form.mapping();
        if let Some(code) = mapping.unknown_codes().first() {
            return Err(format!("in = \"{code}\" is no field: docs/mapping.md lists them"));
        }
        let headings: BTreeSet<String> =
            form.columns.iter().map(|it| it.heading.to_lowercase()).collect();
        if headings.len() != form.columns.len() {
            return Err("two columns have the same heading".to_owned());
        }
        let written = form.columns.iter().any(|it| it.written.is_some());
        if written != form.list.is_some() {
            return Err("a form with list has columns with out, and one without has none".into());
        }
        if form.columns.iter().any(|it| it.required && it.written.is_none()) {
            return Err("a required column says what is written into it (out)".to_owned());
        }
        let programme = form.columns.iter().any(|it| it.written == Some(Holds::Programme));
        if programme && form.list != Some(List::Financing) {
            return Err("programme is written into a form with list = \"financing\" alone".into());
        }
        Ok(form)
    }

    /// The forms that come with the program.
    pub fn shipped() -> Result<Vec<NationalForm>, String> {
        let read = |(name, text): &(&str, &str)| {
            NationalForm::read(text).map_err(|it| format!("{name}: {it}"))
        };
        SHIPPED.iter().map(read).collect()
    }

    /// What its headings mean where it is taken in; empty for a form that is only written.
    pub fn mapping(&self) -> Mapping {
        let read = |it: &Column| Some((it.heading.clone(), it.read.clone()?));
        Mapping { columns: self.columns.iter().filter_map(read).collect() }
    }

    /// Its columns that are written.
    pub fn written(&self) -> impl Iterator<Item = (&Column, Holds)> {
        self.columns.iter().filter_map(|it| Some((it, it.written?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_forms_are_whole() {
        let forms = NationalForm::shipped().unwrap();
        let codes: Vec<&str> = forms.iter().map(|it| it.code.as_str()).collect();
        assert_eq!(codes, ["oss-nib", "sidt-kumkm", "siinas", "sikp"]);
        for form in &forms {
            // What is not published is assumed, and a form that is written says what it cannot be without.
            assert!(form.columns.iter().any(|it| it.mark == Mark::Assumed), "{}", form.code);
            assert_eq!(form.list.is_some(), form.columns.iter().any(|it| it.required));
        }
    }

    #[test]
    fn a_mistake_is_told_with_its_place() {
        let with = |columns: &str| {
            let head = "code = \"a\"\nversion = \"1\"\ntitle = \"A\"\nsource = \"B\"\nlist = \"enterprises\"\n";
            NationalForm::read(&format!("{head}{columns}")).unwrap_err()
        };
        let column = "[[columns]]\nheading = \"NIK\"\nmark = \"assumed\"\n";
        let told = with(&format!("{column}out = \"nikk\"\n"));
        assert!(
            told.contains("nikk is nothing that can be written") && told.contains("line 9"),
            "{told}"
        );
        let told = with(&format!("{column}in = \"nikk\"\nout = \"nik\"\n"));
        assert!(told.contains("docs/mapping.md"), "{told}");
        let told = with(&format!(
            "{column}out = \"nik\"\n{}out = \"nib\"\n",
            column.replace("NIK", "nik")
        ));
        assert!(told.contains("same heading"), "{told}");
        assert!(with(&format!("{column}in = \"nik\"\n")).contains("columns with out"));
        assert!(with(&format!("{column}out = \"programme\"\n")).contains("financing"));
        assert!(with(&format!("{column}colour = \"nik\"\n")).contains("unknown field"));
    }
}
