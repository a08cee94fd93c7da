//! Features: what the engine knows of each record, as numbers. A record is a row of cells and a run of word
//! numbers; comparing two reads no text.

use domain::id::RecordId;
use rayon::prelude::*;
use rustc_hash::FxHashMap;

use crate::plan::Plan;
use crate::settings::Settings;
use crate::text;

mod gather;
mod memo;
mod read;
mod written;

pub use written::Written;

pub(crate) use gather::Place;
pub(crate) use read::NAMED;

/// A word's number in the vocabulary.
pub(crate) type Token = u32;

/// A word of a record, with what can be told of it without looking it up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Word {
    pub(crate) token: Token,
    /// Which letters occur, one bit each, and in the highest five bits how many: a cheap bound on the edit
    /// distance.
    sketch: u32,
}

impl Word {
    const LETTERS: u32 = 27;

    fn sketch(letters: &[u8]) -> u32 {
        let mask = letters.iter().fold(0, |mask, it| mask | 1 << (u32::from(*it) % Word::LETTERS));
        mask | (letters.len().min(31) as u32) << Word::LETTERS
    }

    /// How many letters it has, 31 standing for more.
    pub(crate) fn length(self) -> usize {
        (self.sketch >> Word::LETTERS) as usize
    }

    /// Which letters it has.
    pub(crate) fn mask(self) -> u32 {
        self.sketch & ((1 << Word::LETTERS) - 1)
    }
}

/// A record as texts.
pub trait Texts: Sync {
    /// Its id; the engine treats records with one id as one.
    fn id(&self) -> RecordId;

    /// The text in a column of the settings; `None` when the record has no such column or nothing in it.
    fn text(&self, column: &str) -> Option<&str>;

    /// The texts in several columns; each is the first of its names that the record has.
    fn texts<'a>(&'a self, columns: &[Vec<&str>], found: &mut Vec<Option<&'a str>>) {
        found.extend(columns.iter().map(|names| names.iter().find_map(|name| self.text(name))));
    }
}

impl<T: Texts> Texts for &T {
    fn id(&self) -> RecordId {
        (*self).id()
    }

    fn text(&self, column: &str) -> Option<&str> {
        (*self).text(column)
    }

    fn texts<'a>(&'a self, columns: &[Vec<&str>], found: &mut Vec<Option<&'a str>>) {
        (*self).texts(columns, found);
    }
}

/// Records as numbers, in the order of their ids.
#[derive(Debug, Clone, Default)]
pub struct Features {
    pub(crate) ids: Vec<RecordId>,
    stride: usize,
    cells: Vec<u32>,
    words: Vec<Word>,
    starts: Vec<u32>,
    pub(crate) vocabulary: Vocabulary,
}

impl Features {
    /// Reads records as `settings` say, in parallel. Of two records with one id the first counts.
    pub fn read<T: Texts>(settings: &Settings, records: &[T]) -> Features {
        let mut reader = Reader::new(settings);
        reader.add(records);
        reader.finish()
    }

    /// How many records there are.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// There are none.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// The record's id.
    pub fn id(&self, record: usize) -> RecordId {
        self.ids[record]
    }

    /// Where the record with this id is.
    pub fn position(&self, id: RecordId) -> Option<usize> {
        self.ids.binary_search(&id).ok()
    }

    pub(crate) fn cells(&self, record: usize) -> &[u32] {
        &self.cells[record * self.stride..(record + 1) * self.stride]
    }

    /// A hash of everything a record says; records that are alike in everything have the same.
    pub(crate) fn content(&self, record: usize) -> u64 {
        let words = self.starts[record] as usize..self.starts[record + 1] as usize;
        let words = self.words[words].iter().map(|it| self.vocabulary.whole[it.token as usize]);
        let cells = self.cells(record).iter().map(|it| u64::from(*it));
        cells.chain(words).fold(1, |state, it| text::mix(state.wrapping_mul(3) ^ it))
    }

    /// Reads a little of each of these records, so that all of them are fetched from memory at once rather than
    /// one after the other when they are compared.
    pub(crate) fn touch(&self, records: &[u32]) {
        const LINE: usize = 16;
        let mut sum = 0;
        for record in records {
            let first = *record as usize * self.stride;
            sum ^= self.starts[*record as usize];
            for cell in (first..first + self.stride).step_by(LINE) {
                sum ^= self.cells[cell];
            }
        }
        for record in records {
            sum ^= self.words.get(self.starts[*record as usize] as usize).map_or(0, |it| it.token);
        }
        std::hint::black_box(sum);
    }

    pub(crate) fn cells_mut(&mut self) -> impl Iterator<Item = &mut [u32]> {
        self.cells.chunks_exact_mut(self.stride.max(1))
    }

    /// The words of the list whose cell is `at`.
    pub(crate) fn words(&self, record: usize, at: usize) -> &[Word] {
        let cell = self.cells[record * self.stride + at];
        let start = self.starts[record] as usize + (cell >> 8) as usize;
        &self.words[start..start + (cell & 0xff) as usize]
    }
}

