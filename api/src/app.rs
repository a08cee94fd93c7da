//! What a running hub consists of: made once from the configuration, shared by every request.

use std::sync::Arc;

use crate::auth::Keys;
use crate::config::Config;
use crate::error::Error;
use crate::service::evidence::Evidence;
use crate::service::financing::feed::look::Looked;
use crate::service::financing::rules::Rules;
use crate::service::financing::standing;
use crate::service::link::ModelCache;
use crate::service::nodes::Changed;
use crate::service::progress::ProgressBus;
use crate::service::statistics::edition;
use crate::store::Store;
use uuid::Uuid;

/// The parts that requests and commands use.
#[derive(Clone)]
pub struct App {
    /// The settings it was made from.
    pub config: Arc<Config>,
    /// The register.
    pub store: Store,
    /// What tokens are signed and checked with.
    pub keys: Arc<Keys>,
    /// Where it is written down who read whose data.
    pub evidence: Evidence,
    /// The model that new records are linked with.
    pub model: ModelCache,
    /// Where runs tell how far they are.
    pub progress: ProgressBus,
    /// The rules of financing programmes.
    pub rules: Arc<Rules>,
    /// A name of this process among those that share the register.
    pub node: Uuid,
    /// Of which day, by which rules, enterprises were assessed.
    pub standing: standing::Known,
    /// The register, counted.
    pub figures: edition::Shared,
    /// That what is told of enterprises has come further.
    pub changed: Changed,
    /// Up to where the feeds of institutions reach.
    pub looked: Looked,
}

impl App {
    /// Opens the register and reads the keys, making both on first start.
    ///
    /// Fails with [`Error::InvalidInput`] when a live source is said to be of an agency that there is not.
    pub async fn start(config: Config) -> Result<App, Error> {
        let store = Store::open(&config).await?;
        for source in &config.sources {
            store.agency(&source.agency).await.map_err(|it| match it {
                Error::InvalidInput { reason, .. } => {
                    let file = format!("{}.toml: agency: {reason}", source.name);
                    Error::invalid("sources_dir", file)
                }
                other => other,
            })?;
        }
        App::on(store, config)
    }

    /// The same on a new register that seals nothing ([`Store::open_unsealed`]): for measuring alone.
    pub async fn start_unsealed(config: Config) -> Result<App, Error> {
        let store = Store::open_unsealed(&config).await?;
        App::on(store, config)
    }

    fn on(store: Store, config: Config) -> Result<App, Error> {
        let keys = Arc::new(Keys::load_or_create(&config.data_dir)?);
        let (evidence, model) = (Evidence::start(store.clone())?, ModelCache::default());
        let rules = Arc::new(Rules::load(config.programmes_dir.as_deref())?);
        let (config, progress) = (Arc::new(config), ProgressBus::default());
        let (standing, figures) = (standing::Known::default(), edition::Shared::default());
        let node = Uuid::new_v4();
        let (changed, looked) = (Changed::default(), Looked::default());
        Ok(App {
            config,
            store,
            keys,
            evidence,
            model,
            progress,
            rules,
            node,
            standing,
            figures,
            changed,
            looked,
        })
    }
}
