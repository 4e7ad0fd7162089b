//! Filters on people: on one, on one that may be missing, on several.

use super::collection::{Collection, Sides};
use super::comparator::{BooleanComparator, Name, Ordered};
use super::deep::Deep;
use super::family::filters;
use super::text::StringComparator;
use super::{At, Conditions, each};
use async_graphql::{ID, InputObject};
use mortise_engine::Result;
use mortise_engine::filter::{Compare, Many, MemberTest, TextOperator, TextTest};

filters! {
    /// Passes members. Conditions side by side must all hold.
    MemberFilter of MemberTest {
        /// The member.
        "id" id: Name<ID> = |ids, at| each(ids.ids(at), MemberTest::Id);
        /// Whether it is who asks, whoever that is at the time.
        "isMe" is_me: BooleanComparator = |me, _| Ok(me.wanted().into_iter().map(MemberTest::Me).collect());
        /// Their name.
        "name" name: StringComparator = |name, at| each(name.tests(at), MemberTest::Name);
        /// Their address; who has none passes only negative conditions.
        "email" email: StringComparator = |email, at| each(email.tests(at), MemberTest::Email);
    }
    null NullableMemberFilter = "Passes a member, where there may be none. Conditions side by side must all hold.";
    many MemberCollectionFilter = "Passes several members. Conditions side by side must all hold.";
}

impl Conditions for MemberFilter {
    type Test = MemberTest;

    fn tests(self, at: &At<'_>) -> Result<Vec<MemberTest>> {
        self.side_by_side(at)
    }
}

impl NullableMemberFilter {
    /// As tests of the one.
    ///
    /// # Errors
    ///
    /// `INVALID_INPUT` for what cannot be read; the field is named.
    pub(super) fn tests(self, at: &At<'_>) -> Result<Vec<MemberTest>> {
        let (null, member) = self.split();
        let null = null.map(|null| MemberTest::Id(Compare::Null(null)));
        Ok(null.into_iter().chain(member.tests(at)?).collect())
    }

    /// As tests of several: one of them passes all positive conditions, and none passes what a negative one denies.
    ///
    /// # Errors
    ///
    /// As [`NullableMemberFilter::tests`].
    pub(super) fn any_of_many(self, at: &At<'_>) -> Result<Vec<Many<MemberTest>>> {
        let (null, member) = self.split();
        let (mut positive, mut tests) = (Vec::new(), Vec::new());
        for test in member.tests(at)? {
            match denied(test) {
                Ok(denied) => tests.push(Many::None(vec![denied])),
                Err(test) => positive.push(test),
            }
        }
        tests.extend(Some(positive).filter(|tests| !tests.is_empty()).map(Many::Some));
        let there = |null| Many::Length(if null { Compare::Eq(0) } else { Compare::Gte(1) });
        tests.extend(null.map(there));
        Ok(tests)
    }
}

/// What a negative test denies; a positive test comes back as it is.
fn denied(test: MemberTest) -> std::result::Result<MemberTest, MemberTest> {
    match test {
        MemberTest::Id(Compare::Neq(id)) => Ok(MemberTest::Id(Compare::Eq(id))),
        MemberTest::Id(Compare::Nin(ids)) => Ok(MemberTest::Id(Compare::In(ids))),
        MemberTest::Me(false) => Ok(MemberTest::Me(true)),
        MemberTest::Name(text) => denied_text(text).map(MemberTest::Name).map_err(MemberTest::Name),
        MemberTest::Email(text) => denied_text(text).map(MemberTest::Email).map_err(MemberTest::Email),
        positive => Err(positive),
    }
}

fn denied_text(test: TextTest) -> std::result::Result<TextTest, TextTest> {
    let operator = match test.operator {
        TextOperator::Neq => TextOperator::Eq,
        TextOperator::Nin => TextOperator::In,
        TextOperator::NotContains => TextOperator::Contains,
        _ => return Err(test),
    };
    Ok(TextTest { operator, ..test })
}
