//! Settling what each column means: the sender's word, then the heading, then the contents.

use domain::record::Field;

use super::{Column, Mapping, Question, QuestionColumn, QuestionKind};
use crate::content::Content;

/// Fields of which a wrong column would spoil every record.
const ESSENTIAL: &[Field] =
    &[Field::OwnerName, Field::BusinessName, Field::Nik, Field::Nib, Field::Npwp, Field::OwnNumber];
/// Fields whose content proves them.
const PROVEN: &[Field] =
    &[Field::Nik, Field::Nib, Field::Npwp, Field::Phone, Field::Email, Field::Kbli];

/// Settles the columns of one sheet and returns what only the sender can say.
pub fn settle(
    sheet: &str,
    columns: &mut [Column],
    contents: &[Content],
    confirmed: Option<&Mapping>,
) -> Vec<Question> {
    let mut fixed = vec![false; columns.len()];
    for (column, fixed) in columns.iter_mut().zip(&mut fixed) {
        if let Some(fields) = confirmed.and_then(|it| it.get(&column.heading)) {
            column.ignored = fields.is_empty();
            column.fields = fields;
            column.confidence = 1.0;
            *fixed = true;
        }
    }
    let mut questions = contradictions(sheet, columns, contents, &fixed);
    questions.extend(rivals(sheet, columns, contents, &fixed));
    plain_name(columns);
    fill_from_contents(columns, contents, &fixed);
    questions.extend(missing_name(sheet, columns, contents, &questions));
    questions
}

fn question(sheet: &str, kind: QuestionKind, field: Field, columns: &[&Column]) -> Question {
    let columns = columns.iter().map(|it| {
        let mut fields: Vec<String> = it.fields.iter().map(|it| it.code().to_owned()).collect();
        for (candidate, _) in &it.candidates {
            if !fields.iter().any(|it| it == candidate.code()) {
                fields.push(candidate.code().to_owned());
            }
        }
        QuestionColumn { column: it.index, heading: it.heading.clone(), fields }
    });
    Question {
        sheet: sheet.to_owned(),
        kind,
        field: field.code().to_owned(),
        columns: columns.collect(),
    }
}

/// Headings whose columns hold something else beyond doubt.
fn contradictions(
    sheet: &str,
    columns: &mut [Column],
    contents: &[Content],
    fixed: &[bool],
) -> Vec<Question> {
    let mut questions = Vec::new();
    for ((column, content), _) in columns.iter_mut().zip(contents).zip(fixed).filter(|it| !it.1) {
        let [field] = column.fields.as_slice() else { continue };
        let field = *field;
        let proves = |it: &&(Field, f32)| PROVEN.contains(&it.0) && it.0 != field && 0.8 <= it.1;
        let other = column.candidates.iter().find(proves).map(|it| it.0);
        let said =
            content.share(field).unwrap_or(if ESSENTIAL.contains(&field) { 0.0 } else { 1.0 });
        // A tax number may be the NIK, a registration number may be any number.
        let alike = matches!(
            (field, other),
            (Field::Npwp, Some(Field::Nik)) | (Field::OwnNumber | Field::FamilyCard, _)
        );
        if 5 <= content.filled && said < 0.1 && other.is_some() && !alike {
            questions.push(question(sheet, QuestionKind::ContentDiffers, field, &[column]));
            column.fields.clear();
            column.confidence = 0.0;
        }
    }
    questions
}

