//! Many things at once, but never too many.

use std::future::Future;

use futures::StreamExt;
use futures::stream;

/// Runs `work` over all items, at most `limit` at a time; results come in the order in which they end.
pub async fn bounded<T, R, F>(items: Vec<T>, limit: usize, work: impl Fn(T) -> F) -> Vec<R>
where
    F: Future<Output = R>,
{
    stream::iter(items.into_iter().map(work)).buffer_unordered(limit.max(1)).collect().await
}
