//! Forms of national systems: those that come with the program, and a city's own in `national_forms_dir`.

use std::path::Path;

use ingest::national::NationalForm;

/// The forms, by code; one of the directory stands in the place of a shipped one of the same code.
///
/// Fails with every mistake, each with its file.
pub fn load(directory: Option<&Path>) -> Result<Vec<NationalForm>, Vec<String>> {
    let mut forms = NationalForm::shipped().map_err(|it| vec![it])?;
    let Some(directory) = directory else { return Ok(forms) };
    let listed = |it: std::io::Error| vec![format!("{}: {it}", directory.display())];
    let mut paths = vec![];
    for entry in std::fs::read_dir(directory).map_err(listed)? {
        paths.push(entry.map_err(listed)?.path());
    }
    paths.retain(|it| it.extension().is_some_and(|it| it == "toml"));
    paths.sort();
    let mut mistakes = vec![];
    for path in paths {
        let text = std::fs::read_to_string(&path).map_err(|it| it.to_string());
        match text.and_then(|it| NationalForm::read(&it)) {
            Ok(form) => {
                forms.retain(|it| it.code != form.code);
                forms.push(form);
            }
            Err(mistake) => mistakes.push(format!("{}: {mistake}", path.display())),
        }
    }
    if mistakes.is_empty() { Ok(forms) } else { Err(mistakes) }
}
