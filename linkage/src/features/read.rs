//! Reading: the texts of a record, field by field -> cells and words.

use domain::amount::{Count, Rupiah};
use domain::date::PartialDate;
use domain::identifier::{Nib, Npwp, Phone};
use domain::kbli::Kbli;
use domain::place::locate::locate;
use domain::place::rt_rw::RtRw;
use domain::place::{self, KecamatanCode};
use rustc_hash::FxHashMap;

use super::memo::{Memos, Place};
use super::{Chunk, Texts, Token};
use crate::normalise::{self, BusinessWords, NameWords, TradeWords, whole};
use crate::plan::{Plan, PlannedField};
use crate::settings::Kind;
use crate::text::{Words, canonical, hash, is_placeholder};

/// What has been read of the records of one chunk.
#[derive(Default)]
struct Reading {
    chunk: Chunk,
    known: FxHashMap<Box<str>, Token>,
    memos: Memos,
}

/// What of one record more than one field needs.
struct Record<'a> {
    texts: &'a [Option<&'a str>],
    /// Where its words begin.
    start: usize,
    persons: Vec<(usize, Option<NameWords>)>,
    businesses: Vec<(usize, Option<BusinessWords>)>,
    /// RT and RW written in the street.
    rt_rw: (u16, u16),
}

pub(super) fn chunk<T: Texts>(plan: &Plan, records: &[T]) -> Chunk {
    let mut reading = Reading::default();
    reading.chunk.ids.reserve(records.len());
    reading.chunk.cells.reserve(records.len() * plan.stride);
    reading.chunk.words.reserve(records.len() * 8);
    reading.chunk.starts.push(0);
    let names: Vec<Vec<&str>> = plan.columns.iter().map(|it| it.split('|').collect()).collect();
    let mut cells = vec![0; plan.stride];
    let mut texts = Vec::with_capacity(names.len());
    for record in records {
        cells.fill(0);
        texts.clear();
        record.texts(&names, &mut texts);
        reading.record(plan, &texts, &mut cells);
        reading.chunk.ids.push(record.id());
        reading.chunk.cells.extend_from_slice(&cells);
        reading.chunk.starts.push(reading.chunk.words.len() as u32);
    }
    reading.chunk
}

impl Reading {
    fn record(&mut self, plan: &Plan, texts: &[Option<&str>], cells: &mut [u32]) {
        let start = self.chunk.words.len();
        let (persons, businesses) = (vec![], vec![]);
        let mut record = Record { texts, start, persons, businesses, rt_rw: (0, 0) };
        for field in &plan.fields {
            let cells = &mut cells[field.at..];
            match field.kind {
                Kind::PersonName => self.person(field, &mut record, cells),
                Kind::BusinessName => self.business(field, &mut record, cells),
                Kind::Nik => nik(field, &record, cells),
                Kind::Nib => {
                    set(cells, read(field, &record, Nib::read).map(|it| digits(it.reveal())))
                }
                Kind::Npwp => {
                    let npwp = read(field, &record, Npwp::read).filter(|it| !it.is_nik());
                    set(cells, npwp.map(|it| digits(it.reveal())));
                }
                Kind::Identifier => set(cells, text_of(field, &record, 0).and_then(identifier)),
                Kind::Phone => phones(field, &record, cells),
                Kind::Email => email(field, &record, cells),
                Kind::Trade => self.trade(field, &record, cells),
                Kind::Street => self.street(field, &mut record, cells),
                Kind::Place => self.located(field, &record, cells),
                Kind::Date => cells[0] = date(field, &record),
                Kind::Amount => cells[0] = self.amount(field, &record).to_bits(),
                Kind::Count => cells[0] = self.count(field, &record).to_bits(),
                Kind::Category => {
                    let text = text_of(field, &record, 0);
                    set(cells, self.memos.categories.any(text, category).flatten());
                }
                Kind::Text => {
                    let parts =
                        (0..field.columns.len()).filter_map(|it| text_of(field, &record, it));
                    let mut words = Words::default();
                    for part in parts.map(Words::of).filter(|it| !is_placeholder(it)) {
                        part.iter().for_each(|it| words.push_canonical(it));
                    }
                    words.truncate(12);
                    cells[0] = self.words(&record, words.iter());
                }
            }
        }
    }

