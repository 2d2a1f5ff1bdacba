using Kernmantle.Functions;
using Kernmantle.Scheduling.Calls;
using Kernmantle.Scheduling.Streams;
using Kernmantle.Tests.Payloads;

namespace Kernmantle.Tests.Transport.SharedMemory;

/// <summary>Quick calls of every way a result is read, each with what a correct worker answers.</summary>
internal static class HostileCalls
{
    private static readonly FunctionShape Value = new(ReturnKind.Value, IsVoid: false, HasToken: false);
    private static readonly FunctionShape Void = new(ReturnKind.Value, IsVoid: true, HasToken: false);

    public static (QuickCall Call, byte[] Answer) Create(Random random)
    {
        bool synchronous = random.Next(2) == 0;
        return random.Next(7) switch
        {
            0 => (Make<ValueTuple<int>, int>(static (int a) => a, Value, new(1), synchronous), Payload.Encode(1)),
            1 => (Make<ValueTuple<string>, string>(static (string s) => s, Value, new("text"), synchronous), Payload.Encode("text and more of it")),
            2 => (Make<ValueTuple<int>, int[]>(static (int n) => new int[n], Value, new(1), synchronous), Payload.Encode(new int[50])),
            3 => (Make<ValueTuple<int>, Unit>(static (int a) => { }, Void, new(1), synchronous), []),
            4 => (Make<ValueTuple<int>, Point>(static (int a) => new Point("p", [a]), Value, new(1), synchronous), Payload.Encode(new Point("p", [1, 2]))),
            5 => (Stream(), []),
            _ => (Make<ValueTuple<int>, List<string>>(static (int a) => new List<string>(), Value, new(1), synchronous), Payload.Encode(new List<string> { "a", "b" })),
        };
    }

    private static QuickCall<TArgs, TResult> Make<TArgs, TResult>(Delegate function, FunctionShape shape, TArgs arguments, bool synchronous) =>
        QuickCall<TArgs, TResult>.TryCreate(function, shape, arguments, WorkerPool.NoOptions, synchronous, 1 << 20, Timeout.InfiniteTimeSpan, default)!;

    /// <summary>Its items come only where what a correct worker writes is changed.</summary>
    private static QuickCall<ValueTuple<int>, Unit> Stream() =>
        QuickCall<ValueTuple<int>, Unit>.TryCreateStream((int n) => Points(n), new(ReturnKind.Stream, IsVoid: false, HasToken: false), new(1), WorkerPool.NoOptions, window: 4, 1 << 20, Timeout.InfiniteTimeSpan, default, out StreamItems<Point> _)!;

#pragma warning disable CS1998 // Its items come from elsewhere.
    private static async IAsyncEnumerable<Point> Points(int n)
    {
        yield return new("p", [n]);
    }
#pragma warning restore CS1998

    public sealed record Point(string Name, int[] Places);
}
