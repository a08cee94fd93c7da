//! The corpus: normalised records as columns of numbers, so that comparing two reads no text.

use std::collections::HashMap;

use domain::id::RecordId;

use crate::model::Model;
use crate::normalise::NormalisedRecord;
use crate::text;

/// A word of the corpus.
pub(crate) type Token = u32;

/// The words of all records, each once.
#[derive(Default)]
pub(crate) struct Words {
    /// The letters, for edit distance.
    pub(crate) letters: Vec<Box<[u8]>>,
    /// Which letters occur, one bit each: a cheap bound on the edit distance.
    pub(crate) mask: Vec<u32>,
    /// Bits of surprise when two unrelated owners share the word.
    pub(crate) owner_bits: Vec<f32>,
    /// The same for business names.
    pub(crate) business_bits: Vec<f32>,
    /// The same for streets.
    pub(crate) street_bits: Vec<f32>,
}

/// Lists of words, one for each record, in one piece of memory.
#[derive(Default)]
pub(crate) struct Lists {
    words: Vec<Token>,
    starts: Vec<u32>,
}

impl Lists {
    fn push(&mut self, words: impl Iterator<Item = Token>) {
        if self.starts.is_empty() {
            self.starts.push(0);
        }
        self.words.extend(words);
        self.starts.push(u32::try_from(self.words.len()).unwrap_or(u32::MAX));
    }

    pub(crate) fn of(&self, record: usize) -> &[Token] {
        &self.words[self.starts[record] as usize..self.starts[record + 1] as usize]
    }
}

/// The numbers of one record that have one value each; 0 stands for missing throughout.
#[derive(Clone, Copy, Default)]
pub(crate) struct Row {
    pub(crate) nik: u64,
    /// The leading digits of a damaged NIK and how many they are.
    pub(crate) nik_known: (u64, u8),
    pub(crate) nib: u64,
    pub(crate) npwp: u64,
    pub(crate) phones: [u64; 2],
    pub(crate) email: u64,
    pub(crate) email_name: u64,
    /// Bits of surprise when an unrelated record has exactly the words of the owner's name, the brand, the
    /// street.
    pub(crate) phrase_bits: [f32; 3],
    pub(crate) from_owner: u16,
    /// The business has a name, though perhaps no distinctive word in it.
    pub(crate) is_named: bool,
    pub(crate) name_kinds: [u16; 3],
    pub(crate) name_groups: u16,
    pub(crate) sector_kinds: [u16; 3],
    pub(crate) sector_groups: u16,
    pub(crate) kbli: u32,
    pub(crate) number: u16,
    pub(crate) block: u32,
    pub(crate) rt: u16,
    pub(crate) rw: u16,
    pub(crate) kelurahan: u64,
    pub(crate) kecamatan: u32,
    pub(crate) year: u16,
    pub(crate) sales: f32,
    pub(crate) workers: f32,
    pub(crate) agency: u32,
}

/// Records as columns, in the order of their ids.
#[derive(Default)]
pub(crate) struct Corpus {
    pub(crate) ids: Vec<RecordId>,
    pub(crate) rows: Vec<Row>,
    pub(crate) owner: Lists,
    pub(crate) business: Lists,
    pub(crate) street: Lists,
    pub(crate) words: Words,
}

impl Corpus {
    /// Turns records into columns; how rare each word is comes from `model`, never from the records.
    pub(crate) fn new(records: &[&NormalisedRecord], model: &Model) -> Corpus {
        let mut corpus = Corpus::default();
        let mut known: HashMap<&str, Token> = HashMap::new();
        for record in records {
            corpus.ids.push(record.id);
            corpus.rows.push(row(record, model));
            let Corpus { words, owner, business, street, .. } = &mut corpus;
            let names = record.owner.iter().flat_map(|it| it.tokens.iter().chain(&it.alias));
            owner.push(names.map(|it| words.code(it, &mut known, model)));
            let core = record.business.iter().flat_map(|it| &it.core);
            business.push(core.map(|it| words.code(it, &mut known, model)));
            let places = record.street.iter().flat_map(|it| &it.tokens);
            street.push(places.map(|it| words.code(it, &mut known, model)));
        }
        corpus
    }

    pub(crate) fn len(&self) -> usize {
        self.ids.len()
    }
}

