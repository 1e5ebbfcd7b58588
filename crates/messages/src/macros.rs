//! How events are written down: their bodies, and the events of one kind of aggregate.

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
        )*
    };
}

/// The events of one kind of aggregate. On the wire an event is an object with one key, its name. Events that share a body
/// stand apart: one variant, with what tells them apart.
macro_rules! events {
    (
        $(#[$told:meta])* $events:ident of $kind:ident {
            $($(#[$doc:meta])* $variant:ident($body:ty) = $name:literal,)*
        }
        $(and {
            $(#[$shared_doc:meta])* $shared:ident($tag:ident, $shared_body:ty) {
                $($tagged:ident = $tagged_name:literal,)*
            }
        })?
    ) => {
        $(#[$told])*
        #[derive(Debug, Clone, PartialEq)]
        pub enum $events {
            $($(#[$doc])* $variant($body),)*
            $($(#[$shared_doc])* $shared($tag, $shared_body),)?
        }

        impl $crate::event::AggregateEvent for $events {
            const KIND: $crate::EntryKind = $crate::EntryKind::$kind;
            const NAMES: &'static [&'static str] = &[$($name,)* $($($tagged_name,)*)?];
        }

        impl $events {
            /// The name of the event, as the log has it.
            #[must_use]
            pub fn name(&self) -> &'static str {
                match self {
                    $(Self::$variant(_) => $name,)*
                    $($(Self::$shared($tag::$tagged, _) => $tagged_name,)*)?
                }
            }
        }

        impl serde::Serialize for $events {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let name = self.name();
                match self {
                    $(Self::$variant(body) => serializer.serialize_newtype_variant(stringify!($events), 0, name, body),)*
                    $(Self::$shared(_, body) => serializer.serialize_newtype_variant(stringify!($events), 0, name, body),)?
                }
            }
        }

        impl $crate::event::Read for $events {
            fn read<'de, A: serde::de::VariantAccess<'de>>(name: &str, body: A) -> Result<Self, A::Error> {
                match name {
                    $($name => body.newtype_variant().map(Self::$variant),)*
                    $($($tagged_name => {
                        body.newtype_variant().map(|body| Self::$shared($tag::$tagged, body))
                    })*)?
                    _ => Err(serde::de::Error::unknown_variant(
                        name,
                        <Self as $crate::event::AggregateEvent>::NAMES,
                    )),
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
