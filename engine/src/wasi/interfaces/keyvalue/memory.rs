//! Buckets in memory, within the limit of their container.

use super::types::{Answered, Error, KeyResponse, MAX_KEYS, Pairs, Value};
use crate::account::memory::MemoryAccount;
use crate::lock::lock;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

/// What an entry counts as beside its bytes.
const ENTRY: u64 = 128;
/// Values of one answer together; no more fits into what a host may copy for a guest at once.
const MAX_ANSWER: usize = 8 << 20;

type Buckets = HashMap<String, BTreeMap<String, Value>>;

/// The buckets of a container, gone with it.
pub struct MemoryStore {
    account: Arc<MemoryAccount>,
    buckets: Mutex<Buckets>,
}

fn cost(bucket: &str, key: &str, value: &[u8]) -> u64 {
    (bucket.len() + key.len() + value.len()) as u64 + ENTRY
}

impl MemoryStore {
    /// No bucket has anything yet.
    pub fn new(account: Arc<MemoryAccount>) -> Arc<Self> {
        let buckets = Mutex::default();
        Arc::new(Self { account, buckets })
    }

    /// What is in it, in bytes as they are counted.
    pub fn bytes(&self) -> u64 {
        let buckets = lock(&self.buckets);
        let entries = buckets
            .iter()
            .flat_map(|(b, entries)| entries.iter().map(move |(k, v)| cost(b, k, v)));
        entries.sum()
    }

    /// Forgets everything.
    pub fn clear(&self) {
        let bytes = self.bytes();
        lock(&self.buckets).clear();
        self.account.give_back(bytes);
    }

    pub(super) fn get(&self, bucket: &str, key: &str) -> Option<Value> {
        lock(&self.buckets).get(bucket)?.get(key).cloned()
    }

    pub(super) fn exists(&self, bucket: &str, key: &str) -> bool {
        lock(&self.buckets)
            .get(bucket)
            .is_some_and(|entries| entries.contains_key(key))
    }

    pub(super) fn set(&self, bucket: &str, pairs: Vec<(String, Value)>) -> Answered<()> {
        self.put(&mut lock(&self.buckets), bucket, pairs)
    }

    fn put(&self, buckets: &mut Buckets, bucket: &str, pairs: Vec<(String, Value)>) -> Answered<()> {
        let bytes = pairs.iter().map(|(key, value)| cost(bucket, key, value)).sum();
        if !self.account.book(bytes) {
            return Err(Error::other(format!(
                "out of memory: {bytes} bytes more are beyond the container's limit of {}",
                self.account.limit()
            )));
        }
        let entries = buckets.entry(bucket.to_owned()).or_default();
        for (key, value) in pairs {
            // The account has it for the new value already; a key of two values in one call as well.
            let key_bytes = cost(bucket, &key, &[]);
            if let Some(old) = entries.insert(key, value) {
                self.account.give_back(key_bytes + old.len() as u64);
            }
        }
        Ok(())
    }

    pub(super) fn delete(&self, bucket: &str, keys: &[String]) {
        let mut buckets = lock(&self.buckets);
        let Some(entries) = buckets.get_mut(bucket) else { return };
        for key in keys {
            if let Some(old) = entries.remove(key) {
                self.account.give_back(cost(bucket, key, &old));
            }
        }
        if entries.is_empty() {
            buckets.remove(bucket);
        }
    }

    pub(super) fn get_many(&self, bucket: &str, keys: Vec<String>) -> Answered<Pairs> {
        let buckets = lock(&self.buckets);
        let Some(entries) = buckets.get(bucket) else {
            return Ok(keys.iter().map(|_| None).collect());
        };
        let found = |key: &String| entries.get(key).map_or(0, Vec::len);
        if keys.iter().map(found).sum::<usize>() > MAX_ANSWER {
            return Err(Error::other(format!(
                "the values have more than {MAX_ANSWER} bytes together"
            )));
        }
        let pair = |key: String| entries.get(&key).cloned().map(|value| (key, value));
        Ok(keys.into_iter().map(pair).collect())
    }

    /// The keys in order; the cursor counts those before the page.
    pub(super) fn list(&self, bucket: &str, cursor: u64) -> KeyResponse {
        let buckets = lock(&self.buckets);
        let before = usize::try_from(cursor).unwrap_or(usize::MAX);
        let mut rest = buckets.get(bucket).into_iter().flat_map(BTreeMap::keys).skip(before);
        let keys: Vec<String> = rest.by_ref().take(MAX_KEYS).cloned().collect();
        let cursor = rest.next().map(|_| cursor + keys.len() as u64);
        KeyResponse { keys, cursor }
    }

    /// Numbers are decimal text, as Redis has them.
    pub(super) fn increment(&self, bucket: &str, key: &str, delta: u64) -> Answered<u64> {
        let mut buckets = lock(&self.buckets);
        let number = match buckets.get(bucket).and_then(|entries| entries.get(key)) {
            None => 0,
            Some(value) => parse(value).ok_or_else(|| Error::other("the value is no number"))?,
        };
        let sum = number
            .checked_add(delta)
            .ok_or_else(|| Error::other("the sum is too large"))?;
        let pair = (key.to_owned(), sum.to_string().into_bytes());
        self.put(&mut buckets, bucket, vec![pair])?;
        Ok(sum)
    }
}

fn parse(value: &[u8]) -> Option<u64> {
    std::str::from_utf8(value).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(key: &str, bytes: usize) -> Vec<(String, Value)> {
        vec![(key.to_owned(), vec![0; bytes])]
    }

    #[test]
    fn what_is_stored_counts_and_what_is_gone_does_not() {
        let account = MemoryAccount::new(1000);
        let store = MemoryStore::new(account.clone());
        store.set("b", pair("key", 500)).unwrap();
        assert_eq!((account.used(), store.bytes()), (632, 632));
        assert!(store.set("b", pair("other", 500)).is_err());
        assert_eq!((account.used(), account.refusals()), (632, 1));
        store.set("b", pair("key", 10)).unwrap();
        assert_eq!(account.used(), 142);
        let twice = [pair("twin", 5), pair("twin", 7)].concat();
        store.set("b", twice).unwrap();
        assert_eq!((account.used(), store.bytes()), (282, 282));
        store.delete("b", &["twin".to_owned(), "none".to_owned()]);
        assert_eq!(account.used(), 142);
        store.increment("c", "n", 5).unwrap();
        store.clear();
        assert_eq!((account.used(), store.bytes()), (0, 0));
    }

    #[test]
    fn a_page_of_keys_tells_where_the_next_one_begins() {
        let store = MemoryStore::new(MemoryAccount::new(0));
        let pairs = (0..MAX_KEYS + 1).map(|n| (format!("k{n:05}"), Vec::new())).collect();
        store.set("", pairs).unwrap();
        let first = store.list("", 0);
        assert_eq!((first.keys.len(), first.cursor), (MAX_KEYS, Some(MAX_KEYS as u64)));
        let second = store.list("", MAX_KEYS as u64);
        assert_eq!((second.keys, second.cursor), (vec!["k01024".to_owned()], None));
        let beyond = store.list("", u64::MAX);
        assert_eq!((beyond.keys.len(), beyond.cursor), (0, None));
    }
}
