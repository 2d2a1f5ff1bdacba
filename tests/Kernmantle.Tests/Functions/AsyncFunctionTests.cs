using System.Runtime.CompilerServices;
using Kernmantle.Functions;

namespace Kernmantle.Tests.Functions;

/// <summary>Functions that return tasks, streams or nothing, with and without a token.</summary>
public sealed class AsyncFunctionTests
{
    private static readonly Crossing.Options Here = new();

    private static int touched;

    [Fact]
    public void An_asynchronous_lambda_without_captures_runs() => Assert.Equal(3, Crossing.CallTask(
        static async n =>
        {
            await Task.Yield();
            return n + 1;
        },
        2));

    [Fact]
    public void An_asynchronous_lambda_reads_its_captures()
    {
        int a = 10;
        string b = "b";
        Assert.Equal("10b", Crossing.CallTask(async () =>
        {
            await Task.Yield();
            return a + b;
        }));
    }

    [Fact]
    public void An_asynchronous_method_group_runs() => Assert.Equal(4, Crossing.CallTask<int, int>(TwiceAsync, 2));

    [Fact]
    public async Task Functions_without_a_result_run()
    {
        int before = touched;
        Crossing.CallVoid(static () => touched++);
        Func<Task> task = static async () =>
        {
            await Task.Yield();
            touched++;
        };
        await Crossing.Run<ValueTuple, Unit>(task, new(ReturnKind.Task, IsVoid: true, HasToken: false), default, Here);
        Assert.Equal(before + 3, touched);
    }

    [Fact]
    public async Task Functions_of_every_arity_get_their_token()
    {
        using var source = new CancellationTokenSource();
        Crossing.Options options = new() { Token = source.Token };
        FunctionShape shape = Crossing.Plain with { HasToken = true };
        FunctionShape none = shape with { IsVoid = true };
        Func<CancellationToken, bool> f0 = static t => t.CanBeCanceled;
        Func<int, CancellationToken, bool> f1 = static (a, t) => a == 1 && t.CanBeCanceled;
        Func<int, int, CancellationToken, bool> f2 = static (a, b, t) => a + b == 3 && t.CanBeCanceled;
        Func<int, int, int, CancellationToken, bool> f3 = static (a, b, c, t) => a + b + c == 6 && t.CanBeCanceled;
        Assert.True(await Crossing.Run<ValueTuple, bool>(f0, shape, default, options));
        Assert.True(await Crossing.Run<ValueTuple<int>, bool>(f1, shape, new(1), options));
        Assert.True(await Crossing.Run<(int, int), bool>(f2, shape, (1, 2), options));
        Assert.True(await Crossing.Run<(int, int, int), bool>(f3, shape, (1, 2, 3), options));
        Action<CancellationToken> a0 = static t => Assert.True(t.CanBeCanceled);
        Action<int, CancellationToken> a1 = static (a, t) => Assert.True(a == 1 && t.CanBeCanceled);
        Action<int, int, CancellationToken> a2 = static (a, b, t) => Assert.True(a + b == 3 && t.CanBeCanceled);
        Action<int, int, int, CancellationToken> a3 = static (a, b, c, t) => Assert.True(a + b + c == 6 && t.CanBeCanceled);
        await Crossing.Run<ValueTuple, Unit>(a0, none, default, options);
        await Crossing.Run<ValueTuple<int>, Unit>(a1, none, new(1), options);
        await Crossing.Run<(int, int), Unit>(a2, none, (1, 2), options);
        await Crossing.Run<(int, int, int), Unit>(a3, none, (1, 2, 3), options);
    }

