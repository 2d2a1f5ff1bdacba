namespace Kernmantle.FSharp.Tests

type Shape =
    | Circle of radius: float
    | Rectangle of width: float * height: float
    | Empty
    | Many of Shape list

type Color = Red | Green | Blue

type Name = Name of string

type Tree<'T> =
    | Leaf
    | Node of Tree<'T> * 'T * Tree<'T>

[<CompilationRepresentation(CompilationRepresentationFlags.UseNullAsTrueValue)>]
type Absent =
    | Absent
    | Present of string

[<Struct>]
type Either =
    | Left of left: int
    | Right of right: string

type Order = { Id: int; Name: string; Shapes: Shape list; Note: string option; Prices: Map<string, decimal> }

type Counter = { mutable Count: int; Label: string }

[<CLIMutable>]
type Row = { Key: int; Text: string }

[<Struct>]
type Point = { X: int; Tag: string }

type Email =
    private
    | Email of string
    static member Of text = Email text

type Secret =
    private { Value: int }
    static member Of value = { Value = value }

type Holder = { Stream: System.IO.Stream option }

type Callback = Callback of (int -> int)
