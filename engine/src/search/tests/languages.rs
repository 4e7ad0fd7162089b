//! Words of each language are found in another inflection.

use super::*;
use proptest::prelude::*;

#[track_caller]
fn check(language: Language, written: &str, sought: &str) {
    let world = World::of_language(language, &[written, "x"]);
    assert_eq!(world.find(sought), "T-1", "{language} {sought}");
    assert_eq!(world.find(&format!("\"{sought}\"")), "", "{language} {sought} as it is written");
}

#[test]
fn words_of_each_language_are_found_in_another_inflection() {
    check(Language::English, "connections failing", "connection fails");
    check(Language::German, "Häuser brannten | Fehlermeldungen", "hauses fehlermeldung");
    check(Language::French, "connexions refusées", "connexion refuser");
    check(Language::Spanish, "los errores", "error");
    check(Language::Italian, "gli errori", "errore");
    check(Language::Portuguese, "os erros", "erro");
    check(Language::Dutch, "de fouten", "fout");
    check(Language::Swedish, "felmeddelanden", "felmeddelande");
    check(Language::Norwegian, "feilmeldinger", "feilmelding");
    check(Language::Danish, "fejlene", "fejl");
    check(Language::Finnish, "virheitä", "virheet");
    check(Language::Hungarian, "hibák", "hiba");
    check(Language::Romanian, "erorile", "erori");
    check(Language::Russian, "ошибки", "ошибка");
    check(Language::Turkish, "kitaplar", "kitap");
    check(Language::Greek, "σφάλματα", "σφάλμα");
    check(Language::Arabic, "الأخطاء", "أخطاء");
    check(Language::Tamil, "பிழைகள்", "பிழை");
}

#[test]
fn without_a_language_words_are_found_as_they_are_written() {
    let world = World::of_language(Language::None, &["Connections of the", "x"]);
    assert_eq!(world.find("connections"), "T-1");
    assert_eq!(world.find("connection*"), "T-1");
    assert_eq!(world.find("the absent"), "");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_text_is_too_strange_in_any_language(text in "\\PC{0,60}", place in 0..Language::ALL.len()) {
        let language = Language::ALL[place];
        let tail = TailDocument::new(&document(1, &text), language);
        if let Ok(query) = SearchQuery::parse(&text, Typing::LastWord, &Limits::default()) {
            let matcher = Matcher::without_index(&query, language).unwrap();
            if matcher.matches(&tail, NOW).is_some() && !matcher.plan.clauses.iter().all(|c| c.role == plan::Role::Excluded) {
                prop_assert!(matcher.snippet(Field::Title, &text, 1_000).is_some());
            }
        }
    }
}
