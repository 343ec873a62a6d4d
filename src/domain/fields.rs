//! Fields by name and records in rows, kept close together: a customer list has a million fields.
//!
//! Owns how they lie in memory. How long lists are written down is `domain::table`'s. Never knows what a field means.

use crate::domain::extract::{Field, Record};
use crate::domain::name::Name;
use crate::domain::table;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

/// The fields of a record in the order of their names.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Fields(Vec<(Name, Field)>);

impl Fields {
    pub fn with_capacity(capacity: usize) -> Self {
        Fields(Vec::with_capacity(capacity))
    }

    fn find(&self, key: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(name, _)| name.as_str().cmp(key))
    }

    /// A record has few fields, most of them of different lengths: to pass along them is quicker than to part them.
    pub fn get(&self, key: &str) -> Option<&Field> {
        self.0.iter().find(|(name, _)| name.as_str() == key).map(|(_, field)| field)
    }

    pub fn get_mut(&mut self, key: &str) -> Option<&mut Field> {
        self.find(key).ok().map(|at| &mut self.0[at].1)
    }

    pub fn contains_key(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// Puts a field under a name; returns the one that lay there.
    pub fn insert(&mut self, name: impl Into<Name>, field: Field) -> Option<Field> {
        let name = name.into();
        // Most come in order.
        if self.0.last().is_none_or(|(last, _)| *last < name) {
            self.0.push((name, field));
            return None;
        }
        match self.find(&name) {
            Ok(at) => Some(std::mem::replace(&mut self.0[at].1, field)),
            Err(at) => {
                self.0.insert(at, (name, field));
                None
            }
        }
    }

    pub fn remove(&mut self, key: &str) -> Option<Field> {
        self.find(key).ok().map(|at| self.0.remove(at).1)
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&Name, &Field)> {
        self.0.iter().map(|(name, field)| (name, field))
    }

    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&Name, &mut Field)> {
        self.0.iter_mut().map(|(name, field)| (&*name, field))
    }

    pub fn keys(&self) -> impl Iterator<Item = &Name> {
        self.0.iter().map(|(name, _)| name)
    }

    pub fn values(&self) -> impl Iterator<Item = &Field> {
        self.0.iter().map(|(_, field)| field)
    }

    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut Field> {
        self.0.iter_mut().map(|(_, field)| field)
    }
}

impl fmt::Debug for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

#[cfg(test)]
impl std::ops::Index<&str> for Fields {
    type Output = Field;

    fn index(&self, key: &str) -> &Field {
        self.get(key).unwrap()
    }
}

impl<N: Into<Name>> Extend<(N, Field)> for Fields {
    fn extend<I: IntoIterator<Item = (N, Field)>>(&mut self, fields: I) {
        fields.into_iter().for_each(|(name, field)| drop(self.insert(name, field)));
    }
}

impl<N: Into<Name>> FromIterator<(N, Field)> for Fields {
    fn from_iter<I: IntoIterator<Item = (N, Field)>>(fields: I) -> Self {
        let mut made = Fields::default();
        made.extend(fields);
        made.0.shrink_to_fit();
        made
    }
}

impl<N: Into<Name>, const LENGTH: usize> From<[(N, Field); LENGTH]> for Fields {
    fn from(fields: [(N, Field); LENGTH]) -> Self {
        fields.into_iter().collect()
    }
}

impl<N: Into<Name>> From<std::collections::BTreeMap<N, Field>> for Fields {
    fn from(fields: std::collections::BTreeMap<N, Field>) -> Self {
        fields.into_iter().collect()
    }
}

impl IntoIterator for Fields {
    type Item = (Name, Field);
    type IntoIter = std::vec::IntoIter<(Name, Field)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl Serialize for Fields {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs;
        impl<'de> Visitor<'de> for Pairs {
            type Value = Fields;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("fields by name")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
                let mut fields = Fields::default();
                while let Some((name, field)) = map.next_entry::<Name, Field>()? {
                    fields.insert(name, field);
                }
                fields.0.shrink_to_fit();
                Ok(fields)
            }
        }
        deserializer.deserialize_map(Pairs)
    }
}

/// Records one below the other. A copy costs nothing until one of the two is changed.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Rows(Arc<Vec<Record>>);

impl Deref for Rows {
    type Target = [Record];

    fn deref(&self) -> &[Record] {
        &self.0
    }
}

impl DerefMut for Rows {
    fn deref_mut(&mut self) -> &mut [Record] {
        Arc::<Vec<Record>>::make_mut(&mut self.0)
    }
}

impl fmt::Debug for Rows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

impl From<Vec<Record>> for Rows {
    fn from(records: Vec<Record>) -> Self {
        Rows(Arc::new(records))
    }
}

impl Extend<Record> for Rows {
    fn extend<I: IntoIterator<Item = Record>>(&mut self, records: I) {
        Arc::make_mut(&mut self.0).extend(records);
    }
}

impl<'a> IntoIterator for &'a Rows {
    type Item = &'a Record;
    type IntoIter = std::slice::Iter<'a, Record>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl<'a> IntoIterator for &'a mut Rows {
    type Item = &'a mut Record;
    type IntoIter = std::slice::IterMut<'a, Record>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}

impl Serialize for Rows {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        table::write(self, serializer)
    }
}

impl<'de> Deserialize<'de> for Rows {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        table::read(deserializer).map(Rows::from)
    }
}