    /// Adds words and gives the cell that finds them again.
    fn words<'w>(&mut self, record: &Record, words: impl Iterator<Item = &'w str>) -> u32 {
        let first = self.chunk.words.len();
        for word in words {
            let number = match self.known.get(word) {
                Some(number) => *number,
                None => {
                    let number = self.chunk.texts.len() as Token;
                    self.chunk.texts.push(word.into());
                    self.known.insert(word.into(), number);
                    number
                }
            };
            self.chunk.words.push(number);
        }
        let count = (self.chunk.words.len() - first) as u32;
        ((first - record.start) as u32) << 8 | count
    }

    fn person(&mut self, field: &PlannedField, record: &mut Record, cells: &mut [u32]) {
        if let [_, _, ..] = field.columns[..] {
            let parts = (0..field.columns.len()).filter_map(|it| text_of(field, record, it));
            let whole = parts.collect::<Vec<_>>().join(" ");
            if let Some(name) = normalise::person_name(&whole) {
                cells[0] = self.words(record, name.tokens.iter().chain(name.alias.iter()));
            }
            return;
        }
        let place = record.person(field.columns[0]);
        if let Some(name) = record.persons[place].1.take() {
            cells[0] = self.words(record, name.tokens.iter().chain(name.alias.iter()));
            record.persons[place].1 = Some(name);
        }
    }

    fn business(&mut self, field: &PlannedField, record: &mut Record, cells: &mut [u32]) {
        let place = record.business(field);
        let Some(name) = record.businesses[place].1.take() else { return };
        // A name without a distinctive word describes the trade and is no name.
        if !name.core.is_empty() {
            cells[0] = self.words(record, name.core.iter());
            cells[1] = u32::from(name.from_owner) | NAMED;
            kinds(name.trade, &mut cells[2..]);
        }
        record.businesses[place].1 = Some(name);
    }

    fn street(&mut self, field: &PlannedField, record: &mut Record, cells: &mut [u32]) {
        if let Some(text) = text_of(field, record, 0) {
            let (street, rt_rw) = normalise::street(text);
            record.rt_rw = rt_rw;
            if let Some(street) = street {
                cells[0] = self.words(record, street.tokens.iter());
                cells[1] = u32::from(street.number);
                cells[2] = street.block;
            }
        }
        let mut read = |column: usize| {
            let read = |it: &str| whole(RtRw::read(it)).unwrap_or_default();
            self.memos.rt_rw.any(text_of(field, record, column), read).unwrap_or_default()
        };
        let (together, rt, rw) = (read(1), read(2), read(3));
        let first = |numbers: [u16; 3]| numbers.into_iter().find(|it| *it != 0).unwrap_or(0);
        // In its own column an RW needs no mark.
        let rw_alone = if rw.rw == 0 { rw.rt } else { rw.rw };
        let rt = first([together.rt, rt.rt, record.rt_rw.0]);
        let rw = first([together.rw, rw_alone, record.rt_rw.1]);
        cells[3] = u32::from(rt) << 16 | u32::from(rw);
    }

    fn trade(&mut self, field: &PlannedField, record: &Record, cells: &mut [u32]) {
        let code = text_of(field, record, 1).and_then(|it| Kbli::parse(it).ok());
        let read = |it: &str| (normalise::sector(it), label(it));
        let (mut sector, label) =
            self.memos.trades.any(text_of(field, record, 0), read).unwrap_or_default();
        if let Some(code) = code {
            let titled = self.memos.titles.of(code.title(), normalise::sector);
            if sector.kinds[0] == 0 && titled.kinds[0] != 0 {
                sector = titled;
            } else if sector.groups == 0 {
                sector.groups = normalise::groups_of_kbli(code);
            }
        }
        let name = field.columns.get(2).and_then(|column| {
            record.businesses.iter().find(|it| it.0 == *column).and_then(|it| it.1.as_ref())
        });
        if let Some(described) = name.filter(|it| it.core.is_empty()).map(|it| it.trade) {
            if sector.kinds[0] == 0 {
                sector.kinds = described.kinds;
            }
            sector.groups |= described.groups;
        }
        kinds(sector, cells);
        cells[2] = code.map_or(0, |it| it.prefix(5));
        set(&mut cells[3..], label);
        cells[5] = name.map_or(0, |it| it.trade.kinds[0].into());
    }

    /// Cells of the place by the gazetteer, then of the place as it is called.
    fn located(&mut self, field: &PlannedField, record: &Record, cells: &mut [u32]) {
        let memos = &mut self.memos;
        let text = |column: usize| text_of(field, record, column);
        let office = memos.offices.any(text(3), office_of).flatten();
        let place = |street: Option<&str>| {
            let found = locate(text(0), text(1), street, office);
            let open = found.kelurahan.is_none() && found.ambiguous.is_empty();
            let kecamatan = found.kecamatan.map_or(0, |it| it.0);
            Place { kelurahan: found.kelurahan.map_or(0, |it| it.0), kecamatan, open }
        };
        let numbers = [0, 1, 3].map(|it| memos.texts.of(text(it)));
        let mut found = *memos.located.entry(numbers).or_insert_with(|| place(None));
        if found.open && text(2).is_some() {
            found = place(text(2));
        }
        set(cells, Some(found.kelurahan));
        cells[2] = found.kecamatan;
        set(&mut cells[3..], memos.places.any(text(0), place_name).flatten());
        let kecamatan = memos.places.any(text(1), place_name).flatten();
        cells[5] = kecamatan.map_or(0, |it| (it >> 32) as u32 | 1);
    }

    fn amount(&mut self, field: &PlannedField, record: &Record) -> f32 {
        let mut read = |column: usize| {
            let read = |it: &str| whole(Rupiah::read(it)).map(|it| it.0);
            self.memos.amounts.any(text_of(field, record, column), read).flatten()
        };
        let year = read(0).or_else(|| read(1).and_then(|it| it.checked_mul(12)));
        year.map_or(0.0, |it| it as f32)
    }

    fn count(&mut self, field: &PlannedField, record: &Record) -> f32 {
        let mut read = |column: usize| {
            let read = |it: &str| whole(Count::read(it)).map(|it| it.0);
            self.memos.counts.any(text_of(field, record, column), read).flatten()
        };
        let count = read(0).or_else(|| match (read(1), read(2)) {
            (None, None) => None,
            (one, two) => Some(one.unwrap_or(0) + two.unwrap_or(0)),
        });
        count.map_or(0.0, |it| it as f32)
    }
}

