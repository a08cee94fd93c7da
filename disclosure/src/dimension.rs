//! What a register is counted by: categories, which may lie within others, and the unknown.

use crate::cube::Invalid;

/// A category of a dimension; the first is everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Category(pub(crate) u16);

impl Category {
    /// All categories of a dimension together.
    pub const TOTAL: Category = Category(0);
}

#[derive(Debug)]
struct Node {
    label: Option<String>,
    parent: u16,
    leaf: bool,
}

/// A dimension: a tree of categories whose leaves partition the register.
///
/// What has no category is counted too: every level has a leaf labelled `None`.
#[derive(Debug)]
pub struct Dimension {
    name: String,
    nodes: Vec<Node>,
}

impl Dimension {
    /// Categories side by side, and the unknown.
    ///
    /// # Errors
    /// [`Invalid::Twice`] when two have one label, [`Invalid::TooLarge`] above 60,000.
    pub fn flat<L: Into<String>>(
        name: &str,
        labels: impl IntoIterator<Item = L>,
    ) -> Result<Self, Invalid> {
        Self::nested(name, labels.into_iter().map(|it| (it, None::<Vec<String>>)))
    }

    /// Categories with categories within, such as kelurahan within kecamatan; `None` where there are none.
    /// Each level has its unknown: the kelurahan unknown in a known kecamatan, and the kecamatan unknown.
    ///
    /// # Errors
    /// [`Invalid::Twice`] when two side by side have one label, [`Invalid::TooLarge`] above 60,000.
    pub fn nested<L: Into<String>, W: Into<String>, I: IntoIterator<Item = W>>(
        name: &str,
        groups: impl IntoIterator<Item = (L, Option<I>)>,
    ) -> Result<Self, Invalid> {
        let total = Node { label: None, parent: 0, leaf: false };
        let mut made = Self { name: name.to_owned(), nodes: vec![total] };
        for (label, within) in groups {
            let group = made.grow(Some(label.into()), 0, within.is_none())?;
            if let Some(within) = within {
                for label in within {
                    made.grow(Some(label.into()), group, true)?;
                }
                made.grow(None, group, true)?;
            }
        }
        made.grow(None, 0, true)?;
        Ok(made)
    }

    fn grow(&mut self, label: Option<String>, parent: u16, leaf: bool) -> Result<u16, Invalid> {
        if self.children(Category(parent)).any(|it| self.label(it) == label.as_deref()) {
            return Err(Invalid::Twice { dimension: self.name.clone(), label });
        }
        let id = u16::try_from(self.nodes.len()).ok().filter(|it| *it < 60_000);
        let id = id.ok_or(Invalid::TooLarge)?;
        self.nodes.push(Node { label, parent, leaf });
        Ok(id)
    }

    /// What the dimension is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Every category but the total, each before what is within it.
    pub fn categories(&self) -> impl Iterator<Item = Category> + use<> {
        (1..self.len()).map(Category)
    }

    /// The label of a category; `None` for the unknown and for the total.
    pub fn label(&self, category: Category) -> Option<&str> {
        self.nodes.get(usize::from(category.0))?.label.as_deref()
    }

    /// What a category lies within; `None` for the total.
    pub fn parent(&self, category: Category) -> Option<Category> {
        let node = self.nodes.get(usize::from(category.0))?;
        (category != Category::TOTAL).then_some(Category(node.parent))
    }

    /// The categories directly within one.
    pub fn children(&self, category: Category) -> impl Iterator<Item = Category> {
        let below = self.nodes.iter().enumerate().skip(1);
        below
            .filter(move |it| it.1.parent == category.0)
            .map(|it| Category(u16::try_from(it.0).unwrap_or(u16::MAX)))
    }

    /// Whether nothing lies within a category.
    pub fn is_leaf(&self, category: Category) -> bool {
        self.nodes.get(usize::from(category.0)).is_some_and(|it| it.leaf)
    }

    /// The category at the end of a path of labels from the outermost, `None` standing for the unknown. A path
    /// that ends at the unknown may go on with more of it: a kelurahan unknown in an unknown kecamatan.
    pub fn find(&self, path: &[Option<&str>]) -> Option<Category> {
        let mut at = Category::TOTAL;
        for label in path {
            if label.is_none() && at != Category::TOTAL && self.is_leaf(at) {
                continue;
            }
            at = self.children(at).find(|it| self.label(*it) == *label)?;
        }
        Some(at)
    }

    /// How many categories there are with the total.
    pub(crate) fn len(&self) -> u16 {
        u16::try_from(self.nodes.len()).unwrap_or(u16::MAX)
    }

    /// A category and what it lies within, from within to without, without the total.
    pub(crate) fn chain(&self, category: Category) -> Vec<u16> {
        let mut chain = vec![];
        let mut at = category;
        while at != Category::TOTAL {
            chain.push(at.0);
            at = self.parent(at).unwrap_or(Category::TOTAL);
        }
        chain
    }
}
