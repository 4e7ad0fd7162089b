//! The example of a vendor's program does what it says.

#[expect(dead_code, reason = "its `main` prints what the test reads")]
#[path = "../examples/white_label.rs"]
mod white_label;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_vendors_customers_see_the_vendors_brand_or_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let said = white_label::run(folder.path()).await.unwrap();
    let expected = [
        r#"t-oak sees {"branding":{"poweredBy":false,"productName":"Joinery Desk"},"tenant":{"name":"Oak & Sons"},"viewer":{"name":"Ada"}}"#,
        r#"t-elm sees {"branding":{"poweredBy":false,"productName":"Elm Issues"},"tenant":{"name":"Elm Group"},"viewer":{"name":"Ada"}}"#,
        r#"t-nobody sees nothing: "UNAUTHENTICATED""#,
        "Oak & Sons asks for a look of its own: branding of its own: not included in the tier BASIC; PLATINUM includes it",
        r#"a letter: From: "Joinery Desk" <no-reply@joinery.example>; To: ada@elm.example; Subject: Another way to sign in to Elm Group"#,
        r#"a letter: From: "Joinery Desk" <no-reply@joinery.example>; To: ada@oak.example; Subject: Another way to sign in to Oak & Sons"#,
    ];
    assert_eq!(said, expected);
}