/// The bit that says a business has a name, beside the bits of words from the owner's name.
pub(crate) const NAMED: u32 = 1 << 16;

impl Record<'_> {
    fn person(&mut self, column: usize) -> usize {
        if let Some(place) = self.persons.iter().position(|it| it.0 == column) {
            return place;
        }
        self.persons.push((column, self.texts[column].and_then(normalise::person_name)));
        self.persons.len() - 1
    }

    fn business(&mut self, field: &PlannedField) -> usize {
        let column = field.columns[0];
        if let Some(place) = self.businesses.iter().position(|it| it.0 == column) {
            return place;
        }
        let owner = field.columns.get(1).map(|it| self.person(*it));
        let owner = owner.and_then(|it| self.persons[it].1.as_ref());
        let name = self.texts[column].and_then(|it| normalise::business_name(it, owner));
        self.businesses.push((column, name));
        self.businesses.len() - 1
    }
}

fn text_of<'a>(field: &PlannedField, record: &Record<'a>, column: usize) -> Option<&'a str> {
    record.texts[*field.columns.get(column)?].filter(|it| !it.trim().is_empty())
}

fn read<T>(
    field: &PlannedField,
    record: &Record,
    read: fn(&str) -> domain::identifier::Reading<T>,
) -> Option<T> {
    text_of(field, record, 0).and_then(|it| whole(read(it)))
}

fn set(cells: &mut [u32], value: Option<u64>) {
    let value = value.unwrap_or(0);
    (cells[0], cells[1]) = (value as u32, (value >> 32) as u32);
}

/// The digits of an identifier as a number, whatever stands between them.
fn digits(text: &str) -> u64 {
    let digits = text.bytes().filter(u8::is_ascii_digit);
    digits.fold(0_u64, |number, it| number.wrapping_mul(10).wrapping_add(u64::from(it - b'0')))
}

fn nik(field: &PlannedField, record: &Record, cells: &mut [u32]) {
    let (nik, known) = text_of(field, record, 0).map_or((None, None), normalise::read_nik);
    let npwp = text_of(field, record, 1).and_then(|it| whole(Npwp::read(it)));
    let resident = npwp.filter(Npwp::is_nik).map(|it| digits(it.reveal()));
    let known = known.map(|it| it.0).unwrap_or_default();
    let typed = (16 <= known.len()).then(|| digits(&known));
    set(cells, nik.map(|it| digits(it.reveal())).or(resident).or(typed));
    set(&mut cells[2..], Some(digits(&known)));
    cells[4] = known.len().min(16) as u32;
}

