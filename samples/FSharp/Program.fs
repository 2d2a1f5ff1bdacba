module FSharpSample

open System
open System.Threading.Tasks
open Kernmantle

type Shape =
    | Circle of radius: float
    | Rectangle of width: float * height: float

type Order = { Id: int; Shapes: Shape list; Note: string option }

let area shape =
    match shape with
    | Circle radius -> Math.PI * radius * radius
    | Rectangle(width, height) -> width * height

let total order = order.Shapes |> List.sumBy area

[<EntryPoint>]
let main _ =
    let run = task {
        use pool = WorkerPool.Processes(2)

        // Records, unions, lists and options are arguments and results.
        let order = { Id = 1; Shapes = [ Circle 1.0; Rectangle(2.0, 3.0) ]; Note = None }
        let! sum = pool.RunAsync(total, order)
        printfn "the shapes of order %d cover %.2f" order.Id sum
        let! noted = pool.RunAsync((fun (o: Order) -> { o with Note = Some "checked" }), order)
        printfn "order %d: %A" noted.Id noted.Note

        // A lambda takes what it captures along, functions too.
        let factor = 10.0
        let scaled shape = factor * area shape
        let! large = pool.RunAsync(fun () -> scaled (Circle 1.0))
        printfn "scaled: %.2f" large

        // An asynchronous function.
        let! answer = pool.RunAsync(fun () -> task {
            do! Task.Yield()
            return 42 })
        printfn "answered: %d" answer
    }
    run.GetAwaiter().GetResult()
    0
