using System.Reflection;
using Kernmantle.Tool.Compare.Places;

namespace Kernmantle.Tool.Tests.Compare;

/// <summary>Methods of every shape: with and without an argument and a result, asynchronous in two ways or not at all.</summary>
public sealed class InvocationTests
{
    private static readonly object?[] Arguments = [1, 2, 3];

    private static int seen;

    [Fact]
    public async Task A_method_of_every_shape_is_called_here_and_in_a_pool_and_its_result_awaited()
    {
        await using WorkerPool pool = WorkerPool.Threads(1);
        MethodInfo[] methods = [.. typeof(InvocationTests).GetMethods(BindingFlags.NonPublic | BindingFlags.Static).Where(static method => method.Name.Contains("Shape", StringComparison.Ordinal))];
        Assert.Equal(12, methods.Length);
        foreach (MethodInfo method in methods)
        {
            Invocation invocation = Invocation.Of(method);
            Assert.Equal(method.Name.EndsWith("Async", StringComparison.Ordinal), invocation.IsAsynchronous);
            bool takes = method.GetParameters().Length == 1, gives = method.Name.StartsWith("Double", StringComparison.Ordinal);
            object?[] expected = [.. Arguments.Select(argument => gives ? 2 * (takes ? (int)argument! : 21) : (object?)null)];
            seen = 0;
            List<object?> here = [];
            foreach (object? argument in Arguments)
                here.Add(await invocation.HereAsync(takes ? argument : null));
            Assert.Equal(expected, here);
            // Counted when what it awaits is over.
            Assert.Equal(3, seen);
            Assert.Equal(expected, await invocation.AllOnAsync(pool, takes ? Arguments : [null, null, null]));
            Assert.Equal(6, seen);
        }
    }

    [Fact]
    public async Task A_method_that_returns_a_value_task_is_found_again_in_a_process()
    {
        await using WorkerPool pool = WorkerPool.Processes(1);
        Assert.Equal([42], await In(pool, nameof(DoubleShapeValueTaskAsync), [null]));
        Assert.Equal([2, 4, 6], await In(pool, nameof(DoubleShapeValueTaskOfAsync), Arguments));
        Assert.Equal([null], await In(pool, nameof(ShapeValueTaskAsync), [null]));
        Assert.Equal([null, null, null], await In(pool, nameof(ShapeValueTaskOfAsync), Arguments));
    }

    private static Task<object?[]> In(WorkerPool pool, string method, object?[] arguments) =>
        Invocation.Of(typeof(InvocationTests).GetMethod(method, BindingFlags.NonPublic | BindingFlags.Static)!).AllOnAsync(pool, arguments);

    private static void Shape() => See(0);

    private static async Task ShapeTaskAsync() => await SeeAsync(0);

    private static async ValueTask ShapeValueTaskAsync() => await SeeAsync(0);

    private static void ShapeOf(int number) => See(number);

    private static async Task ShapeTaskOfAsync(int number) => await SeeAsync(number);

    private static async ValueTask ShapeValueTaskOfAsync(int number) => await SeeAsync(number);

    private static int DoubleShape() => See(21);

    private static async Task<int> DoubleShapeTaskAsync() => await SeeAsync(21);

    private static async ValueTask<int> DoubleShapeValueTaskAsync() => await SeeAsync(21);

    private static int DoubleShapeOf(int number) => See(number);

    private static async Task<int> DoubleShapeTaskOfAsync(int number) => await SeeAsync(number);

    private static async ValueTask<int> DoubleShapeValueTaskOfAsync(int number) => await SeeAsync(number);

    private static int See(int number)
    {
        Interlocked.Increment(ref seen);
        return 2 * number;
    }

    private static async Task<int> SeeAsync(int number)
    {
        await Task.Yield();
        return See(number);
    }
}
