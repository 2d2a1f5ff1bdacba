namespace Kernmantle.Python.Tests.Pools;

/// <summary>Numeric arrays: small ones with the call, large ones through shared memory.</summary>
public abstract partial class PythonContract
{
    private const int Large = 50_000;

    private static double[] Doubles(int count, double first = 0)
    {
        double[] numbers = new double[count];
        for (int i = 0; i < count; i++)
            numbers[i] = first + i;
        return numbers;
    }

    private static T[] Filled<T>(int count, T value)
    {
        var items = new T[count];
        Array.Fill(items, value);
        return items;
    }

    [Theory]
    [InlineData(10)]
    [InlineData(Large)]
    public async Task Arrays_of_every_kind_go_in_and_come_out(int count)
    {
        PythonPool pool = await shared.GetAsync(this);
        Assert.Equal(Doubles(count).Sum(), await pool.CallAsync<double>("kmtests:total", Doubles(count)));
        Assert.Equal(Doubles(count).Sum(), await pool.CallAsync<double>("kmtests:total", (ReadOnlyMemory<double>)Doubles(count)));
        AssertItems([0.0, count - 1.0], await pool.CallAsync<double[]>("kmtests:ends_of", Doubles(count)));
        AssertNumbers(Doubles(count), await pool.CallAsync<double[]>("kmtests:same", Doubles(count)));
        int[] integers = [.. Enumerable.Range(0, count)];
        AssertNumbers(integers, await pool.CallAsync<int[]>("kmtests:same", integers));
        float[] floats = [.. integers.Select(static i => (float)i)];
        AssertNumbers(floats, (await pool.CallAsync<ReadOnlyMemory<float>>("kmtests:same", (Memory<float>)floats)).ToArray());
        long[] longs = [.. integers.Select(static i => (long)i << 20)];
        AssertNumbers(longs, [.. await pool.CallAsync<List<long>>("kmtests:same", longs)]);
        AssertNumbers(Filled(count, 2.5), await pool.CallAsync<double[]>("kmtests:filled", count, 2.5));
        Dictionary<string, object> several = await pool.CallAsync<Dictionary<string, object>>("kmtests:several", count);
        AssertNumbers(Filled(count, 1.0), Assert.IsType<double[]>(several["a"]));
        AssertNumbers(Filled(count, 2L), Assert.IsType<long[]>(several["b"]));
    }

    [Fact]
    public async Task An_array_changed_by_the_function_comes_back_changed_and_the_callers_own_stays()
    {
        PythonPool pool = await shared.GetAsync(this);
        double[] mine = Doubles(Large, 1);
        double[] back = await pool.CallAsync<double[]>("kmtests:double_in_place", mine);
        Assert.Equal((2.0, 2.0, 2002.0), (back[0], back[1], back[1000]));
        AssertNumbers(Doubles(Large, 1), mine);
    }

    [Fact]
    public async Task An_array_kept_after_its_call_is_not_touched_by_later_ones()
    {
        PythonPool pool = await shared.GetAsync(this);
        foreach (string keep in (string[])["kmtests:keep", "kmtests:keep_slice"])
        {
            Assert.Equal(Large, await pool.CallAsync<int>(keep, Doubles(Large, 7)));
            double[] before = await pool.CallAsync<double[]>("kmtests:kept_values");
            for (int i = 0; i < 20; i++)
            {
                AssertNumbers(Doubles(Large, i), await pool.CallAsync<double[]>("kmtests:same", Doubles(Large, i)));
                AssertItems([i, i + Large - 1.0], await pool.CallAsync<double[]>("kmtests:ends_of", Doubles(Large, i)));
                AssertNumbers(Filled(Large, (double)i), await pool.CallAsync<double[]>("kmtests:filled", Large, (double)i));
            }
            Assert.Equal(before, await pool.CallAsync<double[]>("kmtests:kept_values"));
        }
    }