/// Several columns that claim one field: the surest gets it, equals are asked about if it matters.
fn rivals(
    sheet: &str,
    columns: &mut [Column],
    contents: &[Content],
    fixed: &[bool],
) -> Vec<Question> {
    let mut questions = Vec::new();
    for &field in Field::ALL {
        if field == Field::Phone {
            continue; // a second number is welcome
        }
        let claims = |it: &usize| columns[*it].fields.contains(&field);
        let mut claimants: Vec<usize> = (0..columns.len()).filter(claims).collect();
        if claimants.len() < 2 {
            continue;
        }
        let filled = |at: usize| contents.get(at).map_or(0, |it| it.filled);
        if claimants.iter().any(|it| 0 < filled(*it)) {
            let (full, empty): (Vec<usize>, Vec<usize>) =
                claimants.iter().partition(|it| 0 < filled(**it) || fixed[**it]);
            empty.iter().for_each(|it| columns[*it].fields.clear());
            claimants = full;
        }
        let weight = |it: usize| columns[it].confidence + if fixed[it] { 1.0 } else { 0.0 };
        let best = claimants.iter().map(|it| weight(*it)).fold(0.0, f32::max);
        let (first, rest): (Vec<usize>, Vec<usize>) =
            claimants.iter().partition(|it| best <= weight(**it));
        for at in rest {
            columns[at].fields.clear();
            columns[at].confidence = 0.0;
            columns[at].candidates.insert(0, (field, 0.5));
        }
        if first.len() < 2 {
            continue;
        }
        if ESSENTIAL.contains(&field) && !first.iter().all(|it| fixed[*it]) {
            let asked: Vec<&Column> = first.iter().map(|it| &columns[*it]).collect();
            questions.push(question(sheet, QuestionKind::SeveralColumns, field, &asked));
            first.iter().for_each(|it| columns[*it].fields.clear());
        } else {
            // The first from the left stands; the others stay with the row, unread.
            for at in &first[1..] {
                columns[*at].fields.clear();
                columns[*at].candidates.insert(0, (field, 0.5));
            }
        }
    }
    questions
}

/// A bare "Nama" is the owner's beside a column for the business or for a NIK. Alone it may be either.
fn plain_name(columns: &mut [Column]) {
    let has = |field: Field| columns.iter().any(|it| it.fields.contains(&field));
    let settled = has(Field::BusinessName) || has(Field::Nik);
    for column in columns.iter_mut().filter(|it| it.fields == [Field::OwnerName]) {
        if column.confidence < 0.7 {
            if settled {
                column.confidence = 0.8;
            } else {
                column.fields.clear();
                column.candidates = vec![(Field::OwnerName, 0.6), (Field::BusinessName, 0.4)];
            }
        }
    }
}

/// Gives a column with an unknown heading the one field its contents prove, if nobody else has it.
fn fill_from_contents(columns: &mut [Column], contents: &[Content], fixed: &[bool]) {
    const ALSO: &[Field] = &[Field::RtRw, Field::Kelurahan, Field::Kecamatan];
    for at in 0..columns.len() {
        if fixed[at] || columns[at].ignored || !columns[at].fields.is_empty() {
            continue;
        }
        let Some(content) = contents.get(at).filter(|it| 3 <= it.filled) else { continue };
        let proven = content
            .likely()
            .into_iter()
            .find(|it| (PROVEN.contains(&it.0) || ALSO.contains(&it.0)) && 0.8 <= it.1);
        if let Some((field, share)) = proven
            && !columns.iter().any(|it| it.fields.contains(&field))
            && columns[at].confidence == 0.0
            && !columns[at].candidates.iter().any(|it| ESSENTIAL.contains(&it.0) && it.0 != field)
        {
            columns[at].fields = vec![field];
            columns[at].confidence = share * 0.8;
        }
    }
}

/// Without a name there is nothing to file a record under.
fn missing_name(
    sheet: &str,
    columns: &[Column],
    contents: &[Content],
    open: &[Question],
) -> Option<Question> {
    let named = [Field::OwnerName, Field::BusinessName];
    let asked = open.iter().any(|it| named.iter().any(|field| it.field == field.code()));
    if asked || columns.iter().any(|it| it.fields.iter().any(|it| named.contains(it))) {
        return None;
    }
    let free = |it: &&Column| it.fields.is_empty() && !it.ignored;
    let mut candidates: Vec<&Column> = columns.iter().filter(free).collect();
    let wordy = |it: &Column| contents.get(it.index as usize).map_or(0, |it| it.wordy);
    let named_first = |it: &Column| it.candidates.iter().any(|it| named.contains(&it.0));
    candidates.sort_by_key(|it| (!named_first(it), u32::MAX - wordy(it)));
    candidates.truncate(6);
    let mut question = question(sheet, QuestionKind::NameMissing, Field::OwnerName, &candidates);
    for column in question.columns.iter_mut().filter(|it| it.fields.is_empty()) {
        column.fields = named.iter().map(|it| it.code().to_owned()).collect();
    }
    Some(question)
}
