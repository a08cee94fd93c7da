//! `docs/problems.md` lists every problem and every refusal, as they are.

use std::path::Path;

use ingest::problem::{Lang, ProblemCode};
use ingest::refusal::RefusalCode;

fn expected() -> String {
    let mut text = String::from(
        "# What can be wrong with a file\n\n\
         Two lists the senders of files meet. The codes are stable: programs may rely on them.\n\
         No message ever holds a value from the file.\n\n\
         ## Problems of rows and cells\n\n\
         A row with an *error* is not taken. With a *warning* it is taken and the value in question is \
         not relied on. A *note* asks for nothing.\n\n\
         | Code | Severity | Message and remedy (Indonesian) | Message and remedy (English) |\n\
         |---|---|---|---|\n",
    );
    for &code in ProblemCode::ALL {
        let both = |lang| format!("{}. *{}.*", code.message(lang), code.remedy(lang));
        let (id, en) = (both(Lang::Indonesian), both(Lang::English));
        text += &format!("| `{}` | {} | {id} | {en} |\n", code.as_str(), code.severity().code());
    }
    text += "\n## Files that are not taken\n\n\
             | Code | Message and remedy (Indonesian) | Message and remedy (English) |\n|---|---|---|\n";
    for &code in RefusalCode::ALL {
        let both = |lang| format!("{}. *{}.*", code.message(lang), code.remedy(lang));
        let (id, en) = (both(Lang::Indonesian), both(Lang::English));
        text += &format!("| `{}` | {id} | {en} |\n", code.as_str());
    }
    text
}

#[test]
fn the_list_of_problems_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/problems.md");
    let wanted = expected();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &wanted).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap();
    let differs = wanted.lines().zip(written.lines()).find(|it| it.0 != it.1);
    assert_eq!(differs, None, "docs/problems.md is stale");
    assert_eq!(wanted, written);
}
