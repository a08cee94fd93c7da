//! Reference data: areas, business classification, agencies.

use async_graphql::{Enum, ID, Object, SimpleObject};
use domain::agency::AgencyKind;
use domain::place::{
    KecamatanCode, KelurahanCode, kecamatan_by_code, kelurahan, kelurahan_by_code,
};

/// A group of KBLI 2020, the standard classification of business activities (Peraturan BPS 2/2020).
#[derive(Debug, Clone, Copy)]
pub struct Kbli(pub domain::kbli::Kbli);

/// A group of KBLI 2020, the standard classification of business activities (Peraturan BPS 2/2020).
#[Object]
impl Kbli {
    /// Five digits. Example: "56103".
    async fn code(&self) -> String {
        self.0.to_string()
    }

    /// What it covers, in Indonesian; the official title.
    async fn title(&self) -> &'static str {
        self.0.title()
    }

    /// The section it belongs to.
    async fn section(&self) -> Section {
        let section = self.0.section();
        Section { letter: section.letter.to_string(), title: section.title.to_owned() }
    }
}

/// A section of KBLI 2020.
#[derive(Debug, Clone, SimpleObject)]
pub struct Section {
    /// A letter from A to U. Example: "I".
    pub letter: String,
    /// Its title in Indonesian. Example: "Penyediaan Akomodasi dan Penyediaan Makan Minum".
    pub title: String,
}

/// A kecamatan (sub-district).
#[derive(Debug, Clone, Copy)]
pub struct Kecamatan(pub KecamatanCode);

/// A kecamatan (sub-district).
#[Object]
impl Kecamatan {
    /// Its Kemendagri code. Example: "36.73.02".
    async fn code(&self) -> String {
        self.0.to_string()
    }

    /// Its official name; null outside Kota Serang. Example: "Kasemen".
    async fn name(&self) -> Option<&'static str> {
        kecamatan_by_code(self.0).map(|it| it.name.as_str())
    }

    /// The kelurahan in it, by code.
    #[graphql(complexity = "20 * child_complexity")]
    async fn kelurahan(&self) -> Vec<Kelurahan> {
        let inside = kelurahan().iter().filter(|it| it.kecamatan == self.0);
        inside.map(|it| Kelurahan(it.code)).collect()
    }
}

/// A kelurahan (urban village).
#[derive(Debug, Clone, Copy)]
pub struct Kelurahan(pub KelurahanCode);

/// A kelurahan (urban village).
#[Object]
impl Kelurahan {
    /// Its Kemendagri code. Example: "36.73.01.1008".
    async fn code(&self) -> String {
        self.0.to_string()
    }

    /// Its official name; null outside Kota Serang. Two are called Sukawana.
    async fn name(&self) -> Option<&'static str> {
        kelurahan_by_code(self.0).map(|it| it.name.as_str())
    }

    /// The kecamatan it lies in.
    async fn kecamatan(&self) -> Kecamatan {
        Kecamatan(self.0.kecamatan())
    }

    /// The latitude of its centre, in degrees; null outside Kota Serang. Example: -6.0398.
    async fn latitude(&self) -> Option<f64> {
        kelurahan_by_code(self.0).map(|it| it.latitude)
    }

    /// The longitude of its centre, in degrees; null outside Kota Serang. Example: 106.1637.
    async fn longitude(&self) -> Option<f64> {
        kelurahan_by_code(self.0).map(|it| it.longitude)
    }
}

/// What sort of sender an agency is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(name = "AgencyKind")]
pub enum Kind {
    /// A city office (OPD), such as the trade office.
    Office,
    /// A sub-district office.
    Kecamatan,
    /// An association of entrepreneurs.
    Association,
}

/// A bank or another institution outside the city's offices, to which owners may agree.
#[derive(Debug, Clone, SimpleObject)]
pub struct Institution {
    /// Its short name in consents, accounts and tokens. Example: "bjb".
    pub code: String,
    /// Its name in Indonesian.
    pub name: String,
}

/// An office or association whose lists the hub takes.
#[derive(Debug, Clone)]
pub struct Agency(pub domain::agency::Agency);

/// An office or association whose lists the hub takes.
#[Object]
impl Agency {
    /// The agency's id in this API. Example: `agy_kominfo`.
    pub(crate) async fn id(&self) -> ID {
        ID(format!("agy_{}", self.0.code))
    }

    /// Its short name in commands and tokens. Example: "kominfo".
    async fn code(&self) -> &str {
        self.0.code.as_str()
    }

    /// Its name in Indonesian, as on its letterhead.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// What sort of sender it is.
    async fn kind(&self) -> Kind {
        match self.0.kind {
            AgencyKind::Office => Kind::Office,
            AgencyKind::Kecamatan => Kind::Kecamatan,
            AgencyKind::Association => Kind::Association,
        }
    }

    /// The kecamatan it serves, for a sub-district office.
    async fn kecamatan(&self) -> Option<Kecamatan> {
        self.0.kecamatan.map(Kecamatan)
    }
}
