//! `tunggal form`: the forms of national systems that lists are taken in and written in.

use crate::config::Config;
use crate::error::Error;

/// Prints what forms there are, or the file of one.
pub fn run(config: &Config, code: Option<&str>) -> Result<(), Error> {
    let Some(code) = code else {
        let lines: Vec<String> = config
            .forms
            .iter()
            .map(|it| {
                let read = if it.mapping().columns.is_empty() { "" } else { "in" };
                let written = if it.list.is_some() { "out" } else { "" };
                format!("{:14} {:8} {:2} {:3}  {}", it.code, it.version, read, written, it.title)
            })
            .collect();
        return super::print(&lines.join("\n"));
    };
    let form = config.forms.iter().find(|it| it.code == code);
    let form = form.ok_or_else(|| Error::invalid("form", "is none of `tunggal form`"))?;
    super::print(form.text.trim_end())
}
