//! Strings, text and numbers against `serde_json`, byte for byte.

use async_graphql::{Name, Response, Value};
use proptest::prelude::*;

use crate::lean::{json, write_response};

fn written(write: impl FnOnce(&mut Vec<u8>)) -> String {
    let mut out = Vec::new();
    write(&mut out);
    String::from_utf8(out).unwrap()
}

/// Strings in which what needs an escape is common, at every distance from the start of a stride.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[ -~]{0,40}",
        any::<char>().prop_map(String::from),
        (0_u8..0x20).prop_map(|control| char::from(control).to_string()),
        Just("\"".to_owned()),
        Just("\\".to_owned()),
        Just("\u{2028}\u{2029}\u{7f}".to_owned()),
    ];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn a_string_is_escaped_as_serde_json_does(text in text()) {
        let expected = serde_json::to_string(&text).unwrap();
        prop_assert_eq!(written(|out| json::write_str(&text, out)), expected.clone());
        prop_assert_eq!(written(|out| json::write_text(&text, out)), expected);
    }

    #[test]
    fn a_number_is_written_as_serde_json_does(float in any::<f64>(), int in any::<i64>(), count in any::<u64>()) {
        prop_assert_eq!(written(|out| json::write_number(&float, out)), serde_json::to_string(&float).unwrap());
        prop_assert_eq!(written(|out| json::write_number(&int, out)), int.to_string());
        prop_assert_eq!(written(|out| json::write_number(&count, out)), count.to_string());
    }
}

#[test]
fn every_control_character_is_escaped() {
    let controls: String = (0_u8..0x80).map(char::from).collect();
    assert_eq!(written(|out| json::write_str(&controls, out)), serde_json::to_string(&controls).unwrap());
}

#[test]
fn binary_is_copied_verbatim_and_the_rest_is_in_the_crates_order() {
    let object = Value::Object([(Name::new("a"), Value::Binary("[1,2]".into()))].into_iter().collect());
    let response = Response::new(object).extension("cost", Value::from(3));
    assert_eq!(
        written(|out| write_response(&response, out)),
        r#"{"data":{"a":[1,2]},"extensions":{"cost":3}}"#
    );
}

#[test]
fn errors_come_before_data() {
    let error = async_graphql::ServerError::new("no \"such\" thing", None);
    let response = Response::from_errors(vec![error]);
    assert_eq!(
        written(|out| write_response(&response, out)),
        r#"{"errors":[{"message":"no \"such\" thing"}],"data":null}"#
    );
}
