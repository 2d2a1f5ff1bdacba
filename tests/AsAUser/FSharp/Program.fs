// F#'s own types as arguments, captured values and results.
open System
open System.Threading.Tasks
open Kernmantle

type Shape =
    | Circle of radius: float
    | Square of side: float

type Parcel = { Name: string; Shapes: Shape list; Note: string option; Tags: Map<string, int> }

let area shape =
    match shape with
    | Circle r -> Math.PI * r * r
    | Square s -> s * s

let weigh (parcel: Parcel) =
    { parcel with
        Note = Some $"{parcel.Shapes |> List.sumBy area |> int}"
        Tags = parcel.Tags |> Map.add "weighed" 1 }

[<EntryPoint>]
let main _ =
    let work =
        task {
            use pool = WorkerPool.Processes 1
            let parcel = { Name = "p"; Shapes = [ Square 3.0; Square 4.0 ]; Note = None; Tags = Map.empty }
            let! weighed = pool.RunAsync(Func<Parcel, Parcel>(weigh), parcel)
            let! later = pool.RunAsync((fun n -> task { return n + 1 }), 41)
            printfn "%A %d" weighed later
            return weighed = { parcel with Note = Some "25"; Tags = Map [ "weighed", 1 ] } && later = 42
        }

    if work.GetAwaiter().GetResult() then 0 else 1
