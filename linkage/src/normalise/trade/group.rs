//! Broad groups of trade, one bit each, so that a vague word ("makanan") can stand for several.

pub(super) const MEAL: u16 = 1;
pub(super) const PROCESSED: u16 = 1 << 1;
pub(super) const RETAIL: u16 = 1 << 2;
pub(super) const FASHION: u16 = 1 << 3;
pub(super) const CRAFT: u16 = 1 << 4;
pub(super) const SERVICE: u16 = 1 << 5;
pub(super) const WORKSHOP: u16 = 1 << 6;
pub(super) const FARM: u16 = 1 << 7;
pub(super) const ANIMAL: u16 = 1 << 8;
pub(super) const DIGITAL: u16 = 1 << 9;
pub(super) const TOURISM: u16 = 1 << 10;
pub(super) const INDUSTRY: u16 = 1 << 11;