    [Fact]
    [Repeated]
    public async Task A_thread_that_goes_on_writing_to_an_array_after_its_call_harms_no_later_one()
    {
        PythonPool pool = await shared.GetAsync(this);
        using var gate = new Gate();
        await pool.CallAsync<int>("kmtests:change_later", Doubles(Large), gate.Path);
        for (int i = 0; i < Repetitions.Of(quick: 20, atLength: 200); i++)
            AssertNumbers(Doubles(Large, i), await pool.CallAsync<double[]>("kmtests:same", Doubles(Large, i)));
        gate.Open();
    }

    [Needs("asyncio")]
    [Fact]
    public async Task Coroutines_with_arrays_do_not_mix_them_up()
    {
        PythonPool pool = await shared.GetAsync(this);
        double[][] results = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => pool.CallAsync<double[]>("kmtests:aio_array", Doubles(Large, i), 1000 * i))).WaitAsync(Deadline);
        for (int i = 0; i < 100; i++)
            AssertNumbers(Filled(20_000, 1001.0 * i), results[i]);
    }

    [Needs("asyncio")]
    [Fact]
    public async Task An_array_that_another_call_still_has_comes_out_as_a_copy()
    {
        PythonPool pool = await shared.GetAsync(this);
        using Gate reached = new(), gate = new();
        Task holder = pool.CallAsync<object?>("kmtests:aio_hold_array", Doubles(Large), reached.Path, gate.Path);
        await Reached(reached);
        AssertNumbers(Doubles(Large), await pool.CallAsync<double[]>("kmtests:kept_array").WaitAsync(Deadline));
        gate.Open();
        await holder.WaitAsync(Deadline);
        Assert.Equal(0, pool.Statistics.Replaced);
    }

    [Needs("errors by their number")]
    [Theory]
    [InlineData("RLIMIT_AS", 32 << 20, 8 << 20)]
    [InlineData("RLIMIT_NOFILE", 0, Large)]
    public async Task Memory_that_a_worker_cannot_map_fails_the_call_it_is_for_and_no_later_one_waits_for_it(string limit, int room, int count)
    {
        await using PythonPool pool = Create();
        double[] array = Doubles(count);
        Assert.Equal(10, await pool.CallAsync<int>("len", Doubles(10)));   // numpy is imported
        await pool.CallAsync<object?>("kmtests:limit_resource", limit, room);
        for (int i = 0; i < 3; i++)
            Assert.Equal("OSError", (await Assert.ThrowsAsync<PythonException>(() => pool.CallAsync<int>("len", array).WaitAsync(Deadline))).TypeName);
        await pool.CallAsync<object?>("kmtests:limit_resource", limit, null);
        Assert.Equal((count, 0L), (await pool.CallAsync<int>("len", array).WaitAsync(Deadline), pool.Statistics.Replaced));
    }

    [Needs("errors by their number")]
    [Fact]
    public async Task A_result_for_which_no_memory_can_be_mapped_comes_with_its_answer()
    {
        await using PythonPool pool = Create();
        AssertNumbers(Filled(Large, 1.0), await pool.CallAsync<double[]>("kmtests:filled", Large, 1.0));
        await pool.CallAsync<object?>("kmtests:limit_resource", "RLIMIT_NOFILE", 0);
        for (int i = 1; i < 4; i++)   // each larger than what has been mapped before
            AssertNumbers(Filled(Large * 3 * i, 1.0), await pool.CallAsync<double[]>("kmtests:filled", Large * 3 * i, 1.0).WaitAsync(Deadline));
        await pool.CallAsync<object?>("kmtests:limit_resource", "RLIMIT_NOFILE", null);
        AssertNumbers(Filled(Large * 9, 1.0), await pool.CallAsync<double[]>("kmtests:filled", Large * 9, 1.0).WaitAsync(Deadline));
        Assert.Equal(0, pool.Statistics.Replaced);
    }

    [Fact]
    public async Task A_call_with_hundreds_of_large_arrays_arrives()
    {
        await using PythonPool pool = Create(1, new() { KillGrace = Short });
        double[] array = Doubles(8200);   // large is 64 KiB, and the 278th message for each piece would not fit into the socket
        List<double[]> arrays = [.. Enumerable.Repeat(array, 400)];
        for (int round = 0; round < 2; round++)   // the second one in the memory of the first
            Assert.Equal(400, await pool.CallAsync<int>("len", (object)arrays).WaitAsync(Deadline));
        List<double[]> back = await pool.CallAsync<List<double[]>>("kmtests:same", (object)arrays.GetRange(0, 100)).WaitAsync(Deadline);
        Assert.Equal(100, back.Count);
        Assert.All(back, b => AssertNumbers(array, b));
    }

    [Fact]
    [Repeated]
    public async Task Calls_with_arrays_cancelled_at_any_moment_harm_no_later_one()
    {
        PythonPool pool = await shared.GetAsync(this);
        var random = new Random(1);
        for (int i = 0; i < Repetitions.Of(quick: 25, atLength: 400); i++)
        {
            using var cancel = new CancellationTokenSource();
            Task call = pool.CallAsync<double[]>("kmtests:filled", PythonArguments.Of(Large + i, 1.0), null, cancel.Token);
            int turns = random.Next(300);
            for (int turn = 0; turn < turns && !call.IsCompleted; turn++)
                Thread.SpinWait(300);
            await cancel.CancelAsync();
            try
            {
                await call.WaitAsync(Deadline);
            }
            catch (OperationCanceledException)
            {
                // As asked.
            }
            AssertNumbers(Filled(Large, (double)i), await pool.CallAsync<double[]>("kmtests:filled", Large, (double)i).WaitAsync(Deadline));
            AssertNumbers(Doubles(Large, i), await pool.CallAsync<double[]>("kmtests:same", Doubles(Large, i)).WaitAsync(Deadline));
        }
        Assert.Equal(0, pool.Statistics.Replaced);
    }

    [Needs("numpy")]
    [Fact]
    public async Task A_memoryview_comes_where_it_is_asked_for()
    {
        await using PythonPool pool = Create(1, new() { Arrays = PythonArrays.MemoryView });
        Assert.Equal("builtins.memoryview", await pool.CallAsync<string>("kmtests:kind_of", Doubles(3)));
        Assert.Equal("builtins.memoryview", await pool.CallAsync<string>("kmtests:kind_of", Doubles(Large)));
        AssertNumbers(Doubles(Large), await pool.CallAsync<double[]>("kmtests:same", Doubles(Large)));
        Assert.Empty(await pool.CallAsync<double[]>("kmtests:same", Doubles(0)));
    }

    [Needs("numpy")]
    [Fact]
    public async Task A_numpy_array_comes_where_there_is_numpy_and_all_its_shapes_come_back()
    {
        await using PythonPool pool = Create();
        await pool.ExecAsync("try:\n  import numpy\nexcept ImportError:\n  numpy = None");
        Assert.SkipUnless(await pool.EvalAsync<bool>("numpy is not None"), $"numpy is not installed for {Interpreter}.");
        Assert.Equal("numpy.ndarray", await pool.CallAsync<string>("kmtests:kind_of", Doubles(Large)));
        double[] array = Doubles(Large);
        AssertNumbers([.. array.Select(static d => d * 2)], await pool.CallAsync<double[]>("kmtests:numpy_double", array));
        AssertNumbers(array, await pool.CallAsync<double[]>("kmtests:same", array));
        AssertNumbers(array[100..^100], await pool.CallAsync<double[]>("kmtests:numpy_slice", array));
        AssertNumbers([.. array.Where(static d => d % 2 == 0)], await pool.CallAsync<double[]>("kmtests:numpy_strided", array));
        AssertNumbers([.. array.Reverse()], await pool.CallAsync<double[]>("kmtests:numpy_backwards", array));
        double[,] matrix = await pool.CallAsync<double[,]>("kmtests:numpy_matrix", 100, 200);
        Assert.Equal((100, 200, 19_999.0), (matrix.GetLength(0), matrix.GetLength(1), matrix[99, 199]));
        Assert.Equal(matrix, await pool.CallAsync<double[,]>("kmtests:same", matrix));
    }
}
