//! The rules of the programmes: those that come with the program, or the city's own files.

use std::path::Path;

use domain::agency::Agency;
use financing::catalogue::Catalogue;
use tokio::sync::OnceCell;

use crate::error::Error;
use crate::store::Store;

/// The rules in use, and what facts are read with beside them.
#[derive(Debug)]
pub struct Rules {
    /// Programmes, rules and papers.
    pub catalogue: Catalogue,
    agencies: OnceCell<Vec<Agency>>,
}

impl Rules {
    /// The rules of the settings: the files of a directory, or those that come with the program.
    ///
    /// Fails with [`Error::ProgrammesMalformed`], which names file, line and remedy of every mistake.
    pub fn load(directory: Option<&Path>) -> Result<Rules, Error> {
        let catalogue = match directory {
            Some(directory) => read(directory)?,
            None => {
                Catalogue::shipped().map_err(|it| Error::ProgrammesMalformed(it.to_string()))?
            }
        };
        Ok(Rules { catalogue, agencies: OnceCell::new() })
    }

    /// Who sends lists. The register is given them when it is made, so they are read once.
    pub async fn agencies(&self, store: &Store) -> Result<&[Agency], Error> {
        Ok(self.agencies.get_or_try_init(|| store.agencies()).await?)
    }

    /// [`Rules::agencies`] once they were read; nobody before.
    pub fn known_agencies(&self) -> &[Agency] {
        self.agencies.get().map_or(&[], Vec::as_slice)
    }
}

/// Reads every `.toml` file of a directory as one whole, in the order of their names.
///
/// Fails with [`Error::ProgrammesMalformed`] when one cannot be read, when there is none, and on every mistake
/// in them.
pub fn read(directory: &Path) -> Result<Catalogue, Error> {
    let unreadable = |name: &str, error: std::io::Error| {
        Error::ProgrammesMalformed(format!("{name}: FILE_UNREADABLE: {error}"))
    };
    let listed = directory.to_string_lossy();
    let mut paths = vec![];
    for entry in std::fs::read_dir(directory).map_err(|it| unreadable(&listed, it))? {
        let path = entry.map_err(|it| unreadable(&listed, it))?.path();
        if path.extension().is_some_and(|it| it == "toml") {
            paths.push(path);
        }
    }
    paths.sort();
    let mut files = vec![];
    for path in paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).map_err(|it| unreadable(&name, it))?;
        files.push((name, text));
    }
    if files.is_empty() {
        let none = format!("{listed}: FILE_UNREADABLE: there is no .toml file in it");
        return Err(Error::ProgrammesMalformed(none));
    }
    let files: Vec<(&str, &str)> =
        files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    Catalogue::load(&files).map_err(|it| Error::ProgrammesMalformed(it.to_string()))
}