impl Words {
    fn code<'a>(
        &mut self,
        word: &'a str,
        known: &mut HashMap<&'a str, Token>,
        model: &Model,
    ) -> Token {
        *known.entry(word).or_insert_with(|| {
            let letters = word.as_bytes();
            self.mask.push(letters.iter().fold(0, |mask, it| mask | 1 << (it % 32)));
            self.letters.push(letters.into());
            self.owner_bits.push(model.owner_words.bits(word));
            self.business_bits.push(model.business_words.bits(word));
            self.street_bits.push(model.street_words.bits(word));
            (self.letters.len() - 1) as Token
        })
    }
}

fn row(record: &NormalisedRecord, model: &Model) -> Row {
    let digits = |text: &str| text.parse::<u64>().unwrap_or(0);
    let real = |number: u64| if model.is_dummy(number) { 0 } else { number };
    let mut phones =
        record.phones.iter().map(|it| real(number_of(it.reveal()))).filter(|it| *it != 0);
    let phones = [phones.next().unwrap_or(0), phones.next().unwrap_or(0)];
    let npwp = record.npwp.as_ref().map_or(0, |it| real(number_of(it.reveal())));
    let mut nik = record.nik.as_ref().map_or(0, |it| real(digits(it.reveal())));
    if nik == 0 && record.npwp_is_nik {
        nik = npwp;
    }
    let known = record.nik_known.as_ref().map_or("", |it| it.0.as_str());
    if nik == 0 && 16 <= known.len() {
        nik = real(digits(known));
    }
    let nik_known = (digits(known), known.len().min(16) as u8);
    let email = record.email.as_ref().map_or(0, |it| text::hash(&[it.0.as_bytes()]));
    let email_name = record.email.as_ref().and_then(|it| it.0.split_once('@'));
    // A name without a distinctive word describes the trade, as the sector column does.
    let (business, described) = match record.business.as_ref() {
        Some(name) if name.core.is_empty() => (None, Some(name.trade)),
        other => (other, None),
    };
    let described = described.unwrap_or_default();
    let sector = record.sector;
    let sector_kinds = if sector.kinds[0] == 0 { described.kinds } else { sector.kinds };
    let sector_groups = if sector_kinds == sector.kinds {
        sector.groups | described.groups
    } else {
        described.groups
    };
    let owner =
        record.owner.iter().flat_map(|it| it.tokens.iter().chain(&it.alias)).map(String::as_str);
    let brand = business.iter().flat_map(|it| &it.core).map(String::as_str);
    let places = record.street.iter().flat_map(|it| &it.tokens).map(String::as_str);
    let phrase_bits = [
        model.owner_words.phrase_bits(&owner.collect::<Vec<_>>()),
        model.business_words.phrase_bits(&brand.collect::<Vec<_>>()),
        model.street_words.phrase_bits(&places.collect::<Vec<_>>()),
    ];
    let street = record.street.as_ref();
    Row {
        nik,
        nik_known,
        nib: record.nib.as_ref().map_or(0, |it| real(digits(it.reveal()))),
        npwp: if record.npwp_is_nik { 0 } else { npwp },
        phones,
        email,
        email_name: email_name.map_or(0, |it| text::hash(&[it.0.as_bytes()])),
        from_owner: business.map_or(0, |it| it.from_owner),
        is_named: business.is_some(),
        name_kinds: business.map_or([0; 3], |it| it.trade.kinds),
        name_groups: business.map_or(0, |it| it.trade.groups),
        sector_kinds,
        sector_groups,
        phrase_bits,
        kbli: record.kbli.map_or(0, |it| it.prefix(5)),
        number: street.map_or(0, |it| it.number),
        block: street.map_or(0, |it| it.block),
        rt: record.rt,
        rw: record.rw,
        kelurahan: record.place.kelurahan.map_or(0, |it| it.0),
        kecamatan: record.place.kecamatan.map_or(0, |it| it.0),
        year: record.established.as_ref().and_then(|it| u16::try_from(it.year).ok()).unwrap_or(0),
        sales: record.annual_sales.map_or(0.0, |it| it.annual.0 as f32),
        workers: record.workers.map_or(0.0, |it| it as f32),
        agency: (text::hash(&[record.agency.as_str().as_bytes()]) >> 32) as u32,
    }
}

/// The digits of an identifier as a number, whatever stands between them.
pub(crate) fn number_of(text: &str) -> u64 {
    let digits = text.bytes().filter(u8::is_ascii_digit);
    digits.fold(0_u64, |number, it| number.wrapping_mul(10).wrapping_add(u64::from(it - b'0')))
}
