//! Memory of texts that come again and again, such as places, trades and dates, so that each is read once.

use domain::place::KecamatanCode;
use domain::place::rt_rw::RtRw;
use rustc_hash::FxHashMap;

use crate::normalise::TradeWords;

/// What was read of texts of one sort.
pub(super) struct Memo<T>(FxHashMap<Box<str>, T>);

impl<T> Default for Memo<T> {
    fn default() -> Memo<T> {
        Memo(FxHashMap::default())
    }
}

impl<T: Copy> Memo<T> {
    /// What `read` makes of the text, now or before.
    pub(super) fn of(&mut self, text: &str, read: impl FnOnce(&str) -> T) -> T {
        if let Some(known) = self.0.get(text) {
            return *known;
        }
        let found = read(text);
        self.0.insert(text.into(), found);
        found
    }

    /// The same for a text that may be missing.
    pub(super) fn any(&mut self, text: Option<&str>, read: impl FnOnce(&str) -> T) -> Option<T> {
        text.map(|it| self.of(it, read))
    }
}

/// Numbers for texts, from 1; 0 stands for a text that is missing.
#[derive(Default)]
pub(super) struct Numbers(Memo<u32>);

impl Numbers {
    pub(super) fn of(&mut self, text: Option<&str>) -> u32 {
        let next = self.0.0.len() as u32 + 1;
        self.0.any(text, |_| next).unwrap_or(0)
    }
}

/// Where kelurahan, kecamatan and office alone say that a row lies.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) kelurahan: u64,
    pub(super) kecamatan: u32,
    /// No kelurahan was found, so the street may tell.
    pub(super) open: bool,
}

/// What was read in one chunk of records.
#[derive(Default)]
pub(super) struct Memos {
    /// Trades in the senders' words: what they say, and a hash of the label.
    pub(super) trades: Memo<(TradeWords, Option<u64>)>,
    /// The titles of KBLI codes.
    pub(super) titles: Memo<TradeWords>,
    pub(super) categories: Memo<Option<u64>>,
    /// Hashes of what places are called.
    pub(super) places: Memo<Option<u64>>,
    pub(super) offices: Memo<Option<KecamatanCode>>,
    /// Texts of kelurahan, kecamatan and office.
    pub(super) texts: Numbers,
    /// By the numbers of the three.
    pub(super) located: FxHashMap<[u32; 3], Place>,
    pub(super) rt_rw: Memo<RtRw>,
    pub(super) amounts: Memo<Option<i64>>,
    pub(super) counts: Memo<Option<u32>>,
}
