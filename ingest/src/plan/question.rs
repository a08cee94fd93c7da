//! What only the sender can say about a table.

use domain::record::Field;
use serde::{Deserialize, Serialize};

use super::wording::name;
use crate::problem::{Lang, letters};

/// Why a question is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuestionKind {
    /// No column was found for an owner's or a business's name.
    NameMissing,
    /// More than one column claims the field.
    SeveralColumns,
    /// The heading says one thing and the contents another.
    ContentDiffers,
}

/// A column that may be the answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuestionColumn {
    /// The column, from 0.
    pub column: u32,
    /// Its heading as a mapping names it.
    pub heading: String,
    /// Codes of the fields it may mean, the likeliest first.
    pub fields: Vec<String>,
}

/// Something the sender must say before the rows are read; the answer is a [`super::Mapping`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// The sheet's name; empty for a text file.
    pub sheet: String,
    /// Why it is asked.
    pub kind: QuestionKind,
    /// The code of the field in question.
    pub field: String,
    /// The columns that may be the answer, the likeliest first.
    pub columns: Vec<QuestionColumn>,
}

impl Question {
    /// The question in words.
    pub fn message(&self, lang: Lang) -> String {
        let columns: Vec<String> = self
            .columns
            .iter()
            .map(|it| format!("{} \"{}\"", letters(it.column), it.heading))
            .collect();
        let field = Field::from_code(&self.field).map_or(self.field.as_str(), |it| name(it, lang));
        let columns = columns.join(", ");
        match (self.kind, lang) {
            (QuestionKind::NameMissing, Lang::Indonesian) => {
                format!("Kolom mana yang memuat nama pemilik atau nama usaha? Mungkin: {columns}")
            }
            (QuestionKind::NameMissing, Lang::English) => {
                format!("Which column holds the owner's or the business's name? Maybe: {columns}")
            }
            (QuestionKind::SeveralColumns, Lang::Indonesian) => {
                format!("Lebih dari satu kolom tampak berarti {field}: {columns}. Mana yang benar?")
            }
            (QuestionKind::SeveralColumns, Lang::English) => {
                format!("More than one column seems to mean {field}: {columns}. Which one does?")
            }
            (QuestionKind::ContentDiffers, Lang::Indonesian) => {
                format!("Judul kolom {columns} berarti {field}, tetapi isinya lain. Apa artinya?")
            }
            (QuestionKind::ContentDiffers, Lang::English) => {
                format!(
                    "The heading of {columns} means {field}, but the contents differ. What is it?"
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_names_the_field_in_words() {
        let column = QuestionColumn { column: 2, heading: "NAMA".to_owned(), fields: Vec::new() };
        let (kind, field) = (QuestionKind::SeveralColumns, "owner_name".to_owned());
        let question = Question { sheet: String::new(), kind, field, columns: vec![column] };
        let (indonesian, english) =
            (question.message(Lang::Indonesian), question.message(Lang::English));
        assert!(indonesian.contains("berarti nama pemilik: C \"NAMA\""), "{indonesian}");
        assert!(english.contains("mean owner's name: C \"NAMA\""), "{english}");
    }
}
