//! How commands and events are written down: their bodies, and those of one kind of aggregate.

/// The bodies of events.
macro_rules! body {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident: $kind:ty,)* })*) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
            #[serde(rename_all = "camelCase")]
            pub struct $name {
                $($(#[$field_meta])* pub $field: $kind,)*
            }

            #[allow(dead_code, reason = "only bodies of events are asked")]
            impl $name {
                /// The event's own instant, when it fell due before the command that its entry holds.
                pub(crate) fn at(&self) -> Option<crate::Timestamp> {
                    None$(.or(body!(@at self $field)))*
                }

                /// The status that the case has after the event, if the event says one.
                pub(crate) fn status(&self) -> Option<crate::Status> {
                    None$(.or(body!(@status self $field)))*
                }

                /// What is personal in it.
                pub(crate) fn personal_part(&mut self) -> Option<&mut dyn crate::PersonalPart> {
                    None$(.or(body!(@personal self $field)))*
                }
            }
        )*
    };
    // A field by its name: of an instant, of a status, and of what is personal.
    (@at $body:ident at) => { $body.at };
    (@at $body:ident $field:ident) => { None };
    (@status $body:ident status) => { Some($body.status) };
    (@status $body:ident $field:ident) => { None };
    (@personal $body:ident personal) => { crate::personal::PersonalField::part(&mut $body.personal) };
    (@personal $body:ident $field:ident) => { None };
}

