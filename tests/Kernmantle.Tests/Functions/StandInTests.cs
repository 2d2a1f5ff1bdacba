using Kernmantle.Functions;
using Kernmantle.Payloads;
using Kernmantle.Wire.Bytes;
using Xunit;

namespace Kernmantle.Tests.Functions;

/// <summary>What a worker rehearses before a function is called: nothing of the program's runs.</summary>
public sealed class StandInTests
{
    private static readonly FunctionShape Task = Crossing.Plain with { Kind = ReturnKind.Task }, Void = Crossing.Plain with { IsVoid = true };

    [Fact]
    public void A_stand_in_passes_everything_and_the_function_does_not_run()
    {
        int captured = 1;
        Rehearses(static int () => throw Ran(), Crossing.Plain);
        Rehearses(static int (int a) => throw Ran(), Crossing.Plain);
        Rehearses(string (string a) => captured > 0 ? throw Ran() : a, Crossing.Plain);
        Rehearses(static short (float a, byte[] b) => throw Ran(), Crossing.Plain);
        Rehearses(static bool (int a, int b, int c) => throw Ran(), Crossing.Plain);
        Rehearses(static DateTime (DayOfWeek a, CancellationToken t) => throw Ran(), Crossing.Plain with { HasToken = true });
        Rehearses(static void () => throw Ran(), Void);
        Rehearses(static void (int a) => throw Ran(), Void);
        Rehearses(static void (short a, int b) => throw Ran(), Void);
        Rehearses(static Task<int> (int a) => throw Ran(), Task);
        Rehearses(static Task (int a) => throw Ran(), Task with { IsVoid = true });
        Rehearses(static Task<string> (int a, CancellationToken t) => throw Ran(), Task with { HasToken = true });
    }

    [Fact]
    public void There_is_none_where_a_constructor_of_the_programs_would_run()
    {
        Assert.Null(Of(static (Constructed a) => 1, Crossing.Plain).StandIn());
        Assert.Null(Of(static () => new Constructed(), Crossing.Plain).StandIn());
        Assert.Null(Of(static (int a, List<Constructed> b) => 1, Crossing.Plain).StandIn());
        Assert.Null(Of(static () => new Constructed(), Crossing.Plain with { ResultIsInstance = true }).StandIn());
        Assert.Null(Of(static (int n) => Items(n), Crossing.Plain with { Kind = ReturnKind.Stream }).StandIn());
        Assert.Equal(0, Constructed.Times);
    }

    private static void Rehearses(Delegate function, FunctionShape shape)
    {
        PreparedCall call = Of(function, shape).StandIn()!;
        call.Invoke(new NoWait(), default);
        using var buffer = new PooledBuffer();
        var writer = new PayloadWriter(buffer);
        call.WriteResult(ref writer);
    }

    private static WorkerFunction Of(Delegate function, FunctionShape shape)
    {
        WorkerFunction found = WorkerFunction.Resolve(Function.Of(function, shape).Descriptor.Span);
        found.Warm();
        return found;
    }

    private static InvalidOperationException Ran() => new("It ran.");

    private static async IAsyncEnumerable<int> Items(int n)
    {
        await System.Threading.Tasks.Task.Yield();
        yield return n;
    }

    public sealed class Constructed
    {
        public Constructed() => Times++;

        public static int Times { get; private set; }

        public int Value { get; set; }
    }

    private sealed class NoWait : IFunctionWait
    {
        public T Wait<T>(ValueTask<T> task)
        {
            Assert.True(task.IsCompleted);
            return task.Result;
        }

        public void Wait(ValueTask task) => Assert.True(task.IsCompleted);
    }
}
