//! `wasi:keyvalue`: buckets in memory, or in a Redis.

mod address;
mod memory;
mod redis;
mod resp;
mod store;

pub use memory::MemoryStore;
pub use store::Store;

use crate::wasi::GuestState;
use wasmtime::component::{ComponentType, Linker, Lower, Resource, ResourceType};
use wasmtime::{Result, StoreContextMut};
use wasmtime_wasi::WasiView;

const STORE: &str = "wasi:keyvalue/store@0.2.0-draft";
const ATOMICS: &str = "wasi:keyvalue/atomics@0.2.0-draft";
const BATCH: &str = "wasi:keyvalue/batch@0.2.0-draft";

const MAX_NAME: usize = 256;
const MAX_KEY: usize = 1024;
const MAX_VALUE: usize = 4 << 20;
/// Keys in a call or in a page of their list.
const MAX_KEYS: usize = 1024;

/// The interface's own.
#[derive(Debug, PartialEq, ComponentType, Lower)]
#[component(variant)]
pub enum Error {
    /// No host of ours tells it: every name is a bucket's.
    #[component(name = "no-such-store")]
    #[allow(dead_code, reason = "the standard's type has it")]
    NoSuchStore,
    /// The Redis knows neither us nor our right to this.
    #[component(name = "access-denied")]
    AccessDenied,
    /// A sentence.
    #[component(name = "other")]
    Other(String),
}

impl Error {
    fn other(sentence: impl Into<String>) -> Self {
        Self::Other(sentence.into())
    }
}

/// What a call of the interface answers.
type Answered<T> = std::result::Result<T, Error>;
type Value = Vec<u8>;
type Pairs = Vec<Option<(String, Value)>>;

/// A page of a bucket's keys.
#[derive(Debug, PartialEq, ComponentType, Lower)]
#[component(record)]
pub struct KeyResponse {
    keys: Vec<String>,
    cursor: Option<u64>,
}

/// An open bucket.
struct Bucket {
    name: String,
}

/// What a call about a bucket needs beside its arguments.
struct Called {
    store: Store,
    bucket: String,
}

fn called(mut store: StoreContextMut<'_, GuestState>, bucket: &Resource<Bucket>) -> Result<Called> {
    let state = store.data_mut();
    Ok(Called {
        store: state.interfaces.keyvalue.clone(),
        bucket: state.ctx().table.get(bucket)?.name.clone(),
    })
}

fn open(mut store: StoreContextMut<'_, GuestState>, name: String) -> Result<Answered<Resource<Bucket>>> {
    if name.len() > MAX_NAME {
        return Ok(Err(too_large("the bucket's name", name.len(), MAX_NAME)));
    }
    let table = store.data_mut().ctx().table;
    Ok(table.push(Bucket { name }).map_err(|e| Error::other(e.to_string())))
}

fn too_large(what: &str, bytes: usize, most: usize) -> Error {
    Error::other(format!("{what} has {bytes} bytes, and at most {most} may be"))
}

fn check_key(key: &str) -> Answered<()> {
    match key.len() {
        1..=MAX_KEY => Ok(()),
        0 => Err(Error::other("the key is empty")),
        n => Err(too_large("the key", n, MAX_KEY)),
    }
}

fn check_value(key: &str, value: &[u8]) -> Answered<()> {
    check_key(key)?;
    match value.len() {
        0..=MAX_VALUE => Ok(()),
        n => Err(too_large("the value", n, MAX_VALUE)),
    }
}

fn check_count(count: usize) -> Answered<()> {
    match count {
        0..=MAX_KEYS => Ok(()),
        n => Err(Error::other(format!(
            "{n} keys in a call, and at most {MAX_KEYS} may be"
        ))),
    }
}

/// Defines a function about a bucket: `name`, the interface, and an async block that gets what was called with what.
macro_rules! define {
    ($interface:ident, $name:literal, ($($arg:ident: $kind:ty),*) -> $answer:ty, $call:expr) => {
        $interface.func_wrap_async($name, |store, (bucket, $($arg),*): (Resource<Bucket>, $($kind),*)| {
            let called = called(store, &bucket);
            Box::new(async move {
                let call: fn(Called, $($kind),*) -> _ = $call;
                let answer: Answered<$answer> = call(called?, $($arg),*).await;
                Ok((answer,))
            })
        })?
    };
}

pub(super) fn add_to_linker(linker: &mut Linker<GuestState>) -> Result<()> {
    let mut store = linker.instance(STORE)?;
    store.resource("bucket", ResourceType::host::<Bucket>(), |mut store, id| {
        let table = store.data_mut().ctx().table;
        table.delete(Resource::<Bucket>::new_own(id))?;
        Ok(())
    })?;
    store.func_wrap("open", |store, (name,): (String,)| Ok((open(store, name)?,)))?;
    define!(store, "[method]bucket.get", (key: String) -> Option<Value>, |c, key| async move {
        check_key(&key)?;
        c.store.get(&c.bucket, &key).await
    });
    define!(store, "[method]bucket.set", (key: String, value: Value) -> (), |c, key, value| async move {
        check_value(&key, &value)?;
        c.store.set(&c.bucket, vec![(key, value)]).await
    });
    define!(store, "[method]bucket.delete", (key: String) -> (), |c, key| async move {
        check_key(&key)?;
        c.store.delete(&c.bucket, vec![key]).await
    });
    define!(store, "[method]bucket.exists", (key: String) -> bool, |c, key| async move {
        check_key(&key)?;
        c.store.exists(&c.bucket, &key).await
    });
    define!(store, "[method]bucket.list-keys", (cursor: Option<u64>) -> KeyResponse, |c, cursor| async move {
        c.store.list(&c.bucket, cursor.unwrap_or(0)).await
    });
    let mut atomics = linker.instance(ATOMICS)?;
    define!(atomics, "increment", (key: String, delta: u64) -> u64, |c, key, delta| async move {
        check_key(&key)?;
        c.store.increment(&c.bucket, &key, delta).await
    });
    let mut batch = linker.instance(BATCH)?;
    define!(batch, "get-many", (keys: Vec<String>) -> Pairs, |c, keys| async move {
        check_count(keys.len())?;
        keys.iter().try_for_each(|key| check_key(key))?;
        c.store.get_many(&c.bucket, keys).await
    });
    define!(batch, "set-many", (pairs: Vec<(String, Value)>) -> (), |c, pairs| async move {
        check_count(pairs.len())?;
        pairs.iter().try_for_each(|(key, value)| check_value(key, value))?;
        c.store.set(&c.bucket, pairs).await
    });
    define!(batch, "delete-many", (keys: Vec<String>) -> (), |c, keys| async move {
        check_count(keys.len())?;
        keys.iter().try_for_each(|key| check_key(key))?;
        c.store.delete(&c.bucket, keys).await
    });
    Ok(())
}
