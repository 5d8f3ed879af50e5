//! `wasi:keyvalue`: buckets in memory, or in a Redis.

mod address;
mod memory;
mod redis;
mod resp;
mod store;
mod types;

pub use memory::MemoryStore;
pub use store::Store;

use types::{Answered, Error, KeyResponse, MAX_NAME, Pairs, Value, check_count, check_key, check_value, too_large};
use wasmtime::component::{Linker, LinkerInstance, Resource, ResourceTable, ResourceType};
use wasmtime::{Result, StoreContextMut};
use wasmtime_wasi::WasiView;

const STORE: &str = "wasi:keyvalue/store@0.2.0-draft";
const ATOMICS: &str = "wasi:keyvalue/atomics@0.2.0-draft";
const BATCH: &str = "wasi:keyvalue/batch@0.2.0-draft";

/// An open bucket.
struct Bucket {
    name: String,
}

/// What a call about a bucket needs beside its arguments.
struct Called {
    store: Store,
    bucket: String,
}

fn called<T: WasiView>(
    mut store: StoreContextMut<'_, T>,
    view: impl Fn(&T) -> &Store,
    bucket: &Resource<Bucket>,
) -> Result<Called> {
    Ok(Called {
        store: view(store.data()).clone(),
        bucket: store.data_mut().ctx().table.get(bucket)?.name.clone(),
    })
}

fn open(table: &mut ResourceTable, name: String) -> Result<Answered<Resource<Bucket>>> {
    if name.len() > MAX_NAME {
        return Ok(Err(too_large("the bucket's name", name.len(), MAX_NAME)));
    }
    Ok(table.push(Bucket { name }).map_err(|e| Error::other(e.to_string())))
}

/// Defines a function about a bucket: the interface, the view, the name, and an async block that gets what was called
/// with what.
macro_rules! define {
    ($interface:ident, $view:ident, $name:literal, ($($arg:ident: $kind:ty),*) -> $answer:ty, $call:expr) => {
        $interface.func_wrap_async($name, move |store, (bucket, $($arg),*): (Resource<Bucket>, $($kind),*)| {
            let called = called(store, $view, &bucket);
            Box::new(async move {
                let call: fn(Called, $($kind),*) -> _ = $call;
                let answer: Answered<$answer> = call(called?, $($arg),*).await;
                Ok((answer,))
            })
        })?
    };
}

/// Where a store of `T` has the buckets of its guest.
trait View<T>: Fn(&T) -> &Store + Copy + Send + Sync + 'static {}

impl<T, F: Fn(&T) -> &Store + Copy + Send + Sync + 'static> View<T> for F {}

pub(super) fn add_to_linker<T: WasiView + 'static>(
    linker: &mut Linker<T>,
    view: impl Fn(&T) -> &Store + Copy + Send + Sync + 'static,
) -> Result<()> {
    add_store(linker, view)?;
    add_atomics(linker, view)?;
    add_batch(linker, view)
}

fn add_store<T: WasiView + 'static>(linker: &mut Linker<T>, view: impl View<T>) -> Result<()> {
    let mut store = linker.instance(STORE)?;
    add_bucket(&mut store)?;
    define!(store, view, "[method]bucket.get", (key: String) -> Option<Value>, |c, key| async move {
        check_key(&key)?;
        c.store.get(&c.bucket, &key).await
    });
    define!(store, view, "[method]bucket.set", (key: String, value: Value) -> (), |c, key, value| async move {
        check_value(&key, &value)?;
        c.store.set(&c.bucket, vec![(key, value)]).await
    });
    define!(store, view, "[method]bucket.delete", (key: String) -> (), |c, key| async move {
        check_key(&key)?;
        c.store.delete(&c.bucket, vec![key]).await
    });
    define!(store, view, "[method]bucket.exists", (key: String) -> bool, |c, key| async move {
        check_key(&key)?;
        c.store.exists(&c.bucket, &key).await
    });
    define!(store, view, "[method]bucket.list-keys", (cursor: Option<u64>) -> KeyResponse, |c, cursor| async move {
        c.store.list(&c.bucket, cursor.unwrap_or(0)).await
    });
    Ok(())
}

/// The resource, and the function that opens one.
fn add_bucket<T: WasiView + 'static>(store: &mut LinkerInstance<'_, T>) -> Result<()> {
    store.resource(
        "bucket",
        ResourceType::host::<Bucket>(),
        |mut store: StoreContextMut<'_, T>, id| {
            let table = store.data_mut().ctx().table;
            table.delete(Resource::<Bucket>::new_own(id))?;
            Ok(())
        },
    )?;
    store.func_wrap("open", |mut store: StoreContextMut<'_, T>, (name,): (String,)| {
        Ok((open(store.data_mut().ctx().table, name)?,))
    })?;
    Ok(())
}

fn add_atomics<T: WasiView + 'static>(linker: &mut Linker<T>, view: impl View<T>) -> Result<()> {
    let mut atomics = linker.instance(ATOMICS)?;
    define!(atomics, view, "increment", (key: String, delta: u64) -> u64, |c, key, delta| async move {
        check_key(&key)?;
        c.store.increment(&c.bucket, &key, delta).await
    });
    Ok(())
}

fn add_batch<T: WasiView + 'static>(linker: &mut Linker<T>, view: impl View<T>) -> Result<()> {
    let mut batch = linker.instance(BATCH)?;
    define!(batch, view, "get-many", (keys: Vec<String>) -> Pairs, |c, keys| async move {
        check_count(keys.len())?;
        keys.iter().try_for_each(|key| check_key(key))?;
        c.store.get_many(&c.bucket, keys).await
    });
    define!(batch, view, "set-many", (pairs: Vec<(String, Value)>) -> (), |c, pairs| async move {
        check_count(pairs.len())?;
        pairs.iter().try_for_each(|(key, value)| check_value(key, value))?;
        c.store.set(&c.bucket, pairs).await
    });
    define!(batch, view, "delete-many", (keys: Vec<String>) -> (), |c, keys| async move {
        check_count(keys.len())?;
        keys.iter().try_for_each(|key| check_key(key))?;
        c.store.delete(&c.bucket, keys).await
    });
    Ok(())
}
