//! The register of institutions: the banks and others outside the city's offices whose people and programs
//! may sign in, and to whom an owner may agree. Those that come with the program, and those that are set.

use super::Reader;
use crate::error::Error;

/// The institutions that come with the program.
const KNOWN: &str = include_str!("institutions.csv");
/// The longest code, in letters.
const LONGEST: usize = 100;

/// One institution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Institution {
    /// Its short name in tokens, accounts and consents, such as `bjb`.
    pub code: String,
    /// Its name in Indonesian, as owners and the public read it.
    pub name: String,
}

/// Every institution, by code.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Institutions(Vec<Institution>);

impl Institutions {
    /// Those that come with the program and those of the settings, `code=name` parted by commas; one that is
    /// set under a code that is there takes its place.
    pub(super) fn read(read: &mut Reader) -> Institutions {
        let mut all = Institutions::default();
        for line in KNOWN.lines().skip(1) {
            all.add(line.split_once(','));
        }
        let text = read.text("institutions");
        for pair in text.split(',').map(str::trim).filter(|it| !it.is_empty()) {
            if !all.add(pair.split_once('=')) {
                let expected = "pairs such as bank-umum=Bank Umum, whose codes are of letters, digits and - _ .";
                read.wrong::<()>("institutions", expected);
            }
        }
        all.0.sort_by(|one, other| one.code.cmp(&other.code));
        all
    }

    /// Whether it was one.
    fn add(&mut self, pair: Option<(&str, &str)>) -> bool {
        let fits = |it: char| it.is_ascii_alphanumeric() || matches!(it, '-' | '_' | '.');
        let Some((code, name)) = pair.map(|it| (it.0.trim(), it.1.trim())) else { return false };
        if !(1..=LONGEST).contains(&code.len()) || !code.chars().all(fits) || name.is_empty() {
            return false;
        }
        self.0.retain(|it| it.code != code);
        self.0.push(Institution { code: code.to_owned(), name: name.to_owned() });
        true
    }

    /// Knows an invented one as well, by code and name: for a sandbox.
    pub fn know(&mut self, invented: (&str, &str)) {
        self.add(Some(invented));
        self.0.sort_by(|one, other| one.code.cmp(&other.code));
    }

    /// Every institution, by code.
    pub fn all(&self) -> &[Institution] {
        &self.0
    }

    /// The one with this code.
    pub fn find(&self, code: &str) -> Option<&Institution> {
        self.0.iter().find(|it| it.code == code)
    }

    /// Refuses a code that is none, and says which there are.
    pub fn require(&self, code: &str) -> Result<(), Error> {
        if self.find(code).is_some() {
            return Ok(());
        }
        let known: Vec<&str> = self.0.iter().map(|it| it.code.as_str()).collect();
        Err(Error::invalid("institution", format!("must be one of {}", known.join(", "))))
    }
}
