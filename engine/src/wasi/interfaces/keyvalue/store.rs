//! The one of two places that a guest's buckets are in.

use super::address::RedisAddress;
use super::memory::MemoryStore;
use super::redis::Redis;
use super::types::{Answered, KeyResponse, Pairs, Value};
use crate::refusal::Answer;
use std::net::SocketAddr;
use std::sync::Arc;

/// Where the buckets are.
#[derive(Clone)]
pub enum Store {
    /// In this process, for the guests of one container.
    Memory(Arc<MemoryStore>),
    /// Elsewhere.
    Redis(Arc<Redis>),
}

impl Store {
    /// A store at `address`, or the container's own if that is empty. Connects when it is first called.
    ///
    /// # Errors
    /// When the address is none.
    pub fn at(address: &str, env: &[String], own: &Arc<MemoryStore>) -> Answer<Self> {
        if address.is_empty() {
            return Ok(Store::Memory(own.clone()));
        }
        Ok(Store::Redis(Arc::new(Redis::at(RedisAddress::parse(address, env)?))))
    }

    /// Where it is, if it is not in this process.
    pub fn remote(&self) -> Option<SocketAddr> {
        match self {
            Store::Memory(_) => None,
            Store::Redis(redis) => Some(redis.address()),
        }
    }

    pub(super) async fn get(&self, bucket: &str, key: &str) -> Answered<Option<Value>> {
        match self {
            Store::Memory(memory) => Ok(memory.get(bucket, key)),
            Store::Redis(redis) => redis.get(bucket, key).await,
        }
    }

    pub(super) async fn exists(&self, bucket: &str, key: &str) -> Answered<bool> {
        match self {
            Store::Memory(memory) => Ok(memory.exists(bucket, key)),
            Store::Redis(redis) => redis.exists(bucket, key).await,
        }
    }

    /// All of the pairs or, after an error, none.
    pub(super) async fn set(&self, bucket: &str, pairs: Vec<(String, Value)>) -> Answered<()> {
        match self {
            Store::Memory(memory) => memory.set(bucket, pairs),
            Store::Redis(redis) => redis.set(bucket, &pairs).await,
        }
    }

    pub(super) async fn delete(&self, bucket: &str, keys: Vec<String>) -> Answered<()> {
        match self {
            Store::Memory(memory) => memory.delete(bucket, &keys),
            Store::Redis(redis) => redis.delete(bucket, &keys).await?,
        }
        Ok(())
    }

    pub(super) async fn get_many(&self, bucket: &str, keys: Vec<String>) -> Answered<Pairs> {
        match self {
            Store::Memory(memory) => memory.get_many(bucket, keys),
            Store::Redis(redis) => redis.get_many(bucket, keys).await,
        }
    }

    pub(super) async fn list(&self, bucket: &str, cursor: u64) -> Answered<KeyResponse> {
        match self {
            Store::Memory(memory) => Ok(memory.list(bucket, cursor)),
            Store::Redis(redis) => redis.list(bucket, cursor).await,
        }
    }

    pub(super) async fn increment(&self, bucket: &str, key: &str, delta: u64) -> Answered<u64> {
        match self {
            Store::Memory(memory) => memory.increment(bucket, key, delta),
            Store::Redis(redis) => redis.increment(bucket, key, delta).await,
        }
    }
}
