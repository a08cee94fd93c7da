use evidence::Hash;
use evidence::hash::from_hex;
use evidence::merkle::{
    Frontier, consistency, consistent, included, inclusion, inclusion_behind, leaf, root,
};
use proptest::prelude::*;
use proptest::sample::Index;

fn leaves(count: usize) -> Vec<Hash> {
    (0..count).map(|it| leaf(&it.to_be_bytes())).collect()
}

/// The tree that implementations of certificate transparency test themselves with.
#[test]
fn the_tree_is_that_of_rfc_6962() {
    let inputs = [
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    ];
    let leaves: Vec<Hash> = inputs.iter().map(|it| leaf(&from_hex(it).unwrap())).collect();
    let check = |count: usize, expected: &str| {
        assert_eq!(root(&leaves[..count]).to_string(), expected);
    };
    check(0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    check(1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
    check(8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_tree_that_grows_is_the_tree_made_at_once(count in 0_usize..80) {
        let leaves = leaves(count);
        let mut frontier = Frontier::default();
        leaves.iter().for_each(|it| frontier.push(*it));
        prop_assert_eq!(frontier.root(), root(&leaves));
        prop_assert_eq!(Frontier::new(frontier.size(), frontier.roots().to_vec()), Some(frontier));
    }

    #[test]
    fn inclusion_is_proved_of_the_leaf_at_its_place_alone(count in 1_usize..80, at in any::<Index>()) {
        let leaves = leaves(count);
        let (index, size, root) = (at.index(count), count as u64, root(&leaves));
        let proof = inclusion(&leaves, index).unwrap();
        for place in 0..size {
            let holds = included(&leaves[index], place, size, &proof, &root);
            prop_assert_eq!(holds, place == index as u64);
        }
        prop_assert!(!included(&leaf(b"another"), index as u64, size, &proof, &root));
        prop_assert_eq!(inclusion(&leaves, count), None);
    }

    #[test]
    fn inclusion_is_proved_from_the_edge_of_what_came_before(count in 1_usize..80, at in any::<Index>(), edge in any::<Index>()) {
        let leaves = leaves(count);
        let (index, edge) = (at.index(count), edge.index(count));
        let mut before = Frontier::default();
        leaves[..edge].iter().for_each(|it| before.push(*it));
        let proof = inclusion_behind(&before, &leaves[edge..], index as u64);
        prop_assert_eq!(proof, inclusion(&leaves, index).filter(|_| edge <= index));
    }

    #[test]
    fn consistency_is_proved_of_a_beginning_alone(count in 1_usize..80, at in any::<Index>()) {
        let mut leaves = leaves(count);
        let old = 1 + at.index(count);
        let (old_root, size) = (root(&leaves[..old]), count as u64);
        let proof = consistency(&leaves, old).unwrap();
        prop_assert!(consistent(old as u64, &old_root, size, &root(&leaves), &proof));
        leaves[old - 1] = leaf(b"another");
        let changed = consistency(&leaves, old).unwrap();
        prop_assert!(!consistent(old as u64, &old_root, size, &root(&leaves), &changed));
        prop_assert!(!consistent(old as u64, &old_root, size, &root(&leaves), &proof));
    }
}
