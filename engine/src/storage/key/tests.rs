//! Byte order is value order.

use proptest::prelude::*;

use super::*;

fn built((signed, number, id, counted, text): &(i64, u32, [u8; 16], u64, String)) -> Key {
    Key::record(b't').i64(*signed).u32(*number).id(id).u64(*counted).text_last(text)
}

proptest! {
    #[test]
    fn byte_order_is_value_order(
        a in (any::<i64>(), any::<u32>(), any::<[u8; 16]>(), any::<u64>(), "[\0-\u{3}a-c]{0,4}"),
        b in (any::<i64>(), any::<u32>(), any::<[u8; 16]>(), any::<u64>(), "[\0-\u{3}a-c]{0,4}"),
        shared in 0..5_usize,
    ) {
        let mut b = b;
        // Equal leading parts let the later ones decide.
        if shared > 0 { b.0 = a.0; }
        if shared > 1 { b.1 = a.1; }
        if shared > 2 { b.2 = a.2; }
        if shared > 3 { b.3 = a.3; }
        let values = a.0.cmp(&b.0)
            .then(a.1.cmp(&b.1))
            .then(a.2.cmp(&b.2))
            .then(a.3.cmp(&b.3))
            .then(a.4.cmp(&b.4));
        prop_assert_eq!(built(&a).cmp(&built(&b)), values);
    }

    #[test]
    fn a_prefix_end_is_above_the_prefix_and_below_the_next(
        prefix in prop::collection::vec(prop_oneof![Just(0xFF_u8), any::<u8>()], 0..6),
        rest in prop::collection::vec(any::<u8>(), 0..4),
        other in prop::collection::vec(any::<u8>(), 0..8),
    ) {
        let inside = [prefix.clone(), rest].concat();
        match prefix_end(&prefix) {
            None => prop_assert!(prefix.iter().all(|&byte| byte == 0xFF)),
            Some(end) => {
                prop_assert!(inside < end);
                let between = other.as_slice() >= prefix.as_slice() && other < end;
                prop_assert_eq!(between, other.starts_with(&prefix));
            }
        }
    }

    #[test]
    fn the_parts_of_one_value_never_lie_among_those_of_another(
        a in prop::collection::vec(any::<u8>(), 1..6),
        b in prop::collection::vec(any::<u8>(), 1..6),
        index in any::<u32>(),
    ) {
        prop_assert_eq!(Key::chunk(&a, index).starts_with(&Key::chunks_of(&b)), a == b);
    }
}

#[test]
fn a_prefix_of_all_ones_has_no_end() {
    assert_eq!(prefix_end(&[0xFF, 0xFF]), None);
    assert_eq!(prefix_end(&[1, 0xFF]), Some(vec![2]));
    assert_eq!(prefix_end(&[]), None);
}

#[test]
fn a_description_reveals_the_kind_and_nothing_else() {
    let key = Key::record(0x69).text_last("secret");
    assert_eq!(describe(&key), "a row of kind 0x69");
    assert_eq!(describe(&Key::log(7)), "a log record");
}