    [Fact]
    public async Task Actions_of_every_arity_get_their_arguments()
    {
        FunctionShape shape = Crossing.Plain with { IsVoid = true };
        Action<int> a1 = static a => Assert.Equal(1, a);
        Action<int, int> a2 = static (a, b) => Assert.Equal((1, 2), (a, b));
        Action<int, int, int> a3 = static (a, b, c) => Assert.Equal((1, 2, 3), (a, b, c));
        await Crossing.Run<ValueTuple<int>, Unit>(a1, shape, new(1), Here);
        await Crossing.Run<(int, int), Unit>(a2, shape, (1, 2), Here);
        await Crossing.Run<(int, int, int), Unit>(a3, shape, (1, 2, 3), Here);
    }

    [Fact]
    public async Task A_stream_yields_what_its_captures_say()
    {
        FunctionShape shape = new(ReturnKind.Stream, IsVoid: false, HasToken: true);
        int step = 3;
        int unrelated = 1;
        using var neighbour = new MemoryStream();
        Func<long> reads = () => neighbour.Length + unrelated;
        async IAsyncEnumerable<int> Count(int n, [EnumeratorCancellation] CancellationToken token)
        {
            for (int i = 0; i < n; i++)
            {
                await Task.Yield();
                token.ThrowIfCancellationRequested();
                yield return i * step;
            }
        }

        Func<int, CancellationToken, IAsyncEnumerable<int>> stream = Count;
        Assert.Equal([0, 3, 6], await Crossing.Items<ValueTuple<int>, int>(stream, shape, new(3), new() { Foreign = true }));
        Assert.Equal(1, reads());
    }

    [Fact]
    public async Task A_synchronous_iterator_reads_its_captures()
    {
        int step = 2;
        IEnumerable<int> Iterate(int n)
        {
            for (int i = 0; i < n; i++)
                yield return i * step;
        }

        Func<int, int> sum = n => Iterate(n).Sum();
        Assert.Equal(6, await Crossing.Run<ValueTuple<int>, int>(sum, Crossing.Plain, new(3), Here));
    }

    [Fact]
    public async Task Objects_that_live_in_the_worker_do_not_cross()
    {
        Func<Resident> create = static () => new Resident(new MemoryStream([1, 2]));
        Func<Resident, int, long> use = static (r, n) => r.Stream.Length + n;
        FunctionShape creates = Crossing.Plain with { ResultIsInstance = true };
        FunctionShape uses = Crossing.Plain with { FirstIsInstance = true };
        PreparedCall created = Crossing.Prepare(Function.Of(create, creates), create, default(ValueTuple), Here);
        await created.InvokeAsync(TestContext.Current.CancellationToken);
        object instance = Assert.IsType<Resident>(created.Instance);
        Crossing.Options options = new() { InstanceId = 9, Instance = id => id == 9 ? instance : throw new KeyNotFoundException() };
        Assert.Equal(7, await Crossing.Run<(Resident, int), long>(use, uses, (null!, 5), options));
    }

    [Fact]
    public async Task A_function_that_returns_null_instead_of_a_task_is_told()
    {
        Func<Task<int>> none = static () => null!;
        var e = await Assert.ThrowsAsync<InvalidOperationException>(() => Crossing.Run<ValueTuple, int>(none, Crossing.Plain with { Kind = ReturnKind.Task }, default, Here));
        Assert.Contains("returned null", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_shape_that_the_delegate_does_not_have_is_refused()
    {
        Func<int> value = static () => 1;
        Assert.Throws<ArgumentException>(() => Function.Of(value, new(ReturnKind.Task, IsVoid: false, HasToken: false)));
        Assert.Throws<ArgumentException>(() => Function.Of(value, new(ReturnKind.Value, IsVoid: false, HasToken: true)));
        Assert.Throws<ArgumentException>(() => Function.Of<ValueTuple<int>, int>(value, Crossing.Plain));
        Assert.Throws<ArgumentException>(() => Invoker<ValueTuple<long>, short>.For(typeof(Func<int>), Crossing.Plain));
    }

    private static async Task<int> TwiceAsync(int n)
    {
        await Task.Yield();
        return n * 2;
    }

    internal sealed record Resident(Stream Stream);
}
