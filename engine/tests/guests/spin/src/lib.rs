//! What people write with Spin's kit: a service that needs interfaces of WASI alone.

use spin_sdk::http::{IntoResponse, Request, Response};
use spin_sdk::http_component;

#[http_component]
fn handle(request: Request) -> anyhow::Result<impl IntoResponse> {
    println!("asked for {}", request.path());
    Ok(Response::builder()
        .status(201)
        .header("content-type", "text/plain")
        .body(format!("{} of {} bytes\n", request.method(), request.body().len()))
        .build())
}
