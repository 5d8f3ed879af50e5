//! `wasi:sockets/ip-name-lookup`: Wasmtime's own asks the node's resolver.

use crate::network::hostname::Hostname;
use crate::network::names::Failure;
use crate::network::{Denial, Network};
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::vec;
use wasmtime::StoreContextMut;
use wasmtime::component::{Accessor, Linker, Resource, ResourceTable, ResourceType};
use wasmtime_wasi::p2::bindings::sockets::network::{ErrorCode, IpAddress};
use wasmtime_wasi::p2::{DynPollable, Pollable, subscribe};
use wasmtime_wasi::p3::bindings::sockets::{ip_name_lookup::ErrorCode as ErrorCode3, types::IpAddress as IpAddress3};
use wasmtime_wasi::runtime::{AbortOnDropJoinHandle, poll_noop, spawn};
use wasmtime_wasi::{WasiView, async_trait};

/// The one that is shadowed.
const NAME: &str = "wasi:sockets/ip-name-lookup@0.2.12";
/// The same of WASI 0.3.
const NAME3: &str = "wasi:sockets/ip-name-lookup@0.3.0";

/// The network of a store, if it has one.
pub type View<T> = fn(&T) -> Option<&Arc<Network>>;

type Store<'a, T> = StoreContextMut<'a, T>;
type Found = Result<Vec<IpAddr>, ErrorCode>;

/// The resource `resolve-address-stream`.
enum Addresses {
    Pending(AbortOnDropJoinHandle<Found>),
    Ready(Result<vec::IntoIter<IpAddr>, ErrorCode>),
}

impl Addresses {
    fn ready(found: Found) -> Self {
        Self::Ready(found.map(Vec::into_iter))
    }

    fn next(&mut self) -> Result<Option<IpAddress>, ErrorCode> {
        if let Self::Pending(task) = self
            && let Some(found) = poll_noop(Pin::new(task))
        {
            *self = Self::ready(found);
        }
        match self {
            Self::Pending(_) => Err(ErrorCode::WouldBlock),
            Self::Ready(Ok(addresses)) => Ok(addresses.next().map(IpAddress::from)),
            Self::Ready(Err(code)) => Err(*code),
        }
    }
}

#[async_trait]
impl Pollable for Addresses {
    async fn ready(&mut self) {
        if let Self::Pending(task) = self {
            *self = Self::ready(task.await);
        }
    }
}

/// Begins to look up a name; an address is its own answer.
fn begin(network: Option<&Arc<Network>>, name: &str) -> Result<Addresses, ErrorCode> {
    let network = network.ok_or(ErrorCode::AccessDenied)?.clone();
    if let Some(address) = address(name) {
        return Ok(Addresses::ready(Ok(vec![address])));
    }
    let name = Hostname::parse(name).ok_or(ErrorCode::InvalidArgument)?;
    let task = spawn(async move { network.look_up(&name).await.map_err(code) });
    Ok(Addresses::Pending(task))
}

fn address(name: &str) -> Option<IpAddr> {
    let bare = name.strip_prefix('[').and_then(|n| n.strip_suffix(']')).unwrap_or(name);
    bare.parse().ok().map(|address: IpAddr| address.to_canonical())
}

fn code(denial: Denial) -> ErrorCode {
    match denial {
        Denial::NoRule | Denial::NoAddress => ErrorCode::AccessDenied,
        Denial::Name(Failure::Unknown(_)) => ErrorCode::NameUnresolvable,
        Denial::Name(Failure::Refused(_) | Failure::Timeout) => ErrorCode::TemporaryResolverFailure,
        Denial::Name(Failure::Impossible(_)) => ErrorCode::PermanentResolverFailure,
    }
}

/// Looks up a name for a guest of WASI 0.3, which waits for it as for any function.
async fn resolve(network: Option<Arc<Network>>, name: &str) -> Found {
    let network = network.ok_or(ErrorCode::AccessDenied)?;
    if let Some(address) = address(name) {
        return Ok(vec![address]);
    }
    let name = Hostname::parse(name).ok_or(ErrorCode::InvalidArgument)?;
    network.look_up(&name).await.map_err(code)
}

fn code_of_wasi3(code: ErrorCode) -> ErrorCode3 {
    match code {
        ErrorCode::AccessDenied => ErrorCode3::AccessDenied,
        ErrorCode::InvalidArgument => ErrorCode3::InvalidArgument,
        ErrorCode::NameUnresolvable => ErrorCode3::NameUnresolvable,
        ErrorCode::TemporaryResolverFailure => ErrorCode3::TemporaryResolverFailure,
        _ => ErrorCode3::PermanentResolverFailure,
    }
}

/// Offers it instead of Wasmtime's in WASI 0.3.
///
/// # Errors
/// When the function cannot be defined.
pub fn add_wasi3_to_linker<T: WasiView + 'static>(linker: &mut Linker<T>, view: View<T>) -> wasmtime::Result<()> {
    linker.allow_shadowing(true);
    let mut interface = linker.instance(NAME3)?;
    interface.func_wrap_concurrent("resolve-addresses", move |store: &Accessor<T>, (name,): (String,)| {
        Box::pin(async move {
            let network = store.with(|mut access| view(access.get()).cloned());
            let found = resolve(network, &name).await.map_err(code_of_wasi3);
            let found = found.map(|all| all.into_iter().map(IpAddress3::from).collect::<Vec<_>>());
            Ok((found,))
        })
    })?;
    linker.allow_shadowing(false);
    Ok(())
}

type This = Resource<Addresses>;

/// What was begun, as the guest's resource.
fn admit(table: &mut ResourceTable, begun: Result<Addresses, ErrorCode>) -> wasmtime::Result<Result<This, ErrorCode>> {
    Ok(match begun {
        Ok(addresses) => Ok(table.push(addresses)?),
        Err(code) => Err(code),
    })
}

/// Offers it instead of Wasmtime's.
///
/// # Errors
/// When a function cannot be defined.
pub fn add_to_linker<T: WasiView + 'static>(linker: &mut Linker<T>, view: View<T>) -> wasmtime::Result<()> {
    linker.allow_shadowing(true);
    let mut interface = linker.instance(NAME)?;
    let resource = ResourceType::host::<Addresses>();
    interface.resource("resolve-address-stream", resource, |mut store, rep| {
        store.data_mut().ctx().table.delete(This::new_own(rep))?;
        Ok(())
    })?;
    interface.func_wrap(
        "resolve-addresses",
        move |mut store: Store<'_, T>, (network, name): (Resource<wasmtime_wasi::p2::Network>, String)| {
            store.data_mut().ctx().table.get(&network)?;
            let begun = begin(view(store.data()), &name);
            Ok((admit(store.data_mut().ctx().table, begun)?,))
        },
    )?;
    interface.func_wrap(
        "[method]resolve-address-stream.resolve-next-address",
        |mut store: Store<'_, T>, (this,): (This,)| Ok((store.data_mut().ctx().table.get_mut(&this)?.next(),)),
    )?;
    interface.func_wrap(
        "[method]resolve-address-stream.subscribe",
        |mut store: Store<'_, T>, (this,): (This,)| -> wasmtime::Result<(Resource<DynPollable>,)> {
            Ok((subscribe(store.data_mut().ctx().table, this)?,))
        },
    )?;
    linker.allow_shadowing(false);
    Ok(())
}
