using System.Collections.Concurrent;
using Kernmantle.Contracts.Requirements;

namespace Kernmantle.Python.Tests.Pools;

/// <summary>What a call can do in the program that made it: call its functions, report how far it is, work in its memory.</summary>
public abstract partial class PythonContract
{
    [Needs("objects of the host")]
    [Fact]
    public async Task A_function_of_the_program_is_called_from_Python_and_its_result_comes_back()
    {
        PythonPool pool = await shared.GetAsync(this);
        int offset = 100;
        Func<int, int> add = n => n + offset;
        Assert.Equal(105, await pool.CallAsync<int>("kmtests:call_back", add, 5));
        offset = 200;   // it is not copied: it runs here
        Assert.Equal(205, await pool.CallAsync<int>("kmtests:call_back", add, 5));
        Assert.Equal("ab!", await pool.CallAsync<string>("kmtests:call_back", (Func<string, string, Task<string>>)(async (a, b) =>
        {
            await Task.Yield();
            return a + b + "!";
        }), "a", "b"));
        var told = new ConcurrentQueue<string>();
        Assert.Null(await pool.CallAsync<object?>("kmtests:call_back", (Action<string>)told.Enqueue, "once"));
        Assert.Equal(["once"], told);
        AssertItems([100, 101, 102, 103], await pool.CallAsync<List<int>>("kmtests:aio_call_back", (Func<int, int>)(static n => n + 100), 4));
    }

    [Needs("objects of the host")]
    [Fact]
    public async Task A_function_that_throws_or_is_called_wrongly_raises_there()
    {
        PythonPool pool = await shared.GetAsync(this);
        Func<int, int> refuse = static n => throw new InvalidOperationException($"not {n}");
        Assert.Equal("RuntimeError: InvalidOperationException: not 7", await pool.CallAsync<string>("kmtests:outcome_of", refuse, 7));
        Assert.StartsWith("TypeError: It takes 1 arguments", await pool.CallAsync<string>("kmtests:outcome_of", refuse, 1, 2), StringComparison.Ordinal);
        Assert.StartsWith("TypeError: ", await pool.CallAsync<string>("kmtests:outcome_of", refuse, "text"), StringComparison.Ordinal);
        Assert.Equal("PythonException", (await Assert.ThrowsAsync<PythonException>(() => pool.CallAsync<int>("kmtests:call_back", refuse, 7))).GetType().Name);
        await Assert.ThrowsAsync<NotPortableException>(() => pool.CallAsync<int>("kmtests:call_back", (Func<int, ValueTask>)(static _ => default), 1));
    }

    [Needs("objects of the host")]
    [Fact]
    public async Task Reports_of_progress_arrive_in_order_before_the_call_ends()
    {
        PythonPool pool = await shared.GetAsync(this);
        var progress = new Reports();
        Assert.Equal(50, await pool.CallAsync<int>("kmtests:report_each", progress, 50));
        Assert.Equal(Enumerable.Range(0, 50).Select(static n => n / 50.0), progress.All);
    }

    [Needs("objects of the host")]
    [Fact]
    public async Task A_shared_buffer_is_the_same_memory_in_Python_and_an_array_comes_back_as_one()
    {
        PythonPool pool = await shared.GetAsync(this);
        using SharedBuffer<double> buffer = SharedBuffer.Allocate<double>(Large);
        Doubles(Large).CopyTo(buffer.Span);
        using SharedBuffer<double> back = await pool.CallAsync<SharedBuffer<double>>("kmtests:add_to_all", buffer, 1.0);
        AssertNumbers(Doubles(Large, 1), buffer.Span.ToArray());
        AssertNumbers(Doubles(Large, 1), back.Span.ToArray());
        Task<double> summing = pool.CallAsync<double>("kmtests:total", buffer);
        buffer.Dispose();   // the call has it
        Assert.Equal(Doubles(Large, 1).Sum(), await summing.WaitAsync(Deadline));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => pool.CallAsync<double>("kmtests:total", buffer));
    }

    /// <summary>Not <see cref="Progress{T}"/>, which hands on what it is told and keeps no order.</summary>
    private sealed class Reports : IProgress<double>
    {
        public ConcurrentQueue<double> All { get; } = new();

        public void Report(double value) => All.Enqueue(value);
    }
}
