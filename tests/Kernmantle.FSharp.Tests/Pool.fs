namespace Kernmantle.FSharp.Tests

open System
open System.Threading.Tasks
open Kernmantle
open Xunit

/// One worker for all tests: a start takes longer than they do.
type SharedPool() =
    let pool = WorkerPool.Processes(1)
    member _.Pool = pool
    interface IAsyncDisposable with
        member _.DisposeAsync() = pool.DisposeAsync()

[<CollectionDefinition("pool")>]
type PoolCollection() =
    interface ICollectionFixture<SharedPool>

module Crossing =
    let rec grow n tree = if n = 0 then tree else grow (n - 1) (Node(tree, n, Leaf))

    /// As an argument, as a captured variable, and back as a result.
    let crosses (pool: WorkerPool) (value: 'T) : Task<unit> =
        task {
            let! passed = pool.RunAsync((fun (x: 'T) -> x), value)
            Assert.True((value = passed), $"passed: {value} became {passed}")
            let! captured = pool.RunAsync(fun () -> value)
            Assert.True((value = captured), $"captured: {value} became {captured}")
        }

    let refused (pool: WorkerPool) (value: 'T) : Task<NotPortableException> =
        Assert.ThrowsAsync<NotPortableException>(fun () -> pool.RunAsync((fun (x: 'T) -> x), value) :> Task)
