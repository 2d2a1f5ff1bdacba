namespace Kernmantle.FSharp.Tests

open System
open System.IO
open Kernmantle
open Kernmantle.FSharp.Tests.Crossing
open Xunit

[<Collection("pool")>]
type ValueTests(shared: SharedPool) =
    let pool = shared.Pool
    let order = { Id = 1; Name = "a"; Shapes = [ Circle 1.5; Empty; Many [ Rectangle(1.0, 2.0); Empty ] ]; Note = Some "n"; Prices = Map [ "x", 1.5m; "y", 2m ] }

    [<Fact>]
    member _.``Records cross``() =
        task {
            do! crosses pool order
            do! crosses pool { order with Name = null; Shapes = []; Note = None; Prices = Map.empty }
            do! crosses pool { Count = 3; Label = "x" }
            do! crosses pool { Key = 3; Text = "x" }
            do! crosses pool { X = 3; Tag = "x" }
            do! crosses pool {| A = 1; B = [ "x" ] |}
            do! crosses pool (struct {| A = 1; B = [ "x" ] |})
        }

    [<Fact>]
    member _.``Unions cross, case by case``() =
        task {
            for shape in [ Circle 1.5; Rectangle(1.0, 2.0); Empty; Many []; Many [ Empty; Many [ Circle 2.0 ] ] ] do
                do! crosses pool shape
            do! crosses pool [ Red; Green; Blue ]
            do! crosses pool (Name "x")
            do! crosses pool (Node(Node(Leaf, 1, Leaf), 2, Leaf))
            do! crosses pool (Node(Leaf, [ Some "x" ], Leaf))
            do! crosses pool [ Absent; Present "x" ]
            do! crosses pool [ Left 1; Right "x"; Right null ]
            do! crosses pool (Ok 1: Result<int, string>)
            do! crosses pool (Error [ Empty ]: Result<int, Shape list>)
            do! crosses pool (Choice2Of3 "x": Choice<int, string, Shape>)
        }

    [<Fact>]
    member _.``Options cross, and some of nothing is refused: it would arrive as nothing``() =
        task {
            do! crosses pool (Some 3)
            do! crosses pool (None: int option)
            do! crosses pool [ None; Some []; Some [ None; Some "x" ] ]
            do! crosses pool (ValueSome 3)
            do! crosses pool (ValueSome "x")
            do! crosses pool (ValueNone: string voption)
            for refusal in [ refused pool (Some(None: int option)); refused pool (Some(null: string)); refused pool [ ValueSome(null: string) ]; refused pool (ValueSome(ValueNone: string voption)) ] do
                let! refused = refusal
                Assert.Contains("union", refused.Remedy)
        }

    [<Fact>]
    member _.``Lists, maps, sets, tuples and references cross``() =
        task {
            do! crosses pool [ 1; 2; 3 ]
            do! crosses pool ([]: string list)
            do! crosses pool [ [ 1 ]; []; [ 2; 3 ] ]
            do! crosses pool (Map [ (1, "a"), [ Circle 1.0 ]; (2, null), [] ])
            do! crosses pool (Set [ Blue; Red ])
            do! crosses pool (1, "x", [ 2.0 ])
            do! crosses pool (struct (1, "x", Some Empty))
            do! crosses pool [| Some 1; None |]
            do! crosses pool (1I, 2.5m, DateTimeOffset.UnixEpoch)
            do! crosses pool (ref [ 3 ])
            do! crosses pool ()
        }

    [<Fact>]
    member _.``What is reached twice, and what is deep, crosses``() =
        task {
            let shapes = [ Many [ Circle 1.0 ]; Empty; Empty ]
            do! crosses pool (shapes, shapes, Many shapes, Some shapes)
            do! crosses pool (grow 400 Leaf)
            let! tooDeep = refused pool (grow 600 Leaf)
            Assert.Contains("deeper than", tooDeep.Subject)
            do! crosses pool [ 1..100_000 ]
        }

    [<Fact>]
    member _.``What is private or holds a stream or a function is refused by name``() =
        task {
            let! email = refused pool (Email.Of "x")
            Assert.Contains("(Email)", email.Subject)
            Assert.Contains("public", email.Remedy)
            let! secret = refused pool [ Secret.Of 1 ]
            Assert.Contains("Secret", secret.Subject)
            let! holder = refused pool { Stream = None }
            Assert.Contains("Stream.Value (Stream)", holder.Subject)
            let! callback = refused pool (Callback id)
            Assert.Contains("FSharpFunc", callback.Subject)
            Assert.Contains("name the method", callback.Remedy)
            let! later = refused pool (async { return 1 })
            Assert.Contains("Async.StartAsTask", later.Remedy)
        }
