namespace Kernmantle.FSharp.Tests

open System
open System.Collections.Generic
open System.Diagnostics
open System.IO
open System.Reflection
open System.Runtime.CompilerServices
open System.Threading
open System.Threading.Tasks
open Kernmantle
open Xunit

module Functions =
    let square x = x * x

    /// A value of a module, computed when the program begins.
    let table = List.map square [ 1; 2; 3 ]

    // Not inlined: what they return is a function value that nobody can see through.
    [<MethodImpl(MethodImplOptions.NoInlining)>]
    let adder n = fun x -> x + n

    [<MethodImpl(MethodImplOptions.NoInlining)>]
    let constant () = fun (x: int) -> 7

    [<MethodImpl(MethodImplOptions.NoInlining)>]
    let twice (f: int -> int) = f >> f

    // Calls itself, and so captures itself where it is a value.
    [<MethodImpl(MethodImplOptions.NoInlining)>]
    let repeated (f: int -> int) =
        let rec down n acc = if n = 0 then acc else down (n - 1) (f acc)
        down

    let three a b c = a * 100 + b * 10 + c

[<Collection("pool")>]
type FunctionTests(shared: SharedPool) =
    let pool = shared.Pool

    [<Fact>]
    member _.``Lambdas take what they capture along``() =
        task {
            let n = 5
            let order = Some [ Circle 1.0 ]
            let! sum = pool.RunAsync(fun () -> n + (match order with Some shapes -> shapes.Length | None -> 0))
            Assert.Equal(6, sum)
            let! product = pool.RunAsync((fun x -> x * n), 4)
            Assert.Equal(20, product)
            let! mapped = pool.RunAsync((fun (xs: int list) -> xs |> List.map (fun x -> x + n)), [ 1; 2 ])
            Assert.True([ 6; 7 ] = mapped)
            let! squared = pool.RunAsync(Functions.square, 9)
            Assert.Equal(81, squared)
            do! pool.RunAsync(fun () -> ignore n)
        }

    [<Fact>]
    member _.``Run refuses an asynchronous function, of which no analyzer warns``() =
        let refused = Assert.Throws<NotPortableException>(fun () -> pool.Run(fun () -> task { return 42 }) |> ignore)
        Assert.Contains("RunAsync", refused.Remedy)

    [<Fact>]
    member _.``Values of modules are there in a worker, whose main function does not run``() =
        task {
            let! sum = pool.RunAsync(fun () -> List.sum Functions.table)
            Assert.Equal(14, sum)
        }

    [<Fact>]
    member _.``Captured function values cross with what they capture``() =
        task {
            let add = Functions.adder 3
            let both = Functions.twice add
            let seven = Functions.constant ()
            let partial = Functions.three 1 2
            let down = Functions.repeated add
            let! sum = pool.RunAsync(fun () -> add 1 + both 10 + seven 0 + partial 3 + down 2 0)
            Assert.Equal(4 + 16 + 7 + 123 + 6, sum)
            // The same lambda with another function in it.
            let call (f: int -> int) = pool.RunAsync(fun () -> f 1)
            for f, expected in [ add, 4; both, 7; seven, 7; Functions.adder 9, 10; Functions.square, 1 ] do
                let! result = call f
                Assert.Equal(expected, result)
        }

    [<Fact>]
    member _.``A function value that captures a stream is refused by the names of both``() =
        task {
            let stream = new MemoryStream()
            let write = List.head [ fun (b: byte) -> stream.WriteByte b ]
            let! refused = Assert.ThrowsAsync<NotPortableException>(fun () -> pool.RunAsync(fun () -> write 1uy))
            Assert.Contains("write", refused.Subject)
            Assert.Contains("stream", refused.Subject)
        }

    [<Fact>]
    member _.``Asynchronous functions need no type arguments``() =
        task {
            let n = 41
            let! first = pool.RunAsync(fun () -> task {
                do! Task.Yield()
                return n + 1 })
            Assert.Equal(42, first)
            let! second = pool.RunAsync((fun x -> task { return x + n }), 1)
            Assert.Equal(42, second)
            let! third = pool.RunAsync((fun x y -> task { return x + y + n }), 1, 2)
            Assert.Equal(44, third)
            let! fourth = pool.RunAsync(fun () -> async { return n } |> Async.StartAsTask)
            Assert.Equal(41, fourth)
            let later = Func<int, Task<string>>(fun x -> task { return string (x + n) })
            let! fifth = pool.RunAsync(later, 1)
            Assert.Equal("42", fifth)
            do! pool.RunAsync(fun () -> task { do! Task.Yield() })
        }

    [<Fact>]
    member _.``Asynchronous functions with a token name the type of their result, and options stand before``() =
        task {
            let n = 41
            let! first = pool.RunAsync<int>(fun (token: CancellationToken) -> task { return if token.IsCancellationRequested then 0 else n })
            Assert.Equal(41, first)
            let! second = pool.RunAsync<int, int>((fun x -> task { return x + n }), 1, CancellationToken.None)
            Assert.Equal(42, second)
            let! third = pool.With(CallOptions(Timeout = TimeSpan.FromMinutes 1.0)).RunAsync(fun () -> task { return n })
            Assert.Equal(41, third)
        }

    [<Fact>]
    member _.``Maps yield unions``() =
        task {
            let found = List<Shape option>()
            let results = pool.MapAsync((fun (n: int) -> if n = 2 then None else Some(Circle(float n))), [ 1; 2; 3 ])
            let each = results.GetAsyncEnumerator()
            let mutable go = true
            while go do
                let! more = each.MoveNextAsync()
                go <- more
                if more then found.Add each.Current.Value
            do! each.DisposeAsync()
            Assert.True([ Some(Circle 1.0); None; Some(Circle 3.0) ] = List.ofSeq found)
        }

    [<Fact>]
    member _.``The inline pool that verifies takes and refuses the same``() =
        task {
            use inlined = WorkerPool.Inline(verifyPortable = true)
            let add = Functions.adder 3
            let! sum = inlined.RunAsync(fun () -> add 1)
            Assert.Equal(4, sum)
            let! _ = Crossing.refused inlined (Email.Of "x")
            do! Crossing.crosses inlined (Some [ Empty ])
        }

    [<Fact>]
    member _.``A failure names the function that the lambda is in``() =
        task {
            let n = 1
            let! failed = Assert.ThrowsAsync<RemoteException>(fun () -> pool.RunAsync<int>(fun () -> if n = 1 then failwith "no" else n))
            Assert.Contains("no", failed.Message)
        }

    [<Fact>]
    member _.``The sample runs``() =
        task {
            let path =
                Assembly.GetExecutingAssembly().GetCustomAttributes<AssemblyMetadataAttribute>()
                |> Seq.find (fun a -> a.Key = "TestProgram:FSharpSample")
            let start = ProcessStartInfo("dotnet", [ path.Value ], RedirectStandardOutput = true, RedirectStandardError = true)
            use sample = Process.Start start
            let! output = sample.StandardOutput.ReadToEndAsync()
            let! errors = sample.StandardError.ReadToEndAsync()
            do! sample.WaitForExitAsync()
            Assert.True((sample.ExitCode = 0), errors)
            Assert.Contains("order 1: Some \"checked\"", output)
            Assert.Contains("answered: 42", output)
        }
