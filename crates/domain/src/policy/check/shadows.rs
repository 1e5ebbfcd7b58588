//! Which rules of a list are never reached, since one above them matches all that they do.
//!
//! A rule is a list of conditions. One bit says for each rule and each value of a condition whether the rule lets that
//! value through; so a rule that lets through all that another asks for is found by and-ing as many rows of bits as
//! the other names values. That is near-linear in the length of the document, where comparing each pair would not be.

use std::collections::{HashMap, HashSet};

use docket_messages::{FieldValue, Name};

/// What a rule asks of one property of a case: that it has one of these values.
#[derive(Debug)]
pub(super) struct Condition<'d> {
    property: Property<'d>,
    values: Vec<Value<'d>>,
}

/// A property of a case. A custom field may have the name of another property.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Property<'d> {
    Own(&'static str),
    Field(&'d str),
}

/// A value of a property.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Value<'d> {
    Text(&'d str),
    Number(String),
    Flag(bool),
}

/// A rule by its conditions; what it has no condition on may be anything.
#[derive(Debug, Default)]
pub(super) struct Rule<'d>(Vec<Condition<'d>>);

impl<'d> Rule<'d> {
    /// A list of names; an empty one asks for nothing.
    pub(super) fn names(mut self, property: &'static str, names: &'d [Name]) -> Self {
        if !names.is_empty() {
            self.0.push(Condition {
                property: Property::Own(property),
                values: names.iter().map(|name| Value::Text(name.as_str())).collect(),
            });
        }
        self
    }

    /// One word.
    pub(super) fn word(mut self, property: &'static str, word: &'d str) -> Self {
        self.0.push(Condition { property: Property::Own(property), values: vec![Value::Text(word)] });
        self
    }

    /// A custom field; without a value, nothing matches.
    pub(super) fn field(mut self, field: &'d Name, values: &'d [FieldValue]) -> Self {
        let value = |value: &'d FieldValue| match value {
            FieldValue::Text(text) => Value::Text(text),
            FieldValue::Number(number) => Value::Number(number.to_string()),
            FieldValue::Flag(flag) => Value::Flag(*flag),
        };
        self.0
            .push(Condition { property: Property::Field(field.as_str()), values: values.iter().map(value).collect() });
        self
    }
}

/// One bit for each rule of the list.
#[derive(Debug, Clone)]
struct Bits(Vec<u64>);

impl Bits {
    fn none(count: usize) -> Self {
        Self(vec![0; count.div_ceil(64)])
    }

    fn set(&mut self, index: usize) {
        if let Some(word) = self.0.get_mut(index / 64) {
            *word |= 1 << (index % 64);
        }
    }

    fn clear(&mut self, index: usize) {
        if let Some(word) = self.0.get_mut(index / 64) {
            *word &= !(1 << (index % 64));
        }
    }

    /// Keeps those that one of two has.
    fn keep(&mut self, any: &Self, also: Option<&Self>) {
        for (place, word) in self.0.iter_mut().enumerate() {
            let of = |bits: &Self| bits.0.get(place).copied().unwrap_or_default();
            *word &= of(any) | also.map_or(0, of);
        }
    }

    /// Those that are set, in order.
    fn indices(&self) -> impl Iterator<Item = usize> {
        self.0.iter().enumerate().flat_map(|(place, word)| {
            let bits = (0..64).take(if *word == 0 { 0 } else { 64 });
            bits.filter(move |bit| word & (1 << bit) != 0).map(move |bit| place * 64 + bit)
        })
    }
}

/// What the rules of a list let through of one property.
struct LetThrough<'r, 'd> {
    /// Those without a condition on it.
    any: Bits,
    by_value: HashMap<&'r Value<'d>, Bits>,
}

/// For each rule of a list, the first above it that matches all that it does.
pub(super) fn shadows(rules: &[Rule<'_>]) -> Vec<Option<usize>> {
    let mut all = Bits::none(rules.len());
    (0..rules.len()).for_each(|index| all.set(index));
    let mut properties: HashMap<Property<'_>, LetThrough<'_, '_>> = HashMap::new();
    for (index, rule) in rules.iter().enumerate() {
        for condition in &rule.0 {
            let property = properties
                .entry(condition.property)
                .or_insert_with(|| LetThrough { any: all.clone(), by_value: HashMap::new() });
            property.any.clear(index);
            for value in &condition.values {
                property.by_value.entry(value).or_insert_with(|| Bits::none(rules.len())).set(index);
            }
        }
    }
    let mut above = Bits::none(rules.len());
    let shadow = |(index, rule): (usize, &Rule<'_>)| {
        let mut candidates = above.clone();
        above.set(index);
        for condition in &rule.0 {
            let Some(property) = properties.get(&condition.property) else { continue };
            for value in &condition.values {
                candidates.keep(&property.any, property.by_value.get(value));
            }
        }
        // Of those, the first that asks for nothing that this rule leaves open.
        let asked: HashSet<Property<'_>> = rule.0.iter().map(|condition| condition.property).collect();
        let asks_no_more = |index: &usize| {
            let conditions = rules.get(*index).into_iter().flat_map(|other| &other.0);
            conditions.into_iter().all(|condition| asked.contains(&condition.property))
        };
        candidates.indices().find(asks_no_more)
    };
    rules.iter().enumerate().map(shadow).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What a rule asks of each of three properties, if anything.
    type Asked = [Option<Vec<u8>>; 3];

    fn rule(asked: &Asked) -> Rule<'static> {
        const PROPERTIES: [&str; 3] = ["type", "priority", "channel"];
        let condition = |(property, values): (&'static str, &Option<Vec<u8>>)| {
            let values = values.as_ref()?.iter().map(|value| Value::Number(value.to_string())).collect();
            Some(Condition { property: Property::Own(property), values })
        };
        Rule(PROPERTIES.into_iter().zip(asked).filter_map(condition).collect())
    }

    /// The slow and obvious way.
    fn covers(a: &Asked, b: &Asked) -> bool {
        a.iter().zip(b).all(|(a, b)| match (a, b) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(a), Some(b)) => b.iter().all(|value| a.contains(value)),
        })
    }

    #[test]
    fn a_rule_is_shadowed_by_one_that_is_far_down_the_list() {
        let rules: Vec<Rule<'_>> =
            (0..150).chain([70, 140]).map(|value| rule(&[Some(vec![value]), None, None])).collect();
        let found = shadows(&rules);
        assert!(found[..150].iter().all(Option::is_none));
        assert_eq!(found[150..], [Some(70), Some(140)]);
    }

    proptest! {
        #[test]
        fn a_rule_is_shadowed_by_the_first_above_it_that_covers_it(
            asked in prop::collection::vec(
                prop::array::uniform3(prop::option::of(prop::collection::vec(0_u8..4, 1..4))), 0..150)
        ) {
            let found = shadows(&asked.iter().map(rule).collect::<Vec<_>>());
            for (index, one) in asked.iter().enumerate() {
                prop_assert_eq!(found[index], asked[..index].iter().position(|above| covers(above, one)));
            }
        }
    }
}