/// The events of one kind of aggregate. On the wire an event is an object with one key, its name.
macro_rules! events {
    (
        $(#[$told:meta])* $events:ident of $kind:ident {
            $($(#[$doc:meta])* $variant:ident($body:ty) = $name:literal,)*
        }
    ) => {
        $(#[$told])*
        #[derive(Debug, Clone, PartialEq)]
        pub enum $events {
            $($(#[$doc])* $variant($body),)*
        }

        impl $crate::event::AggregateEvent for $events {
            const KIND: $crate::EntryKind = $crate::EntryKind::$kind;
            const NAMES: &'static [&'static str] = &[$($name,)*];
        }

        impl $crate::PersonalEvent for $events {
            fn personal_part(&mut self) -> Option<&mut dyn $crate::PersonalPart> {
                match self {
                    $(Self::$variant(body) => body.personal_part(),)*
                }
            }
        }

        impl $events {
            /// The name of the event, as the log has it.
            #[must_use]
            pub fn name(&self) -> &'static str {
                match self {
                    $(Self::$variant(_) => $name,)*
                }
            }
        }

        impl serde::Serialize for $events {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let name = self.name();
                match self {
                    $(Self::$variant(body) => serializer.serialize_newtype_variant(stringify!($events), 0, name, body),)*
                }
            }
        }

        impl $crate::event::Read for $events {
            fn read<'de, A: serde::de::VariantAccess<'de>>(name: &str, body: A) -> Result<Self, A::Error> {
                match name {
                    $($name => body.newtype_variant().map(Self::$variant),)*
                    _ => Err($crate::event::unknown::<Self, _>(name)),
                }
            }
        }

        impl<'de> serde::Deserialize<'de> for $events {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::event::deserialize(deserializer, <Self as $crate::event::AggregateEvent>::NAMES)
            }
        }
    };
}

/// The same for many events, in groups: a fold that a group means nothing to says so once. Events that share a body
/// stand apart: one variant, with what tells them apart. The groups are none of the wire's business.
macro_rules! grouped_events {
    (
        $(#[$told:meta])* $events:ident of $kind:ident {
            $($(#[$group_doc:meta])* $group:ident($grouped:ident) {
                $($(#[$doc:meta])* $body:ident = $name:literal,)*
            })*
        } and {
            $(#[$shared_doc:meta])* $shared:ident($tag:ident, $shared_body:ty) {
                $($tagged:ident = $tagged_name:literal,)*
            }
        }
    ) => {
        $(#[$told])*
        #[derive(Debug, Clone, PartialEq)]
        pub enum $events {
            $($(#[$group_doc])* $group($grouped),)*
            $(#[$shared_doc])* $shared($tag, $shared_body),
        }

        $(
            $(#[$group_doc])*
            #[derive(Debug, Clone, PartialEq)]
            pub enum $grouped {
                $($(#[$doc])* $body($body),)*
            }

            $(impl From<$body> for $events {
                fn from(body: $body) -> Self {
                    Self::$group($grouped::$body(body))
                }
            })*
        )*

        impl $crate::event::AggregateEvent for $events {
            const KIND: $crate::EntryKind = $crate::EntryKind::$kind;
            const NAMES: &'static [&'static str] = &[$($($name,)*)* $($tagged_name,)*];
        }

        impl $crate::PersonalEvent for $events {
            fn personal_part(&mut self) -> Option<&mut dyn $crate::PersonalPart> {
                match self {
                    $($(Self::$group($grouped::$body(body)) => body.personal_part(),)*)*
                    Self::$shared(_, body) => body.personal_part(),
                }
            }
        }

        impl $events {
            /// The name of the event, as the log has it.
            #[must_use]
            pub fn name(&self) -> &'static str {
                match self {
                    $($(Self::$group($grouped::$body(_)) => $name,)*)*
                    $(Self::$shared($tag::$tagged, _) => $tagged_name,)*
                }
            }

            /// The event's own instant, when it fell due before the command that its entry holds.
            #[must_use]
            pub fn at(&self) -> Option<$crate::Timestamp> {
                match self {
                    $($(Self::$group($grouped::$body(body)) => body.at(),)*)*
                    Self::$shared(_, body) => body.at(),
                }
            }

            /// The status that the case has after the event, if the event says one.
            #[must_use]
            pub fn status(&self) -> Option<$crate::Status> {
                match self {
                    $($(Self::$group($grouped::$body(body)) => body.status(),)*)*
                    Self::$shared(_, body) => body.status(),
                }
            }
        }

        impl serde::Serialize for $events {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let name = self.name();
                match self {
                    $($(Self::$group($grouped::$body(body)) => {
                        serializer.serialize_newtype_variant(stringify!($events), 0, name, body)
                    })*)*
                    Self::$shared(_, body) => serializer.serialize_newtype_variant(stringify!($events), 0, name, body),
                }
            }
        }

        impl $crate::event::Read for $events {
            fn read<'de, A: serde::de::VariantAccess<'de>>(name: &str, body: A) -> Result<Self, A::Error> {
                match name {
                    $($($name => body.newtype_variant::<$body>().map(Self::from),)*)*
                    $($tagged_name => body.newtype_variant().map(|body| Self::$shared($tag::$tagged, body)),)*
                    _ => Err($crate::event::unknown::<Self, _>(name)),
                }
            }
        }

        impl<'de> serde::Deserialize<'de> for $events {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::event::deserialize(deserializer, <Self as $crate::event::AggregateEvent>::NAMES)
            }
        }
    };
}

/// An example of a body that begins with a case.
macro_rules! case {
    ($rest:literal) => {
        concat!(r#"{"caseId":"0199a7a0-5c3e-7d41-9a52-3b6f0c8e1d01""#, $rest, "}")
    };
}

/// The bodies of commands: what is written above each and above its fields is what `docket send --help` tells.
macro_rules! command_bodies {
    ($(
        $(#[doc = $told:literal])+
        $name:ident = $verb:literal like $example:expr => {
            $($(#[doc = $field_told:literal])+ $(#[serde($($serde:tt)*)])? $field:ident: $kind:ty,)*
        }
    )*) => {
        $(
            $(#[doc = $told])+
            #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
            #[serde(rename_all = "camelCase", deny_unknown_fields)]
            pub struct $name {
                $($(#[doc = $field_told])+ $(#[serde($($serde)*)])? pub $field: $kind,)*
            }

            impl $crate::body::CommandBody for $name {
                const VERB: &'static str = $verb;
                const TOLD: &'static str = concat!($($told),+).trim_ascii();
                const EXAMPLE: &'static str = $example;
                const FIELDS: &'static [$crate::BodyField] = &[
                    $($crate::BodyField::of(stringify!($field), stringify!($kind), concat!($($field_told),+))),*
                ];

                fn require(&self) -> Result<(), $crate::Rejection> {
                    let mut fields = Self::FIELDS.iter();
                    $($crate::body::require(fields.next(), &self.$field)?;)*
                    Ok(())
                }
            }
        )*
    };
}

/// The commands of one kind, and their verbs.
macro_rules! commands {
    (
        $(#[$verb_told:meta])* $verb:ident,
        $(#[$command_told:meta])* $command:ident { $($name:ident,)* }
    ) => {
        $(#[$verb_told])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $verb {
            $(#[doc = concat!("That of [`", stringify!($name), "`](struct@", stringify!($name), ").")] $name,)*
        }

        impl $verb {
            /// Every verb.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The name on the wire.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => <$name as $crate::body::CommandBody>::VERB,)*
                }
            }

            /// The verb of that name, if there is one.
            #[must_use]
            pub fn parse(name: &str) -> Option<Self> {
                match name {
                    $(<$name as $crate::body::CommandBody>::VERB => Some(Self::$name),)*
                    _ => None,
                }
            }

            /// What it asks for, in a sentence.
            #[must_use]
            pub fn told(self) -> &'static str {
                match self {
                    $(Self::$name => <$name as $crate::body::CommandBody>::TOLD,)*
                }
            }

            /// A body as somebody would write it under the sample policy.
            #[must_use]
            pub fn example(self) -> &'static str {
                match self {
                    $(Self::$name => <$name as $crate::body::CommandBody>::EXAMPLE,)*
                }
            }

            /// The fields of the body.
            #[must_use]
            pub fn fields(self) -> &'static [$crate::BodyField] {
                match self {
                    $(Self::$name => <$name as $crate::body::CommandBody>::FIELDS,)*
                }
            }
        }

        $(#[$command_told])*
        #[derive(Debug, Clone, PartialEq)]
        pub enum $command {
            $(#[doc = concat!("See [`", stringify!($name), "`](struct@", stringify!($name), ").")] $name($name),)*
        }

        impl $command {
            /// Reads a body.
            ///
            /// # Errors
            /// A `bad_request` rejection that says where and what, and for an unknown field the nearest known one.
            pub fn read(verb: $verb, body: &[u8]) -> Result<Self, $crate::Rejection> {
                match verb {
                    $($verb::$name => $crate::body::read_command(body).map(Self::$name),)*
                }
            }

            /// The verb.
            #[must_use]
            pub fn verb(&self) -> $verb {
                match self {
                    $(Self::$name(_) => $verb::$name,)*
                }
            }

            /// The case that it is for, if it says one.
            #[must_use]
            pub fn case_id(&self) -> Option<$crate::CaseId> {
                match self {
                    $(Self::$name(command) => command.case_id.into(),)*
                }
            }

            /// The same for another case.
            #[must_use]
            pub fn for_case(mut self, id: $crate::CaseId) -> Self {
                match &mut self {
                    $(Self::$name(command) => command.case_id = id.into(),)*
                }
                self
            }

            /// The body as it goes on the wire.
            ///
            /// # Errors
            /// Never for a value that was made through its types; the signature is serde's.
            pub fn body(&self) -> Result<Vec<u8>, serde_json::Error> {
                serde_json::to_vec(self)
            }
        }

        /// Its body.
        impl serde::Serialize for $command {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self {
                    $(Self::$name(command) => command.serialize(serializer),)*
                }
            }
        }
    };
}