/// The words of all records, each once.
#[derive(Debug, Clone, Default)]
pub(crate) struct Vocabulary {
    letters: Vec<u8>,
    ends: Vec<u32>,
    sketch: Vec<u32>,
    /// A hash of the word.
    pub(crate) whole: Vec<u64>,
    /// A hash of its consonants.
    pub(crate) sound: Vec<u64>,
}

impl Vocabulary {
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The letters of a word, in ASCII or UTF-8.
    pub(crate) fn letters(&self, word: Token) -> &[u8] {
        let word = word as usize;
        let start = if word == 0 { 0 } else { self.ends[word - 1] as usize };
        &self.letters[start..self.ends[word] as usize]
    }

    pub(crate) fn word(&self, word: Token) -> &str {
        std::str::from_utf8(self.letters(word)).unwrap_or_default()
    }

    fn add(&mut self, word: &str) -> Token {
        self.letters.extend_from_slice(word.as_bytes());
        self.ends.push(self.letters.len() as u32);
        (self.ends.len() - 1) as Token
    }

    /// Fills in what is known of each word.
    fn seal(&mut self) {
        let all = 0..self.len() as Token;
        let of = |word: Token| {
            let letters = self.letters(word);
            let sound = text::hash(&[b"~", &text::skeleton(self.word(word))]);
            (Word::sketch(letters), (text::hash(&[letters]), sound))
        };
        let found: Vec<(u32, (u64, u64))> = all.into_par_iter().map(of).collect();
        (self.sketch, (self.whole, self.sound)) = found.into_iter().unzip();
    }
}

/// Records of one part of the input, with words numbered among themselves.
#[derive(Default)]
struct Chunk {
    ids: Vec<RecordId>,
    cells: Vec<u32>,
    words: Vec<Token>,
    starts: Vec<u32>,
    texts: Vec<Box<str>>,
}

/// Gathers records part by part, so that the texts of one part can go before the next comes.
pub struct Reader {
    plan: Plan,
    chunks: Vec<Chunk>,
}

/// How many records are read by one thread at a time.
const CHUNK: usize = 16_384;

impl Reader {
    /// A reader of records as `settings` say.
    ///
    /// # Panics
    /// When the settings do not hold together ([`Settings::check`]).
    pub fn new(settings: &Settings) -> Reader {
        let plan = Plan::new(settings).expect("settings are checked when they are read");
        Reader { plan, chunks: vec![] }
    }

    /// The columns it reads, several names of one with `|` between them.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.plan.columns.iter().map(String::as_str)
    }

    /// Reads more records.
    pub fn add<T: Texts>(&mut self, records: &[T]) {
        let chunks = records.par_chunks(CHUNK).map(|it| read::chunk(&self.plan, it));
        self.chunks.par_extend(chunks);
    }

    /// All records that were read.
    pub fn finish(mut self) -> Features {
        let mut vocabulary = Vocabulary::default();
        let mut known: FxHashMap<Box<str>, Token> = FxHashMap::default();
        for chunk in &mut self.chunks {
            let texts = std::mem::take(&mut chunk.texts).into_iter();
            let numbers: Vec<Token> = texts
                .map(|it| match known.get(&it) {
                    Some(number) => *number,
                    None => {
                        let number = vocabulary.add(&it);
                        known.insert(it, number);
                        number
                    }
                })
                .collect();
            for word in &mut chunk.words {
                *word = numbers[*word as usize];
            }
        }
        drop(known);
        vocabulary.seal();
        let places = self.chunks.iter().enumerate().flat_map(|(number, chunk)| {
            let ids = chunk.ids.iter().enumerate();
            ids.map(move |(row, id)| (*id, number as u32, row as u32))
        });
        let mut places: Vec<(RecordId, u32, u32)> = places.collect();
        places.par_sort_unstable();
        places.dedup_by_key(|it| it.0);
        let stride = self.plan.stride;
        let mut features = Features {
            ids: Vec::with_capacity(places.len()),
            stride,
            cells: Vec::with_capacity(places.len() * stride),
            words: Vec::with_capacity(self.chunks.iter().map(|it| it.words.len()).sum()),
            starts: Vec::with_capacity(places.len() + 1),
            vocabulary,
        };
        features.starts.push(0);
        for (id, number, row) in places {
            let (chunk, row) = (&self.chunks[number as usize], row as usize);
            features.ids.push(id);
            features.cells.extend_from_slice(&chunk.cells[row * stride..(row + 1) * stride]);
            let words = chunk.starts[row] as usize..chunk.starts[row + 1] as usize;
            let sketch = &features.vocabulary.sketch;
            let known = |it: &Token| Word { token: *it, sketch: sketch[*it as usize] };
            features.words.extend(chunk.words[words].iter().map(known));
            features.starts.push(features.words.len() as u32);
        }
        features
    }
}