/// A number or code: its digits, or a hash where there are letters among them.
fn identifier(text: &str) -> Option<u64> {
    let marks: String = text.chars().filter(|it| it.is_alphanumeric()).collect();
    let plain = marks.len() <= 18 && marks.bytes().all(|it| it.is_ascii_digit());
    if marks.bytes().all(|it| it == b'0') {
        None
    } else if plain {
        Some(digits(&marks))
    } else {
        (!is_placeholder(&Words::of(text)))
            .then(|| hash(&[marks.to_lowercase().as_bytes()]) | 1 << 63)
    }
}

fn category(text: &str) -> Option<u64> {
    let words = Words::of(text);
    (!is_placeholder(&words)).then(|| {
        let parts: Vec<&[u8]> = words.iter().map(str::as_bytes).collect();
        hash(&parts)
    })
}

fn phones(field: &PlannedField, record: &Record, cells: &mut [u32]) {
    let Some(text) = text_of(field, record, 0) else { return };
    let mut numbers: Vec<u64> =
        Phone::read_all(text).0.iter().map(|it| digits(it.reveal())).collect();
    if numbers.is_empty() {
        // A number of another country's form still names a line.
        let plain = digits(text);
        numbers.extend((1_000_000 <= plain).then_some(plain));
    }
    for (place, number) in numbers.into_iter().take(2).enumerate() {
        set(&mut cells[place * 2..], Some(number));
    }
}

fn email(field: &PlannedField, record: &Record, cells: &mut [u32]) {
    let Some(address) = text_of(field, record, 0).and_then(normalise::email) else { return };
    set(cells, Some(hash(&[address.0.as_bytes()])));
    let name = address.0.split_once('@').map(|it| hash(&[it.0.as_bytes()]));
    set(&mut cells[2..], name);
}

fn kinds(trade: TradeWords, cells: &mut [u32]) {
    cells[0] = u32::from(trade.kinds[0]) | u32::from(trade.kinds[1]) << 16;
    cells[1] = u32::from(trade.kinds[2]) | u32::from(trade.groups) << 16;
}

/// A trade in the sender's words, whatever their order.
fn label(text: &str) -> Option<u64> {
    let words = Words::of(text);
    let mut spelt = Words::default();
    words.iter().for_each(|it| spelt.push_canonical(it));
    let mut parts: Vec<&[u8]> =
        spelt.iter().filter(|it| 1 < it.len() && *it != "dan").map(str::as_bytes).collect();
    parts.sort_unstable();
    (!is_placeholder(&words) && !parts.is_empty()).then(|| hash(&parts))
}

/// A hash of what a place is called, without the words for what kind of place it is.
fn place_name(text: &str) -> Option<u64> {
    const MARKS: [&str; 8] = ["kel", "kelurahan", "desa", "ds", "kec", "kecamatan", "kota", "kab"];
    let words = Words::of(text);
    if is_placeholder(&words) {
        return None;
    }
    let name: String = words.iter().filter(|it| !MARKS.contains(it)).map(canonical).collect();
    (!name.is_empty()).then(|| hash(&[name.as_bytes()]))
}

/// The kecamatan that an agency serves, from its name or code.
fn office_of(text: &str) -> Option<KecamatanCode> {
    let name = text.strip_prefix("kecamatan_").unwrap_or(text).replace('_', " ").to_lowercase();
    let found = place::kecamatan().iter().find(|it| it.name.to_lowercase() == name);
    found.map(|it| it.code)
}

/// Year, month and day as one decimal number, zeros where unknown; eight digits that are no day as they are.
fn date(field: &PlannedField, record: &Record) -> u32 {
    let read =
        |column: usize| text_of(field, record, column).and_then(|it| whole(PartialDate::read(it)));
    let packed = |it: PartialDate| {
        let year = u32::try_from(it.year).unwrap_or(0);
        year * 10_000 + u32::from(it.month.unwrap_or(0)) * 100 + u32::from(it.day.unwrap_or(0))
    };
    match (read(0), read(1)) {
        (Some(date), Some(recorded)) if date.is_after(recorded) => 0,
        (Some(date), _) => packed(date),
        (None, _) => {
            let text = text_of(field, record, 0).unwrap_or_default();
            let plain = text.len() == 8 && text.bytes().all(|it| it.is_ascii_digit());
            if plain { digits(text) as u32 } else { 0 }
        }
    }
}
